"""Servers for the scenarios: one with the demo book that is only read, one a module that may be changed at will."""

import os

import pytest

from demo_book import DemoBook
from program import BINARY, Program
from world import PREFIXES, World


def pytest_configure():
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is not there: build it, or name another with FENZHANG", returncode=3)


def pytest_collection_modifyitems(items):
    if os.environ.get("FENZHANG_SLOW") != "1":
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="waits long; FENZHANG_SLOW=1 runs it"))


@pytest.fixture
def program(tmp_path_factory):
    """A factory: program("--workers", "1", demo=True, limits="real") is a started server of this test's own."""
    started = []

    def start(*options, **settings):
        started.append(Program(tmp_path_factory.mktemp("program"), *options, **settings).start())
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def make_server(program):
    """The same factory under the name that says what comes out: make_server("--demo")."""
    return program


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """This module's own server: demo book, seeded, no limits."""
    running = Program(tmp_path_factory.mktemp("server"), demo=True).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def module_world(server):
    return World(server)


@pytest.fixture
def world(module_world):
    """The module's server at the start of a scenario: a forenoon, its clock standing still."""
    module_world.start_of_scenario()
    return module_world


@pytest.fixture(params=["institution", "direct"])
def mode(request):
    return request.param


@pytest.fixture
def party(world, mode):
    """An institution with a sub-merchant, then a direct merchant: the test runs in both modes."""
    return world.party(mode)


@pytest.fixture
def institution(world):
    return world.party("institution")


@pytest.fixture
def direct(world):
    return world.party("direct")


@pytest.fixture(params=PREFIXES)
def prefix(request):
    return request.param


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The demo book, for reading only. Its clock stands still."""
    running = Program(tmp_path_factory.mktemp("demo"), demo=True).start()
    book = DemoBook(running)
    book.control.set_clock(freeze=True)
    yield book
    running.stop()
