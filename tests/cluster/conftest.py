"""Faults of what lies around the program: run by tests/cluster/with. Uses the client of tests/api."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))

from program import BINARY  # noqa: E402


def pytest_configure():
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is not there: build it, or name another with FENZHANG", returncode=3)
    if "CLUSTER_PLACE" not in os.environ:
        pytest.exit("run this by tests/cluster/with", returncode=3)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.failed and "shared" in item.funcargs:
        item.funcargs["shared"].harmed = True


@pytest.fixture(scope="module")
def place(request):
    """A directory of this module's, which others may look into."""
    directory = pathlib.Path(os.environ["CLUSTER_PLACE"]) / request.module.__name__
    directory.mkdir()
    yield directory
    if "CLUSTER_LOGS" in os.environ:  # a folder that outlives the run
        for log in [*directory.rglob("*.log"), *directory.rglob("log")]:
            kept = pathlib.Path(os.environ["CLUSTER_LOGS"]) / log.relative_to(directory.parent)
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(log.read_bytes())

