"""Programs that are killed, starved and lied to. Uses the client of tests/api."""
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))

from program import BINARY, Program  # noqa: E402
from world import World  # noqa: E402

DISK = BINARY.parents[2] / "tests/faults/disk.so"


class Faulty(Program):
    """A program on a disk that can be watched and made to fail (disk.c)."""

    def start(self):
        self.trace = self.directory / "trace"
        self.full = self.directory / "full"
        self.broken = self.directory / "broken"
        self.hung = self.directory / "hung"
        preload = {"LD_PRELOAD": str(DISK), "FZ_DISK_TRACE": str(self.trace), "FZ_DISK_FULL": str(self.full),
                   "FZ_DISK_BROKEN": str(self.broken),
                   "FZ_DISK_HUNG": str(self.hung)}
        os.environ.update(preload)
        try:
            return super().start()
        finally:
            for name in preload:
                del os.environ[name]


@pytest.fixture
def program(tmp_path_factory):
    """A factory of servers of this test's own; what is still running at its end is stopped and looked at."""
    started = []

    def start(*options, directory=None, **settings):
        started.append(Program(directory or tmp_path_factory.mktemp("program"), *options, **settings).start())
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def faulty(tmp_path_factory):
    if not DISK.exists():
        pytest.skip("this build has no disk.so")
    started = []

    def start(*options, **settings):
        started.append(Faulty(tmp_path_factory.mktemp("faulty"), *options, **settings).start())
        return started[-1]

    yield start
    for one in started:
        for flag in (one.full, one.broken, one.hung):
            flag.unlink(missing_ok=True)
        one.stop()


@pytest.fixture
def world_of():
    return World
