"""One seed and one row of requests give one book, whichever engine keeps it: every row, every bill, every callback."""

import contextlib
import json
import sqlite3
import subprocess
from datetime import timedelta

import pytest

import bills
from answers import ok, refused
from demo_book import DemoBook
from program import Program
from world import BALANCE_ARRIVAL, FUNDS, ORDER

# What no seed promises: keys and what is sealed or signed with them; and what each engine keeps for itself.
DRAWN = {
    "book": {"name", "secret_check"},
    "merchant": {"apiv3_key"},
    "merchant_key": {"serial_no", "certificate", "public_key", "private_key"},
    "platform_key": {"serial_no", "certificate", "private_key"},
    "clock": {"wire_ms"},
    "receiver": {"name"},
    "event": {"id"},  # of those that are still to come; numbers of those that went are given again where there is one writer
}
OWN = {"commit_number", "numbering", "schema_version", "notification_attempt"}


def plain(table, row):
    """A row as text, whoever kept it."""
    values = {name: rf"\x{value.hex()}" if isinstance(value, bytes) else value for name, value in row.items()}
    return json.dumps({name: values[name] for name in sorted(values) if name not in DRAWN.get(table, ())})


def rows_in_file(program):
    with contextlib.closing(sqlite3.connect(f"file:{program.data}/book.db?mode=ro", uri=True)) as book:
        book.row_factory = sqlite3.Row
        tables = [name for (name,) in book.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {t: sorted(plain(t, dict(row)) for row in book.execute(f"SELECT * FROM {t}")) for t in tables if t not in OWN}


def rows_in_database(program):
    def ask(sql):
        return subprocess.run(["psql", "-Atqc", sql, program.database], capture_output=True, text=True, check=True).stdout.splitlines()

    # A pool is one row where there is one writer, and several where there are many.
    whole = {"pool": "(SELECT sponsor, kind, day, 0 AS slot, sum(balance) AS balance, max(converted_ms) AS converted_ms FROM pool GROUP BY 1, 2, 3)"}
    tables = ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {t: sorted(plain(t, json.loads(row)) for row in ask(f"SELECT row_to_json(t) FROM {whole.get(t, t)} t")) for t in tables if t not in OWN}


def live_through(book):
    """Three days of both modes, with what is refused among it."""
    book.start_of_scenario()
    told = []
    for _ in range(2):
        day = book.today()
        for party in (book.institution, book.direct):
            order = book.paid(party, 10000)
            number = book.send_outbound(order, 4000)
            told.append(ok(book.query_distribution(order, number)))
            told.append(refused(book.refund(order, 10001, book.number("R")), 400).json)
            told.append(book.refunded(order, 4500, sources=[(ORDER, 3500), (FUNDS, 1000)]))
            again = book.refund(order, 4500, told[-1]["out_refund_no"], sources=[(ORDER, 3500), (FUNDS, 1000)])
            assert ok(again)["id"] == told[-1]["id"]
            told.append(refused(book.distribution(order, [book.slice(party.sponsor, 9999)], book.number("D")), 403).json)
            book.unfreeze(book.paid(party, 700))
            book.refunded(book.paid(party, 500, marked=False), 200)
        book.forward(BALANCE_ARRIVAL + timedelta(hours=1))
        book.to_next_morning()
        for party in (book.institution, book.direct):
            for bill in (book.refund_bill(party, day), book.distribution_bill(party, day)):
                told.append(bills.download(book.client, party.caller, bill).decode())
    book.control.audit()  # raises unless the book is sound
    return told


PLAINLY = ["--store-unpipelined", "--store-unprepared", "--store-connections", "3"]  # for a pooler in between


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What was told, and all rows: of a file, of a database, and of one that is asked one statement after another."""
    found = []
    for options, rows in ((["--store", None], rows_in_file), ([], rows_in_database), (PLAINLY, rows_in_database)):
        place = tmp_path_factory.mktemp("book")
        options = [option or f"sqlite:{place}/data/book.db" for option in options]
        program = Program(place, *options, demo=True, seed=11).start()
        try:
            told = live_through(DemoBook(program))
            found.append((told, rows(program)))
        finally:
            program.stop()
    return found


def test_the_same_is_told(found):
    (by_file, _), (by_database, _), (plainly, _) = found
    assert len(by_file) > 20 and by_file == by_database == plainly


def test_the_same_rows_are_kept(found):
    (_, file), *databases = found
    assert sum(map(len, file.values())) > 300
    for _, database in databases:
        assert set(file) == set(database)
        for table in file:
            assert file[table] == database[table], table
