"""A read that waits for the database keeps no worker: others are answered meanwhile."""

import contextlib
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from answers import ok
from client import PATIENCE
from demo_book import DemoBook
from program import Program


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("reads"), "--workers", "1", demo=True).start()
    yield DemoBook(program)
    program.stop()


@contextlib.contextmanager
def locked(database, table):
    """Somebody else has the table for himself."""
    holder = subprocess.Popen(["psql", "-Atq", database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    holder.stdin.write(f"BEGIN;\nLOCK TABLE {table} IN ACCESS EXCLUSIVE MODE;\nSELECT 'locked';\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == "locked\n"
    try:
        yield
    finally:
        holder.communicate("COMMIT;\n", timeout=10 * PATIENCE)


def test_who_waits_for_a_table_holds_up_nobody_else(book):
    book.start_of_scenario()
    order = book.paid(book.direct, 1000)
    refund = book.refunded(order, 100)
    with ThreadPoolExecutor(3) as pool:
        with locked(book.program.database, "refund"):
            waiting = [pool.submit(DemoBook(book.program).refund_by_id, book.direct, refund["id"]) for _ in range(3)]
            for _ in range(5):
                ok(book.balance(book.direct))  # on the only worker
            assert not any(one.done() for one in waiting)
        for one in waiting:
            assert ok(one.result(timeout=10 * PATIENCE))["id"] == refund["id"]
