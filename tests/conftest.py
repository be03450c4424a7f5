"""Beside a PostgreSQL (tests/postgres/with): all tests whose book can be there, but for those that are about SQLite's own files."""

import os
import signal

# A shell that runs the tests in the background may have both ignored, and so would all that they start and end as a terminal does.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

SERVERS = {"server", "program", "make_server", "servers", "faulty", "demo", "mapped"}  # fixtures that start Program, or one of its kind


SCENARIOS = {"api", "cli", "doctor", "faults"}


def is_told_to_postgres(item):
    """A scenario that starts no server by Program is the same there."""
    has_book = item.path.parent.name not in SCENARIOS or "Program" in vars(item.module) or not SERVERS.isdisjoint(item.fixturenames)
    return has_book and not item.get_closest_marker("sqlite")


def pytest_collection_modifyitems(config, items):
    if "FENZHANG_POSTGRES" in os.environ:
        config.hook.pytest_deselected(items=[item for item in items if not is_told_to_postgres(item)])
        items[:] = [item for item in items if is_told_to_postgres(item)]
