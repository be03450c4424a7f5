"""The program is upgraded one process at a time: the newer one brings the schema along while the others serve, and old and new go on side by side
as long as the new schema lets them."""

import subprocess
import threading
import time

import pytest

from answers import ok
from callbacks import until
from client import PATIENCE
from control import Control
from demo_book import DemoBook
from program import BINARY
from sharing import Sharer, asked, empty_database

NEXT = BINARY.parents[2] / "tests" / "postgres" / "fenzhang-next"  # built with one migration more

THREE = range(3)


def one_lacking(address):
    """Whether the migration that only the next program has is still to come."""
    return asked(address, "SELECT to_regclass('to_come') IS NULL") == ["t"]


class Refunds:
    """One small refund after another, each asked of another process; a process that does not answer is passed over. What was acknowledged is
    remembered."""

    EACH = 40  # of an order, which may have 50

    def __init__(self, processes):
        self.processes = processes
        self.book = DemoBook(processes[0])
        self.orders = [self.book.paid(self.book.institution, 5000, marked=False) for _ in range(10)]  # more than are needed on a busy machine
        self.known, self.over = {}, False
        self.thread = threading.Thread(target=self.run)

    def ask(self, process, order, number):
        try:
            answer = DemoBook(process).refund(order, 100, number)
        except OSError:  # it is being exchanged
            return
        if answer.status == 200:
            self.known[number] = answer.json["id"]

    def run(self):
        for number in range(self.EACH * len(self.orders)):
            if self.over:
                return
            process = self.processes[number % len(self.processes)]
            if process.process is not None:
                self.ask(process, self.orders[number // self.EACH], f"U{number:04}")
            time.sleep(0.2 * PATIENCE / 8)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()


@pytest.fixture
def three(tmp_path):
    address = empty_database(tmp_path)
    processes = [Sharer(tmp_path, number, address, demo=True, seed=None) for number in THREE]
    for process in processes:
        process.start()
    book = DemoBook(processes[0])
    book.start_of_scenario()  # a midnight would take away what is refunded
    book.control.set_clock(freeze=False)
    yield address, processes
    for process in processes:
        process.stop()


def exchange(process, binary):
    process.stop()
    process.run_by(binary)
    process.start()


def test_one_after_another_while_the_others_serve(three, tmp_path):
    address, processes = three
    with Refunds(processes) as refunds:
        until(lambda: len(refunds.known) > 3)
        exchange(processes[0], NEXT)
        assert not one_lacking(address)
        assert "brought from number" in processes[0].log_text()
        then = len(refunds.known)
        until(lambda: len(refunds.known) > then + 6)  # two thirds of them by old programs on the new schema
        for process in processes:
            assert Control(process.control).get("/health")["status"] == "ok"
        # A start of the older program is taken as well: a machine that comes back, or the way back.
        exchange(processes[1], BINARY)
        assert "goes on beside it" in processes[1].log_text()
        exchange(processes[1], NEXT)
        exchange(processes[2], NEXT)
    assert len(refunds.known) > 10
    for process in processes:
        book = DemoBook(process)
        for number, known in refunds.known.items():
            assert ok(book.refund_by_number(book.institution, number))["id"] == known
    kept = asked(address, "SELECT out_refund_no, to_come FROM refund WHERE out_refund_no LIKE 'U%' ORDER BY 1")
    assert [row for row in kept if row.split("|")[0] in refunds.known] == [f"{number}|nothing" for number in sorted(refunds.known)]
    for program in (BINARY, NEXT):
        done = subprocess.run([program, "audit", "--store", address], capture_output=True, text=True)
        assert done.returncode == 0 and "The book is sound." in done.stdout, done.stderr


def test_what_an_older_program_cannot_live_with_ends_it(three, tmp_path):
    """A migration that asks for its own version: no process of an older one reads or writes from its commit on, and says why."""
    address, processes = three
    asked(address, "BEGIN; LOCK TABLE clock IN ACCESS EXCLUSIVE MODE; UPDATE schema_version SET version = version + 1, needed = version + 1; COMMIT")
    before = asked(address, "SELECT count(*) FROM refund")
    for process in processes:
        until(lambda: Control(process.control).raw("GET", "/health").status_code == 503)
        health = Control(process.control).raw("GET", "/health")
        assert "Start the newer version in its place." in health.text
        until(lambda: "reads and writes nothing any more" in process.log_text())
        book = DemoBook(process)
        assert book.refund_by_number(book.institution, "U0001").status == 500
    assert asked(address, "SELECT count(*) FROM refund") == before
    refused = subprocess.run([BINARY, "audit", "--store", address], capture_output=True, text=True)
    assert refused.returncode == 2 and "comes from a newer version of this program" in refused.stderr
    processes[0].stop()
    again = subprocess.run([*processes[0].arguments], capture_output=True, text=True, timeout=20 * PATIENCE)
    assert again.returncode == 2 and "Start the newer version." in again.stderr


def test_an_audit_by_a_newer_program_changes_nothing(three):
    address, _ = three
    done = subprocess.run([NEXT, "audit", "--store", address], capture_output=True, text=True)
    assert done.returncode == 2 and "Use the version that serves the book, or start a server of this one first." in done.stderr
    assert one_lacking(address)


def test_a_user_without_the_right_to_change_tables_serves(three, tmp_path):
    address, _ = three
    asked(address, "CREATE ROLE plain LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO plain")
    process = Sharer(tmp_path, "plain", address.replace("fenzhang@", "plain@"), demo=True, seed=None)
    process.start()
    book = DemoBook(process)
    book.refunded(book.paid(book.institution, 300, marked=False), 100)
    process.stop()


def test_a_long_read_holds_up_the_upgrade_and_nobody_else(three, tmp_path):
    """Who migrates waits for reads under way a second at a time, so that no queue forms behind it for longer."""
    address, processes = three
    reader = subprocess.Popen(["psql", "-Atq", address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    reader.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT count(*) FROM clock;\n")
    reader.stdin.flush()
    assert reader.stdout.readline() == "1\n"
    processes[0].stop()
    processes[0].run_by(NEXT)
    starting = threading.Thread(target=processes[0].start)
    starting.start()
    book, slowest = DemoBook(processes[1]), 0.0
    for _ in range(12):
        began = time.monotonic()
        book.paid(book.institution, 100)
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.1)
    assert one_lacking(address) and starting.is_alive()
    assert slowest < 1.0 + PATIENCE  # and none was refused, as after ten seconds it would be
    reader.communicate("COMMIT;\n", timeout=20 * PATIENCE)
    starting.join(20 * PATIENCE)
    assert not one_lacking(address)
