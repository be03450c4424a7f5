"""A process that stands still in the middle of a write: its locks go after half a minute, and an audit waits for no longer than that."""

import contextlib
import datetime
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest

from answers import ok
from callbacks import until
from client import PATIENCE
from demo_book import DemoBook
from program import BINARY
from sharing import Several, asked

IDLE = 30  # seconds that PostgreSQL lets it
DAYS = 0x66656E7A00000000  # the number of a day's lock, but for the day

# Within a refund; what the other process does every other second is not.
AT_IT = "SELECT DISTINCT l.pid FROM pg_locks l WHERE l.relation = 'refund'::regclass AND l.pid <> pg_backend_pid()"
# Who waits for somebody's row.
WAITING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND {} = ANY (pg_blocking_pids(pid))"


@pytest.fixture
def books(tmp_path):
    several = Several(tmp_path, 2, demo=True).start()
    books = [DemoBook(program) for program in several.programs]
    books[0].start_of_scenario()
    books[0].control.set_clock(freeze=False)
    yield several.database, *books
    several.stop()


def audited(database):
    begin = time.monotonic()
    done = subprocess.run([BINARY, "audit", "--store", database], capture_output=True, text=True, check=False)
    return done, time.monotonic() - begin


def halt_within_a_refund(database, book, order, number, pool):
    """Its next statement gets its answer, and nobody is there to read it."""
    with psycopg2.connect(database) as holder:
        holder.cursor().execute("SELECT 1 FROM payment WHERE transaction_id = %s FOR UPDATE", (order.transaction_id,))
        answer = pool.submit(book.refund, order, 100, number)
        until(lambda: asked(database, WAITING.format(holder.info.backend_pid)))
        book.program.process.send_signal(signal.SIGSTOP)
    return answer


def test_the_locks_of_a_process_that_stands_still_go_and_an_audit_beside_it_ends(books):
    database, halted, other = books
    number = halted.number("R")
    order, another = (halted.paid(halted.direct, 1000) for _ in range(2))
    with ThreadPoolExecutor(2) as pool:
        begin = time.monotonic()
        answer = halt_within_a_refund(database, halted, order, number, pool)
        try:
            until(lambda: len(asked(database, AT_IT)) == 1)
            [held] = asked(database, AT_IT)
            audit = pool.submit(audited, database)
            time.sleep(1)
            ok(other.refund(another, 100, halted.number("R")))  # nobody waits for who waits
            assert time.monotonic() - begin < IDLE and not audit.done()
            done, seconds = audit.result()
            assert done.returncode == 0 and "The book is sound." in done.stdout, done
            assert seconds < IDLE + 5 * PATIENCE
            assert held not in asked(database, AT_IT)
            ok(other.refund(order, 200, halted.number("R")))
        finally:
            halted.program.process.send_signal(signal.SIGCONT)
        assert answer.result().status == 503  # its time was over
    ok(halted.refund(order, 100, number))
    assert other.refundable(order)[0] == 700
    other.control.audit()


def test_an_audit_says_for_whom_it_waits_and_what_can_be_done(books):
    database, book, other = books
    order = book.paid(book.direct, 1000)
    with contextlib.closing(psycopg2.connect(database, application_name="forgotten")) as holder:
        cursor = holder.cursor()
        day = (book.today() - datetime.date(1970, 1, 1)).days
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s), pg_backend_pid()", (DAYS + day,))
        pid = cursor.fetchone()[1]
        done, seconds = audited(database)
        assert done.returncode == 2 and f"PostgreSQL's process {pid}, of forgotten at the database's own machine (idle in transaction, waits for" in done.stderr
        assert "does not add up" not in done.stdout + done.stderr and seconds < IDLE + 15 * PATIENCE
        ok(other.refund(order, 100, other.number("R")))
        asked(database, done.stderr.partition(" write by ")[2].partition(", then")[0])
        book.control.audit()
