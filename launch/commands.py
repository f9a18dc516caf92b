"""The commands behind the Makefile, and the one place where trouble becomes a sentence."""

import os
import sys
from collections.abc import Callable

from launch import common, environment
from launch.common import LaunchError


def run() -> int:
    environment.ensure("run")
    from launch import site

    return site.run()


def test() -> int:
    environment.ensure("dev")
    from launch import checks

    return checks.run(checks.Tier.TEST)


def quick() -> int:
    environment.ensure("dev")
    from launch import checks

    return checks.run(checks.Tier.QUICK)


def deep() -> int:
    environment.ensure("dev")
    from launch import checks

    return checks.run(checks.Tier.DEEP)


def bench() -> int:
    environment.ensure("dev")
    common.say()
    os.execv(sys.executable, [sys.executable, "-m", "benchmarks", *os.environ.get("ARGS", "").split()])


def lock() -> int:
    environment.ensure("dev")
    environment.lock()
    return 0


def messages() -> int:
    environment.ensure("dev")
    from launch import messages as catalogues

    catalogues.update()
    return 0


def clean_data() -> int:
    environment.enter()
    from launch import site

    return site.clean_data()


COMMANDS: dict[str, Callable[[], int]] = {
    "run": run,
    "test": test,
    "quick": quick,
    "deep": deep,
    "bench": bench,
    "lock": lock,
    "messages": messages,
    "clean-data": clean_data,
}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"Choose one of: {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    os.chdir(common.ROOT)
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    try:
        return COMMANDS[arguments[0]]()
    except LaunchError as error:
        return common.fail(error)
    except KeyboardInterrupt:
        common.say("\nInterrupted.")
        return 130
    except OSError as error:
        if common.is_disk_full(error):
            return common.fail(LaunchError("The disk is full."))
        raise
