"""Backup and restore of a book in PostgreSQL, by the commands of docs/operations.md: a base backup and the WAL behind it, and from them the book
as it was at a moment between two refunds."""

import os
import shutil

import pytest

from answers import ok, refused
from demo_book import DemoBook
from pages import ROOT, Shell, blocks, section
from program import BINARY, Program
from server import USER, Server, own_directory, own_place, programs, unprivileged
from test_same_book import rows_in_database

TEXT = section((ROOT / "docs" / "operations.md").read_text("utf-8"), "## Backup and restore")
((_, SETTINGS),) = blocks(TEXT, "ini")
BACKUP, DRILL = (content for _, content in blocks(TEXT, "sh"))

pytestmark = pytest.mark.skipif(not (programs() / "pg_basebackup").exists(), reason="this PostgreSQL came without pg_basebackup, which is of one version with the server")


class Machine:
    """Directories in place of the page's, a PostgreSQL that archives as the page says, and the shell of its user."""

    def __init__(self):
        self.root = own_place()
        self.names = {"/var/backups/fenzhang": f"{self.root}/backups", "/var/tmp": f"{self.root}/tmp"}
        for name in ("primary", "backups", "backups/wal", "tmp"):
            own_directory(self.root / name)
        self.server = Server(self.root / "primary").make()
        with open(self.server.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write(self.here(SETTINGS))
        self.server.start()
        environment = {"PATH": f"{programs()}:{os.environ['PATH']}", "PGHOST": str(self.server.place), "PGUSER": USER}
        self.shell = Shell(self.root, {**os.environ, **environment}, unprivileged(["sh", "-eu"]))

    def here(self, text):
        for name, ours in self.names.items():
            text = text.replace(name, ours)
        return text.replace("fenzhang audit", f"{BINARY} audit")

    def paste(self, block):
        return self.shell.paste(self.here(block))

    def close(self):
        self.shell.close()
        self.server.stop("immediate")
        shutil.rmtree(self.root)


@pytest.fixture
def machine():
    made = Machine()
    yield made
    made.close()


class Served(Program):
    """A process on the book `fenzhang` of that server."""

    def __init__(self, directory, server, secret, **options):
        super().__init__(directory, "--store", server.address("fenzhang"), "--secret-file", str(secret), **options)
        self.book_address = server.address("fenzhang")

    @property
    def database(self):
        return self.book_address


def rows_of(program):
    return {table: list(rows) for table, rows in rows_in_database(program.database)}


def test_the_book_of_a_moment_between_two_refunds(machine, tmp_path):
    machine.server.ask("CREATE DATABASE fenzhang")
    secret = tmp_path / "secret"
    secret.write_text("5" * 64)
    secret.chmod(0o600)
    program = Served(tmp_path, machine.server, secret, demo=True, seed=11).start()
    book = DemoBook(program)
    book.start_of_scenario()
    before = book.refunded(book.paid(book.institution, 10000, marked=False), 4000)

    # The last line of the block names the moment.
    lines = BACKUP.splitlines()
    machine.paste("\n".join(lines[:-1]))
    order = book.paid(book.institution, 10000, marked=False)
    first = book.refunded(order, 1111)
    then = rows_of(program)
    machine.paste(lines[-1])
    second = book.refunded(order, 2222)
    program.stop()
    assert then != rows_of(program)
    machine.server.ask("SELECT pg_switch_wal()")
    machine.server.stop()  # which archives all that there is
    machine.shell.paste(f"mv '{machine.server.data}' '{machine.root}/lost'")

    start, _, end = DRILL.partition("fenzhang audit")
    machine.paste(start)
    drilled = Server(machine.root / "primary", port=5433)
    drilled.data = machine.root / "tmp" / "fenzhang-drill"
    assert "The book is sound." in machine.paste("fenzhang audit" + end.splitlines()[0])
    address = f"{drilled.address('fenzhang')}&port=5433"
    program.book_address = address
    assert rows_of(program) == then

    program.arguments[program.arguments.index("--store") + 1] = address
    program.start()
    book = DemoBook(program)
    for told in (before, first):
        assert ok(book.refund_by_number(book.institution, told["out_refund_no"]))["id"] == told["id"]
    refused(book.refund_by_number(book.institution, second["out_refund_no"]), 404)
    assert ok(book.refund(order, 2222, second["out_refund_no"]))["amount"]["refund"] == 2222  # done now, as something new
    book.control.audit()
    program.stop()
    machine.paste("\n".join(end.splitlines()[1:]))
    assert list((machine.root / "tmp").iterdir()) == []
