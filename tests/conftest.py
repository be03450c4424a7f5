"""Beside a PostgreSQL (tests/postgres/with) all tests but those that are about SQLite's own files."""

import os


def pytest_collection_modifyitems(config, items):
    if "FENZHANG_POSTGRES" not in os.environ:
        return
    left_out = [item for item in items if item.get_closest_marker("sqlite")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not item.get_closest_marker("sqlite")]
