# Two commands: `make run` brings the site up, `make test` proves it. Options: PORT=8001, ARGS="-k invoice", PYTHON=python3.12
PYTHON ?= python3
export PORT ARGS

.PHONY: run test quick deep bench lock clean-data clean

run:  ## the site with its demo plan, until Ctrl-C
	@$(PYTHON) -m launch run

test:  ## everything: lint, types, contracts, tests, journeys in a browser
	@$(PYTHON) -m launch test

quick:  ## static checks, the house tests, and the tests of what changed
	@$(PYTHON) -m launch quick

deep:  ## everything, nothing taken on trust: before work is called done
	@$(PYTHON) -m launch deep

bench:  ## the figures of benchmarks/README.md
	@$(PYTHON) -m launch bench

lock:  ## requirements/*.txt anew from pyproject.toml
	@$(PYTHON) -m launch lock

clean-data:  ## forget the demo's data, keys and logs
	@$(PYTHON) -m launch clean-data

clean: clean-data  ## also what was installed and built
	@rm -rf .venv static/vendor var
