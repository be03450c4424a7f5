"""What is done with files alone is refused of a book in PostgreSQL, and says what to do there instead."""

import subprocess

import pytest

from client import PATIENCE
from control import ControlError
from demo_book import DemoBook
from program import BINARY, Program


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    running = Program(tmp_path_factory.mktemp("book"), demo=True).start()
    yield DemoBook(running)
    running.stop()


def refused(*arguments):
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=30 * PATIENCE, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (2, ""), done
    return done.stderr


def test_there_are_no_snapshots(book):
    with pytest.raises(ControlError, match="^409 There are no snapshots of a book in PostgreSQL. Keep a copy with pg_dump"):
        book.control.post("/snapshots", {"name": "one"})
    with pytest.raises(ControlError, match="^409 There are no snapshots"):
        book.control.post("/snapshots/one/restore")
    assert book.control.get("/snapshots") == {"snapshots": []}


def test_a_fork_is_made_in_a_file(book, tmp_path):
    said = refused("serve", "--from", book.program.data, "--data", tmp_path / "data", "--listen", "0", "--control", "0",
                   "--store", book.program.database)
    assert "--from makes a book in SQLite" in said


def test_a_backup_is_the_database_s_own(book, tmp_path):
    said = refused("backup", *book.program.book, "--to", tmp_path / "backup")
    assert "--store names a database" in said and "docs/operations.md" in said and not (tmp_path / "backup").exists()
