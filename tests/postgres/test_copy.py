"""fenzhang copy: from SQLite to PostgreSQL, back, and within both; cut off at any moment; and what it refuses."""
import contextlib
import hashlib
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from callbacks import until
from client import PATIENCE
from command import run, start
from control import Control
from demo_book import DemoBook
from program import POSTGRES, Program
from terminal import on_terminal
from test_operations_page import Place
from world import BALANCE_ARRIVAL, FUNDS, ORDER

MARKS = 45000  # rows more, of a table that nothing depends on: several pieces
ENGINES_OWN = {"numbering", "schema_version"}


def database(name):
    """A new one, empty."""
    subprocess.run(["dropdb", "--if-exists", "--force", f"--maintenance-db={POSTGRES}&dbname=postgres", name], check=True, capture_output=True)
    subprocess.run(["createdb", f"--maintenance-db={POSTGRES}&dbname=postgres", name], check=True)
    return f"{POSTGRES}&dbname={name}"


@pytest.fixture
def empty(request):
    return database("copy_" + hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:20])


def psql(address, sql):
    return subprocess.run(["psql", "-Atqc", sql, address], capture_output=True, text=True, check=True).stdout.splitlines()


def file_of(data):
    return data / "book.db" if data.is_dir() else data


def change(data, *statements):
    with contextlib.closing(sqlite3.connect(file_of(data))) as book:
        for sql in statements:
            book.execute(sql)
        book.commit()


def rows_of_file(data):
    """{table: its rows, as sorted text}: every table that the file has, every column."""
    with contextlib.closing(sqlite3.connect(f"file:{file_of(data)}?mode=ro", uri=True)) as book:
        book.row_factory, book.text_factory = sqlite3.Row, lambda text: text.decode(errors="surrogateescape")
        tables = [name for (name,) in book.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        return {table: sorted(repr(sorted(dict(row).items())) for row in book.execute(f"SELECT * FROM {table}")) for table in tables}


def rows_of_database(address):
    def value(kind, text):
        return None if text == "~" else int(text) if kind == "bigint" else bytes.fromhex(text[2:]) if kind == "bytea" else text

    found = {}
    for table in psql(address, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        columns = [line.split("|") for line in psql(address, f"SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position")]
        out = subprocess.run(["psql", "-AtqzF", "\x1f", "-0P", "null=~", "-c", f"SELECT * FROM {table}", address], capture_output=True, check=True).stdout
        rows = [row.split("\x1f") for row in out.decode().split("\0") if row]
        found[table] = sorted(repr(sorted((name, value(kind, text)) for (name, kind), text in zip(columns, row))) for row in rows)
    return {table: rows for table, rows in found.items() if table not in ENGINES_OWN}


def live_through(book):
    """Two days of both modes."""
    book.start_of_scenario()
    for _ in range(2):
        for party in (book.institution, book.direct):
            order = book.paid(party, 10000)
            book.send_outbound(order, 4000)
            book.refunded(order, 4500, sources=[(ORDER, 3500), (FUNDS, 1000)])
            book.unfreeze(book.paid(party, 700))
            book.refunded(book.paid(party, 500, marked=False), 200)
        book.forward(BALANCE_ARRIVAL + timedelta(hours=1))
        book.to_next_morning()


def many(first, last):
    return (f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})"
            " INSERT INTO mark (caller, sub_mchid, out_trade_no, currency, created_ms)"
            " SELECT '1900000100', '', 'many 中 ' || i, 'CNY', 1767333600000 + i FROM n")


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A book in a file after three days of both modes, at rest; with many marks. Only to be read."""
    place = tmp_path_factory.mktemp("lived")
    program = Program(place, "--store", f"sqlite:{place}/data/book.db", demo=True, seed=11).start()
    live_through(DemoBook(program))
    program.stop()
    change(program.data, many(1, MARKS))
    return program.data


@pytest.fixture
def book(lived, tmp_path):
    """The same, for this test alone."""
    shutil.copytree(lived, tmp_path / "data")
    return tmp_path / "data"


def copy(source, target, **more):
    return run("copy", "--from", source, "--to", target, **more)


def done(one):
    assert (one.returncode, one.stderr) == (0, ""), one
    return one.stdout


def refused(one, *said, status=2):
    assert one.returncode == status and one.stderr.startswith("fenzhang: ") and one.stderr.count("\n") == 1, one
    for words in said:
        assert words in one.stderr, one.stderr
    return True


def sqlite(path):
    return f"sqlite:{path}"


# ---- the whole book ----


def test_there_and_back_again_each_row_is_the_same(lived, empty, tmp_path):
    said = done(copy(sqlite(lived), empty))
    there = rows_of_file(lived)
    assert sum(map(len, there.values())) > MARKS + 300 and len([table for table in there if there[table]]) > 15
    assert rows_of_database(empty) == there
    assert f"{sum(map(len, there.values()))} rows" in said and f"--secret-file {lived}/secret.key" in said
    before, after = re.findall(r"^audit of the (?:book|copy): (sound, .*)$", said, re.M)
    assert before == after
    done(copy(empty, sqlite(tmp_path / "back")))
    assert rows_of_file(tmp_path / "back") == there
    assert done(run("audit", "--data", tmp_path / "back")).endswith("The book is sound.\n")
    assert done(run("audit", "--store", empty)).endswith("The book is sound.\n")


def test_indices_and_references_are_those_of_a_book_that_was_born_there(lived, empty, tmp_path):
    listed = ("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
              "SELECT conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace")
    born = Program(tmp_path).start()
    born.stop()
    done(copy(sqlite(lived), empty))
    for sql in listed:
        assert sorted(psql(empty, sql)) == sorted(psql(born.database, sql)) != []


def test_from_database_to_database_and_from_file_to_file(lived, empty, tmp_path):
    done(copy(sqlite(lived), sqlite(tmp_path / "file.db")))
    done(copy(sqlite(tmp_path / "file.db"), empty))
    other = database(empty.rpartition("=")[2] + "_other")
    done(copy(empty, other))
    assert rows_of_file(tmp_path / "file.db") == rows_of_database(empty) == rows_of_database(other) == rows_of_file(lived)


def test_what_happens_next_is_the_same_on_both(book, tmp_path):
    """Numbers go on where they were, and what is drawn follows them; keys open by the secret that was put beside."""
    told = []
    there = Program(tmp_path / "there", seed=None)
    there.data.mkdir(parents=True)
    shutil.copy(book / "secret.key", there.data)
    address = there.database
    database(address.rpartition("=")[2])
    done(copy(sqlite(book), address))
    here = Program(tmp_path, "--store", f"sqlite:{book}/book.db", seed=None)
    assert here.data == book
    for program in (here, there):
        program.start()
        control = Control(program.control)
        made = [control.make_payment(mchid="1900000100", sub_mchid="1900000109", amount=100 + i)["transaction_id"] for i in range(3)]
        told.append((made, control.get("/clock")["now"][:10] if hasattr(control, "get") else None))
        control.audit()
        program.stop()
    assert told[0] == told[1]


# ---- cut off ----

SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'fenzhang%'"


def kill(process, address):
    """And waits until its sessions have ended, too: before, another is told that the book is in use, or is being copied."""
    process.kill()
    _, err = process.communicate()
    until(lambda: psql(address, SESSIONS) == ["0"], 30)
    return err


@pytest.mark.parametrize("way", ["there", "back"])
def test_a_copy_that_is_killed_anywhere_goes_on_and_ends_with_the_same_book(lived, empty, tmp_path, way):
    source, target = sqlite(lived), empty
    if way == "back":
        done(copy(sqlite(lived), empty))
        source, target = empty, sqlite(tmp_path / "back")
    began = time.monotonic()
    done(copy(source, database("copy_timed") if way == "there" else sqlite(tmp_path / "timed")))
    whole_s = time.monotonic() - began
    luck = random.Random(13)
    half_made(source, target, (lambda: marks_in(target)) if way == "there" else (lambda: marks_in_file(tmp_path / "back" / "book.db")), empty)
    for _ in range(12):  # where the machine is less busy by now, the first of them is behind the end
        process = start("copy", "--from", source, "--to", target)
        time.sleep(luck.uniform(0, whole_s))
        err = kill(process, empty)
        if process.returncode == 0 or "is not empty" in err or "holds a book already" in err:  # the last kill came behind the end
            break
        assert process.returncode == -signal.SIGKILL, err
    else:
        done(copy(source, target))
    assert (rows_of_database(target) if way == "there" else rows_of_file(tmp_path / "back")) == rows_of_file(lived)


def test_of_a_copy_that_is_killed_no_session_is_left_to_make_an_index(lived, empty):
    """Each takes ten minutes here."""
    psql(empty, "CREATE FUNCTION pause() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); END $$;"
                " CREATE EVENT TRIGGER pause ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION pause()")
    process = start("copy", "--from", sqlite(lived), "--to", empty)
    until(lambda: psql(empty, SESSIONS + " AND wait_event = 'PgSleep'") == ["1"], 60)
    kill(process, empty)


TRIES = 5  # on a busy machine a copy may be done before it is seen that it is under way: then once more, to an empty place


def emptied(target):
    shutil.rmtree(target.removeprefix("sqlite:")) if target.startswith("sqlite:") else database(target.rpartition("=")[2])


def half_made(source, target, there, address):
    """Ends a copy, by force, as soon as some of the many rows are `there`."""
    for _ in range(TRIES):
        process = start("copy", "--from", source, "--to", target)
        ends = time.monotonic() + 30 * PATIENCE
        while process.poll() is None and time.monotonic() < ends:
            with contextlib.suppress(subprocess.CalledProcessError, sqlite3.Error):
                if there() > 0:
                    break
        err = kill(process, address)
        if process.returncode != 0:
            break
        emptied(target)
    assert process.returncode == -signal.SIGKILL and 0 < there(), err


def marks_in(address):
    return int(psql(address, "SELECT count(*) FROM mark WHERE sub_mchid = ''")[0])


def has_marks(address):
    return psql(address, "SELECT to_regclass('mark')")[0] and marks_in(address)


def marks_in_file(path):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as book:
        return book.execute("SELECT count(*) FROM mark WHERE sub_mchid = ''").fetchone()[0]


def test_a_half_made_copy_is_served_and_audited_by_nobody_and_taken_for_no_other(lived, book, empty, tmp_path):
    half_made(sqlite(lived), empty, lambda: marks_in(empty), empty)
    half_made(sqlite(lived), sqlite(tmp_path / "half"), lambda: marks_in_file(tmp_path / "half" / "book.db"), empty)
    free = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]
    for place in (["--store", empty, "--data", tmp_path / "x"], ["--data", tmp_path / "half"], ["--store", f"sqlite:{tmp_path}/half/book.db", "--data", tmp_path / "x"]):
        assert refused(run("serve", *free, *place), "not finished", "fenzhang copy")
    assert refused(run("audit", "--store", empty), "not finished")
    assert refused(run("audit", "--data", tmp_path / "half"), "not finished")
    assert refused(run("backup", "--data", tmp_path / "half", "--to", tmp_path / "b"), "not finished")
    assert refused(copy(empty, sqlite(tmp_path / "c")), "is itself a copy that is not finished")
    assert refused(copy(sqlite(tmp_path / "half"), sqlite(tmp_path / "c")), "not finished")
    change(book, "UPDATE book SET name = 'another', created_ms = created_ms + 1")
    assert refused(copy(sqlite(book), empty), "half made, of another book")
    assert refused(copy(sqlite(book), sqlite(tmp_path / "half")), "half made, of another book")
    done(copy(sqlite(lived), empty))
    done(copy(sqlite(lived), sqlite(tmp_path / "half")))
    assert rows_of_database(empty) == rows_of_file(tmp_path / "half") == rows_of_file(lived)


@pytest.mark.parametrize("changed", [
    ("UPDATE mark SET currency = 'HKD' WHERE out_trade_no = 'many 中 7'",),
    ("DELETE FROM mark WHERE out_trade_no LIKE 'many 中 1%'",),
    ("INSERT INTO mark VALUES ('1', '2', '3', 'CNY', 4)", "UPDATE appid SET appid = appid || '9'"),
], ids=["changed", "gone", "come"])
def test_a_book_that_went_on_between_two_runs_is_copied_as_it_is_now(book, empty, tmp_path, changed):
    half_made(sqlite(book), empty, lambda: marks_in(empty), empty)
    change(book, *changed)
    done(copy(sqlite(book), empty))
    assert rows_of_database(empty) == rows_of_file(book)


# ---- books in use ----


class LateEnds:
    """A way to the server on which whoever leaves, or dies, is there for a second more, as where the server has much to do."""

    def __init__(self, directory):
        self.there = POSTGRES.partition("host=")[2] + "/.s.PGSQL.5432"
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(directory / ".s.PGSQL.5432"))
        self.socket.listen(100)
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self):
        with contextlib.suppress(OSError):
            while True:
                come, _ = self.socket.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.there)
                for a, b in ((come, server), (server, come)):
                    threading.Thread(target=self._pass_on, args=(a, b, a is come), daemon=True).start()

    def _pass_on(self, a, b, late):
        with contextlib.suppress(OSError):
            while (said := a.recv(65536)) and not said.endswith(b"X\0\0\0\4"):  # Terminate
                b.sendall(said)
        time.sleep(late)
        with contextlib.suppress(OSError):
            b.shutdown(socket.SHUT_RDWR if late else socket.SHUT_WR)

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


@pytest.fixture
def late(empty):
    """The same database, by that way."""
    with tempfile.TemporaryDirectory(dir="/tmp") as directory, contextlib.closing(LateEnds(Path(directory))):
        yield f"postgresql://fenzhang@/{empty.partition('dbname=')[2]}?host={directory}"


def test_it_does_not_stand_in_its_own_way_where_sessions_end_late(lived, empty, late):
    """It looks at the book, audits it and copies it, each in a session of its own."""
    done(copy(sqlite(lived), empty))
    done(copy(late, database("copy_late")))


@pytest.mark.parametrize("again", ["copied", "served"])
def test_nor_does_one_that_was_killed_a_moment_ago(lived, empty, late, tmp_path, again):
    done(copy(sqlite(lived), empty))
    for _ in range(TRIES):
        other = database("copy_killed")
        process = start("copy", "--from", late, "--to", other)
        until(lambda: has_marks(other), 60)
        process.kill()
        process.communicate()
        if process.returncode != 0:
            break
    assert process.returncode == -signal.SIGKILL
    if again == "copied":
        done(copy(empty, other))
        assert rows_of_database(other) == rows_of_file(lived)
    else:
        shutil.copy(lived / "secret.key", tmp_path)
        Program(tmp_path, "--store", empty, "--secret-file", str(tmp_path / "secret.key"), seed=None).start().stop()


def test_a_book_that_a_server_has_is_not_copied_and_none_is_copied_to_it(lived, empty, tmp_path):
    for name in ("shared", "file"):
        (tmp_path / name).mkdir()
    shared = Program(tmp_path / "shared", demo=True).start()
    file = Program(tmp_path / "file", "--store", f"sqlite:{tmp_path}/file/data/book.db", demo=True).start()
    try:
        assert refused(copy(sqlite(file.data), empty), "is held by another server")
        assert refused(copy(shared.database, sqlite(tmp_path / "x")), "in use", "sessions of fenzhang")
        assert refused(copy(sqlite(lived), shared.database), "is not empty")
        assert refused(copy(sqlite(lived), sqlite(file.data)), "held by another server")
        assert not (tmp_path / "x" / "book.db").exists()
    finally:
        shared.stop()
        file.stop()
    done(copy(shared.database, sqlite(tmp_path / "x")))


def test_while_a_book_is_copied_no_server_takes_it(lived, empty, tmp_path):
    done(copy(sqlite(lived), empty))
    for _ in range(TRIES):
        other = database(empty.rpartition("=")[2] + "_other")
        process = start("copy", "--from", empty, "--to", other)
        until(lambda: process.poll() is not None or has_marks(other), 60)
        process.send_signal(signal.SIGSTOP)
        if process.poll() is None:
            break
    assert process.poll() is None, process.communicate()
    try:
        free = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--data", tmp_path / "x"]
        assert refused(run("serve", *free, "--store", empty), "is being copied")
        assert refused(run("audit", "--store", empty), "is being copied")
        assert refused(run("serve", *free, "--store", other), "not finished")
        assert refused(copy(empty, sqlite(tmp_path / "y")), "another `fenzhang copy'")
        process.send_signal(signal.SIGCONT)
        out, err = process.communicate(timeout=60 * PATIENCE)
        assert (process.returncode, err) == (0, ""), out
    finally:
        process.kill()
    assert rows_of_database(other) == rows_of_file(lived)


# ---- what it refuses besides ----


def test_a_place_that_is_not_empty(lived, empty, tmp_path):
    done(copy(sqlite(lived), sqlite(tmp_path / "there")))
    done(copy(sqlite(lived), empty))
    assert refused(copy(sqlite(lived), sqlite(tmp_path / "there")), "holds a book already")
    assert refused(copy(sqlite(lived), empty), "is not empty")
    assert refused(copy(empty, empty), "is not empty")
    foreign = database(empty.rpartition("=")[2] + "_foreign")
    psql(foreign, "CREATE TABLE theirs (id BIGINT PRIMARY KEY, what TEXT)")
    assert refused(copy(sqlite(lived), foreign), "theirs")
    assert psql(foreign, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == ["theirs"]


def test_a_table_that_only_one_side_has_is_told_and_not_forgotten(book, empty):
    change(book, "CREATE TABLE zones (id INTEGER PRIMARY KEY, said TEXT) STRICT")
    assert refused(copy(sqlite(book), empty), "are not the same", "zones")
    change(book, "DROP TABLE zones", "ALTER TABLE appid ADD COLUMN more TEXT")
    assert refused(copy(sqlite(book), empty), "are not the same", "appid")


def test_a_schema_of_another_version(book, empty, tmp_path):
    for number, advice in ((-1, "Upgrade it first"), (1, "by the newer version")):
        shutil.copytree(book, tmp_path / f"v{number}")
        with contextlib.closing(sqlite3.connect(tmp_path / f"v{number}" / "book.db")) as file:
            file.execute(f"PRAGMA user_version = {file.execute('PRAGMA user_version').fetchone()[0] + number}")
        assert refused(copy(sqlite(tmp_path / f"v{number}"), empty), "another version's", advice)
    done(copy(sqlite(book), empty))
    for number, advice in ((-1, "Upgrade it first"), (2, "by the newer version")):
        psql(empty, f"UPDATE schema_version SET version = version + {number}")
        assert refused(copy(empty, sqlite(tmp_path / "x")), "another version's", advice)


@pytest.mark.parametrize("text,said", [("'a' || char(0) || 'b'", "has a byte 0"), ("CAST(x'61ff' AS TEXT)", "is no UTF-8"), ("CAST(x'eda080' AS TEXT)", "is no UTF-8")],
                         ids=["zero", "byte", "surrogate"])
def test_a_text_that_postgresql_does_not_keep_is_told_by_its_row(book, empty, tmp_path, text, said):
    change(book, f"UPDATE payment SET attach = {text} WHERE id = 2")
    assert refused(copy(sqlite(book), empty), "table payment, row id 2", "column attach", said)
    done(copy(sqlite(book), sqlite(tmp_path / "file")))
    assert rows_of_file(tmp_path / "file") == rows_of_file(book)
    change(book, "UPDATE payment SET attach = NULL WHERE id = 2")
    done(copy(sqlite(book), empty))
    assert rows_of_database(empty) == rows_of_file(book)


def test_a_row_that_refers_to_nothing_is_found_at_the_end(book, empty, tmp_path):
    change(book, "INSERT INTO appid VALUES ('9999999999', 'wx1')")  # foreign keys are off here
    assert refused(copy(sqlite(book), empty), "appid")
    assert refused(copy(sqlite(book), sqlite(tmp_path / "x")), "a row of appid refers to one of merchant")


def test_a_secret_that_does_not_open_the_keys(lived, empty, tmp_path):
    (tmp_path / "other.key").write_text("0" * 64)
    (tmp_path / "other.key").chmod(0o600)
    one = run("copy", "--from", sqlite(lived), "--to", empty, "--secret-file", tmp_path / "other.key")
    assert refused(one, "do not open with this secret")


def test_a_password_is_not_printed(lived, empty):
    said = done(copy(sqlite(lived), empty.replace("fenzhang@", "fenzhang:geheim@")))
    assert "geheim" not in said and "--store 'postgresql://fenzhang@" in said


def test_on_a_terminal_it_shows_how_far_it_is_and_elsewhere_it_writes_lines(book, empty):
    rows, shown = MARKS, None
    while not shown and rows < 100 * MARKS:  # what is done within a second is not shown: the faster the machine, the more
        change(book, many(rows + 1, 2 * rows))
        rows *= 2
        status, said = on_terminal("copy", "--from", sqlite(book), "--to", database(empty.rpartition("=")[2]), columns=150)
        assert status == 0, said[-3000:]
        shown = re.search(r"\x1b\[Kcopying mark, \d+ of \d+ rows, \d+/s, \d+ s left \[#", said)
    assert shown, said[-3000:]
    other = done(copy(sqlite(book), database(empty.rpartition("=")[2] + "_other")))
    with contextlib.closing(sqlite3.connect(file_of(book))) as file:
        (all_rows,) = file.execute("SELECT COUNT(*) FROM mark").fetchone()
    assert "\x1b" not in other and re.search(rf"^mark +{all_rows} rows$", other, re.M) and re.search("^comparing$", other, re.M), other


def test_the_commands_of_the_page(lived, tmp_path):
    """docs/operations.md, Moving a book."""
    shutil.copytree(lived, tmp_path / "data")
    place = Place(tmp_path)
    try:
        there, back = place.paste("## Moving a book")
    finally:
        place.close()
    assert there.endswith("The book is sound.\n") and back.endswith("The book is sound.\n")
    assert rows_of_file(tmp_path / "back") == rows_of_file(lived)
