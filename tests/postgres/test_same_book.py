"""One seed and one row of requests give one book, whichever engine keeps it: every row, every bill, every callback."""

import collections
import contextlib
import hashlib
import itertools
import json
import sqlite3
import subprocess

import pytest
from psycopg2 import connect
from psycopg2.extras import RealDictCursor

from callbacks import Receiver
from program import POSTGRES, Program
from story import Story

# What no seed promises, column by column.
NOT_PROMISED = {
    "book": {"name": "drawn for each book by itself, seeded or not: files beside it are named by it",
             "secret_check": "derived from the server's own secret"},
    "merchant": {"apiv3_key": "sealed under the server's own secret, with a nonce"},
    "merchant_key": {"serial_no": "of a key pair made by the machine's randomness", "certificate": "of that", "public_key": "of that",
                     "private_key": "of that, and sealed"},
    "platform_key": {"serial_no": "of a key pair made by the machine's randomness", "certificate": "of that", "private_key": "of that, and sealed"},
    "clock": {"wire_ms": "the machine's clock"},
    "receiver": {"name": "sealed by its sender, with randomness",
                 "id": "the number of one that was deleted is given again where there is one writer"},
    "event": {"id": "the number of one that happened is given again where there is one writer"},
    "notification_attempt": {"wire_ms": "the machine's clock", "duration_ms": "the machine's clock", "headers": "a signature, its nonce and time",
                             "body": "sealed with a nonce; the shop opens it", "answer_headers": "the shop's own clock"},
}
PLAINLY = ["--store-unpipelined", "--store-unprepared", "--store-connections", "3"]  # for a pooler in between
# What each engine keeps for itself.
OWN = {
    "commit_number": "SQLite: which commit the book's file has to have at least",
    "numbering": "PostgreSQL: row numbers that were given out in blocks",
    "schema_version": "PostgreSQL: SQLite has it in the file's head",
}


def as_text(table, row):
    values = {name: rf"\x{bytes(value).hex()}" if isinstance(value, (bytes, memoryview)) else value for name, value in row.items()}
    return json.dumps({name: values[name] for name in sorted(values) if name not in NOT_PROMISED.get(table, ())}, ensure_ascii=False)


def added_up(pools):
    """A pool's money lies in slots where many write, and in one where one does."""
    whole = {}
    for row in pools:
        one = whole.setdefault((row["sponsor"], row["kind"], row["day"]), {**row, "slot": 0, "balance": 0})
        one["balance"] += row["balance"]
    return whole.values()


def in_order(table, rows, key):
    """In that of the primary key; without it, in that of what is left of the rows."""
    rows = added_up(rows) if table == "pool" else rows
    if set(key) & set(NOT_PROMISED.get(table, ())):
        return sorted(as_text(table, row) for row in rows)
    return [as_text(table, row) for row in sorted(rows, key=lambda row: [row[name] for name in key])]


def rows_in_file(program):
    with contextlib.closing(sqlite3.connect(f"file:{program.data}/book.db?mode=ro", uri=True)) as book:
        book.row_factory = sqlite3.Row
        tables = [name for (name,) in book.execute("SELECT name FROM sqlite_schema WHERE type = 'table'") if name not in OWN]
        for table in tables:
            key = [row["name"] for row in sorted(book.execute(f"PRAGMA table_info({table})"), key=lambda row: row["pk"]) if row["pk"]]
            yield table, in_order(table, [dict(row) for row in book.execute(f"SELECT * FROM {table}")], key)


KEY = """SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
    WHERE indrelid = %s::regclass AND indisprimary ORDER BY array_position(indkey::int2[], attnum)"""


def rows_in_database(address):
    with contextlib.closing(connect(address)) as book, book.cursor(cursor_factory=RealDictCursor) as cursor:

        def ask(sql, *values):
            cursor.execute(sql, values or None)
            return [dict(row) for row in cursor.fetchall()]

        for table in (row["tablename"] for row in ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")):
            if table not in OWN:
                yield table, in_order(table, ask(f"SELECT * FROM {table}"), [row["attname"] for row in ask(KEY, table)])


def live(program, shop, rows):
    """All that can be seen of a story: (what of it, line) in an order that does not depend on who tells it."""
    story = Story(program, shop)
    lines = []

    def look(when):
        lines.extend((f"{when}: {table}", row) for table, kept in sorted(rows()) for row in kept)

    story.days_of_everything()
    story.a_year_of_drawn_operations()
    lines.extend(("callbacks", callback) for callback in story.callbacks())
    look("rows")
    story.a_reset_and_another_day()
    look("rows after the reset")
    lines.extend(("answers", said) for said in story.client.remembered)
    lines.extend(("audits", said) for said in story.audits)
    return lines


def hash_of(lines):
    return hashlib.sha256("".join(f"{what}\t{line}\n" for what, line in lines).encode()).hexdigest()


@pytest.fixture(scope="module")
def shop():
    receiver = Receiver()
    yield receiver
    receiver.close()


def served(place, shop, address=None, *options):
    """A book in a file or, with an address, in a database."""
    program = Program(place, "--store", address or f"sqlite:{place}/data/book.db", *options, demo=True, seed=11).start()
    try:
        return live(program, shop, lambda: rows_in_database(address) if address else rows_in_file(program))
    finally:
        program.stop()


@pytest.fixture(scope="module")
def of_sqlite(tmp_path_factory, shop):
    return served(tmp_path_factory.mktemp("sqlite"), shop)


def database(server, name):
    subprocess.run(["createdb", f"--maintenance-db={server}&dbname=postgres", name], check=True)
    return f"{server}&dbname={name}"


def difference(one, other):
    """What of two lines is not the same: of JSON its members."""
    try:
        ours, theirs = json.loads(one), json.loads(other)
        return ", ".join(f"{name} {ours.get(name)!r} {theirs.get(name)!r}" for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    except (ValueError, AttributeError):
        return f"{one}\n    {other}"


def by_kind(lines):
    kinds = collections.defaultdict(list)
    for what, line in lines:
        kinds[what].append(line)
    return kinds


def assert_same(ours, theirs):
    """The hash says it; where it is not the same, the first line of each kind is shown."""
    if hash_of(ours) == hash_of(theirs):
        return
    told, left, right = [], by_kind(ours), by_kind(theirs)
    for what in sorted(left.keys() | right.keys()):
        different = [pair for pair in itertools.zip_longest(left[what], right[what], fillvalue="") if pair[0] != pair[1]]
        if different:
            told.append(f"{what}: {len(different)} of {len(left[what])} and {len(right[what])}: {difference(*different[0])}\n  in {different[0][0]}")
    raise AssertionError("\n".join(told))


def test_the_story_is_long(of_sqlite):
    """Every table has rows in it, and something of everything was seen."""
    seen = {what for what, _ in of_sqlite}
    assert {"answers", "audits", "callbacks"} <= seen
    tables = {what.removeprefix("rows: ") for what in seen if what.startswith("rows: ")}
    assert {"payment", "refund", "distribution", "slice", "receiver", "upload", "recharge", "payout", "settlement_day", "receipts", "pool",
            "payment_code", "mark", "notification", "notification_attempt", "event", "entry", "posting"} <= tables
    assert len(of_sqlite) > 5_000


def test_the_same_book_in_this_postgresql(of_sqlite, shop, tmp_path):
    assert_same(of_sqlite, served(tmp_path, shop, database(POSTGRES, "same_book")))


def test_the_same_book_one_statement_after_another(of_sqlite, shop, tmp_path):
    assert_same(of_sqlite, served(tmp_path, shop, database(POSTGRES, "same_book_plainly"), *PLAINLY))


def test_the_same_book_in_a_newer_postgresql(of_sqlite, shop, tmp_path, newer_server):
    assert_same(of_sqlite, served(tmp_path, shop, database(newer_server, "same_book")))
