"""A book of an older version: what upgrade --check says of it, the copy that is kept, backups across versions."""
import re
import shutil
import sqlite3

import pytest

from command import run
from control import Control
from program import REPOSITORY, Program

pytestmark = pytest.mark.sqlite("what becomes of the book's file when its tables change")

LATEST = "times"  # what older() takes back


def database(path, *statements):
    with sqlite3.connect(path) as opened:
        found = [opened.execute(statement).fetchall() for statement in statements]
    opened.close()
    return found


def dump(path):
    with sqlite3.connect(path) as opened:
        found = list(opened.iterdump())
    opened.close()
    return found


def version_of(path):
    return database(path, "PRAGMA user_version")[0][0][0]


@pytest.fixture(scope="module")
def present(tmp_path_factory):
    """A book of this version, at rest, with a payment in it."""
    program = Program(tmp_path_factory.mktemp("present")).start()
    control = Control(program.control)
    control.post("/merchants", {"mchid": "1900000777", "kind": "direct", "contract_date": "2025-01-01"})
    control.make_payment(mchid="1900000777", amount=100)
    program.stop()
    return program.data


@pytest.fixture
def older(present, tmp_path):
    """As the version before left it."""
    names = re.search(r"fz_migrations\[\] = \{(.*?)\}", (REPOSITORY / "src/store/schema.c").read_text("utf-8"), re.S)[1].replace("\n", " ").split(",")
    assert names[-1].strip() == LATEST, "there is a later migration: teach older() to take that back"
    shutil.copytree(present, tmp_path / "data")
    book = tmp_path / "data" / "book.db"
    assert version_of(book) == len(names)
    database(book, "DROP INDEX entry_time", "DROP INDEX notification_time", f"PRAGMA user_version={len(names) - 1}")
    for name in ("book.db-wal", "book.db-shm"):
        (tmp_path / "data" / name).unlink(missing_ok=True)
    return tmp_path / "data"


def check(data):
    done = run("upgrade", "--check", "--data", data)
    return done.returncode, done.stdout, done.stderr


def contents(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}


def server_on(data, tmp_path):
    program = Program(tmp_path)
    assert program.data == data
    return program


def test_a_book_of_this_version_stays_as_it_is(present):
    before = contents(present)
    status, said, _ = check(present)
    assert status == 0 and f"schema {version_of(present / 'book.db')}\n" in said and "upgrade  none" in said
    assert contents(present) == before


def test_an_older_one_is_told_and_not_touched(older):
    before, schema = contents(older), version_of(older / "book.db")
    status, said, complaint = check(older)
    assert (status, complaint) == (1, "")
    assert f"upgrade  1 migration at the first start, number {schema + 1} to {schema + 1}," in said
    assert f"is kept in {older}/book.db-schema-{schema};" in said and "an older program refuses the book afterwards" in said
    assert re.search(r"^space    \d+ MiB while it runs, \d+ MiB of them for the copy; \d+ MiB are free$", said, re.M)
    assert contents(older) == before


def test_the_first_start_keeps_it_as_it_was(older, tmp_path):
    schema = version_of(older / "book.db")
    before = dump(older / "book.db")
    program = server_on(older, tmp_path).start()
    try:
        kept = older / f"book.db-schema-{schema}"
        assert f"are brought from number {schema} to {schema + 1}; as it was, it is kept in {kept}" in program.log_text()
        assert dump(kept) == before and kept.stat().st_mode & 0o777 == 0o600
        assert check(older)[0] == 0 and "The book is sound." in run("audit", "--data", older).stdout
    finally:
        program.stop()
    assert [name for name in contents(older) if "schema" in name] == [kept.name]


def test_the_way_back(older, tmp_path):
    """What the older program needs is the copy in the place of the book, without the count that belongs to the newer one."""
    schema = version_of(older / "book.db")
    server_on(older, tmp_path).start().stop()
    (older / f"book.db-schema-{schema}").rename(older / "book.db")
    (older / "book.db-acknowledged").unlink()
    assert check(older)[0] == 1
    server_on(older, tmp_path).start().stop()


def test_the_latest_two_copies_are_kept(older, tmp_path):
    schema = version_of(older / "book.db")
    for number in (schema - 1, schema - 3, schema - 4):
        (older / f"book.db-schema-{number}").write_text("older")
    server_on(older, tmp_path).start().stop()
    assert sorted(name for name in contents(older) if "schema" in name) == sorted(f"book.db-schema-{number}" for number in (schema, schema - 1))


def test_without_a_copy_nothing_is_upgraded(older, tmp_path):
    """And what a killed start left half of one is no hindrance."""
    schema = version_of(older / "book.db")
    part = older / f"book.db-schema-{schema}.part"
    part.mkdir()
    done = run("serve", "--data", older, "--listen", "0", "--control", "0")
    assert done.returncode == 2 and "The book was not upgraded, because no copy of it could be kept" in done.stderr
    assert version_of(older / "book.db") == schema
    part.rmdir()
    part.write_text("half")
    server_on(older, tmp_path).start().stop()
    assert not part.exists() and version_of(older / f"book.db-schema-{schema}") == schema


def test_a_newer_one_is_told(older):
    database(older / "book.db", "PRAGMA user_version=9999")
    status, said, _ = check(older)
    assert status == 2 and "schema 9999" in said and "upgrade  impossible: the book comes from a newer version" in said


def test_what_is_no_book(tmp_path):
    assert check(tmp_path)[0] == 2 and "There is no book" in check(tmp_path)[2]
    (tmp_path / "book.db").write_bytes(b"x" * 5000)
    assert check(tmp_path)[0] == 2 and "is not a book" in check(tmp_path)[2]
    assert run("upgrade", "--data", tmp_path).returncode == 2


def test_a_backup_keeps_its_version_and_is_upgraded_when_it_is_put_back(older, tmp_path):
    schema = version_of(older / "book.db")
    made = run("backup", "--data", older, "--to", tmp_path / "b", "--with-secret")
    assert made.returncode == 0 and "sound: 1 payments" in made.stdout, made
    assert version_of(tmp_path / "b") == version_of(older / "book.db") == schema
    before = (tmp_path / "b").read_bytes()
    assert "The book is sound." in run("audit", "--backup", tmp_path / "b").stdout and (tmp_path / "b").read_bytes() == before
    assert run("restore", "--from", tmp_path / "b", "--data", tmp_path / "again").returncode == 0
    assert version_of(tmp_path / "again" / "book.db") == schema + 1 and sorted(contents(tmp_path / "again")) == ["book.db", "secret.key"]
