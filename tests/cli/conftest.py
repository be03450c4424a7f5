"""Commands as a person types them. Uses the servers of tests/api."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))

from program import Program  # noqa: E402


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """This module's own server: demo book, seeded, no limits."""
    running = Program(tmp_path_factory.mktemp("server"), demo=True).start()
    yield running
    running.stop()
