"""The helpers of tests/api, for tests of the book on PostgreSQL: run beside a server by tests/postgres/with."""

import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "api"))
sys.path.insert(0, str(HERE.parent / "clients"))
sys.path.append(str(HERE.parent / "cli"))


def pytest_configure():
    if "FENZHANG_POSTGRES" not in os.environ:
        pytest.exit("there is no PostgreSQL: run this by tests/postgres/with", returncode=3)


@pytest.fixture(scope="session")
def newer_server():
    """The address of a server of the version that fetch_newer names; skipped, or failed, where it cannot be had."""
    from fetch import not_to_be_had

    fetched = subprocess.run([HERE / "fetch_newer"], capture_output=True, text=True, timeout=900)
    if fetched.returncode != 0:
        not_to_be_had(fetched.stderr.strip())
    environment = {**os.environ, "POSTGRES_BIN": fetched.stdout.strip()}
    command = [HERE / "with", "sh", "-c", 'echo "$FENZHANG_POSTGRES"; cat']  # until its input ends
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as server:
        yield server.stdout.readline().strip()
        server.stdin.close()
