"""`make run` from start to stop, and the parts of it that must hold when something goes wrong."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from launch import children, site, steps, testbed
from launch.common import ROOT, LaunchError
from tests.plugin import DEEP

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def var(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("PLAN_VAR_DIR", str(tmp_path))
    (tmp_path / "logs").mkdir()
    return tmp_path


def child(name: str, kind: str, var: Path, *, essential: bool = False) -> site.Child:
    return site.Child(name, kind, lambda: children.spawn(SLEEPER, var / "logs" / f"{name}.log"), essential=essential)


def wait_until(condition, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_taken_port_is_named(monkeypatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(LaunchError, match=f"Port {port} is taken"):
            site.find_port()


def test_everything_stops_in_the_opposite_order_of_its_start(var, capsys) -> None:
    supervisor = site.Supervisor()
    for name, kind in (("postgresql", "database"), ("valkey", "broker"), ("web", "web"), ("beat", "beat")):
        supervisor.add(child(name, kind, var))
    supervisor.stop()
    said = re.findall(r"Stopping (\w+)", capsys.readouterr().out)
    assert said == ["beat", "web", "valkey", "postgresql"]
    assert all(running.process is not None and running.process.poll() is not None for running in supervisor.children)


def test_a_killed_worker_is_started_again_and_a_lost_database_ends_the_site(var, capsys) -> None:
    supervisor = site.Supervisor()
    worker, database = child("worker-bulk", "worker", var), child("postgresql", "database", var, essential=True)
    supervisor.add(database)
    supervisor.add(worker)
    assert worker.process is not None
    assert database.process is not None
    killed = worker.process
    killed.kill()
    wait_until(lambda: killed.poll() is not None)
    supervisor.look()
    assert worker.process is not killed
    assert worker.process.poll() is None
    assert "worker-bulk ended (exit code -9); starting it again" in capsys.readouterr().out
    database.process.kill()
    wait_until(lambda: database.process is not None and database.process.poll() is not None)
    with pytest.raises(LaunchError, match="postgresql ended by itself"):
        supervisor.look()
    supervisor.stop()


def test_children_end_with_a_launcher_that_was_killed(var) -> None:
    script = (
        "import sys, time; from pathlib import Path; from launch import children;"
        f"print(children.spawn({SLEEPER!r}, Path({str(var / 'logs' / 'c.log')!r})).pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout
        process_id = int(launcher.stdout.readline())
        assert running(process_id)
        launcher.kill()
    wait_until(lambda: not running(process_id))


def running(process_id: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.journey
def test_make_run_starts_answers_stops_in_order_and_starts_again_in_seconds(tmp_path, free_port) -> None:
    unwanted = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "PLAN_SITE_URL"}
    environ = {name: value for name, value in os.environ.items() if name not in unwanted}
    environ |= {"PLAN_VAR_DIR": str(tmp_path / "var"), "PORT": str(free_port)}
    steps_said: list[set[str]] = []
    for _ in range(2 if DEEP else 1):
        log = (tmp_path / "run.log").open("w+")
        launcher = subprocess.Popen(
            [sys.executable, "-m", "launch", "run"],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        said = Path(log.name)
        try:
            wait_until(
                lambda said=said, launcher=launcher: "Ctrl-C" in said.read_text() or launcher.poll() is not None, 300
            )
            assert launcher.poll() is None, said.read_text()
            assert f"http://localhost:{free_port}" in said.read_text()
            with urllib.request.urlopen(f"http://localhost:{free_port}/", timeout=30) as answer:
                assert answer.status == 200
            assert owned_by(tmp_path)
        finally:
            os.killpg(launcher.pid, signal.SIGINT)  # Ctrl-C reaches the whole group
            launcher.wait(120)
            log.close()
        text = said.read_text()
        assert launcher.returncode == 0, text
        order = re.findall(r"Stopping ([\w-]+)", text)
        assert order == ["beat", "web", "worker-bulk", "worker-quick", "valkey", "postgresql"]
        assert owned_by(tmp_path) == []
        steps_said.append({title for title in steps.MANAGE_STEPS.values() if f"{title} ..." in text})
    # the second start finds everything done
    assert steps_said == [set(steps.MANAGE_STEPS.values()), set()][: len(steps_said)]


def owned_by(folder: Path) -> list[str]:
    """Command lines of living processes that name the folder or have it in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environ = (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if command and (str(folder).encode() + b"/var") in environ + command:
            found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


def test_the_test_servers_are_not_those_of_make_run() -> None:
    assert testbed.cluster().home.is_relative_to(testbed.FOLDER)
    assert testbed.FOLDER != ROOT / "var"
