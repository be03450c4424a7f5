"""Ten processes that begin at the same moment on one database: one makes the book, or brings it to the new schema, and all serve it."""

import pytest

from control import Control
from sharing import Several, Sharer, asked
from test_upgrade_one_by_one import NEXT, one_lacking


@pytest.mark.parametrize("options", [{"demo": True, "seed": 7}, {"seed": None}], ids=["a world", "empty"])
def test_ten_at_once_make_one_book(tmp_path, options):
    several = Several(tmp_path, 10, **options).start()
    address, started = several.database, several.programs
    try:
        assert asked(address, "SELECT count(*) FROM book") == ["1"]
        assert asked(address, "SELECT count(*) FROM platform_key WHERE kind = 1") == ["1"]
        books = [Control(process.control).audit() for process in started]
        assert all(book == books[0] for book in books)
        if options.get("demo"):
            assert all(process.demo["TRANSACTION_ID"] == started[0].demo["TRANSACTION_ID"] for process in started)
            assert books[0]["payments"] > 5
    finally:
        several.stop()


def test_ten_at_once_upgrade_once(tmp_path):
    several = Several(tmp_path, 10, binary=NEXT)
    address, started = several.database, several.programs
    Sharer(tmp_path, "older", address, demo=True).start().stop()
    assert one_lacking(address)
    several.start()
    try:
        assert not one_lacking(address)
        noted = [process.log_text().count("The book's tables were brought from number ") for process in started]
        assert sorted(noted) == [0] * 9 + [1]
        assert Control(started[0].control).audit()["payments"] > 5
    finally:
        several.stop()
