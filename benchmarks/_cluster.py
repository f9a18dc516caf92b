"""A database cluster of a benchmark's own."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from launch import children, common, postgres

FOLDER = common.var_dir() / "bench"


def cluster(*, waits: bool = True) -> postgres.Cluster:
    """`waits`: for the disk at each commit, as a plan's would."""
    return postgres.Cluster(FOLDER / "pg", FOLDER / "postgresql.log", testing=not waits)


@contextmanager
def started(*, waits: bool = True) -> Iterator[postgres.Cluster]:
    """The cluster, fresh and running; everything is gone afterwards."""
    common.unlink_all([FOLDER] if FOLDER.exists() else [])
    served = cluster(waits=waits)
    server = served.start()
    try:
        yield served
    finally:
        children.stop(server, signal.SIGINT)
        shutil.rmtree(served.sockets, ignore_errors=True)
        common.unlink_all([FOLDER])
