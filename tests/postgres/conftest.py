"""The helpers of tests/api, for tests of the book on PostgreSQL: run beside a server by tests/postgres/with."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "api"))


def pytest_configure():
    if "FENZHANG_POSTGRES" not in os.environ:
        pytest.exit("there is no PostgreSQL: run this by tests/postgres/with", returncode=3)
