"""The database goes away and comes back: what waits is answered in time, nothing is done later, and all goes on by itself."""

import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from answers import ok
from away import Server
from client import PATIENCE
from control import ControlError
from demo_book import DemoBook
from program import Program

WAIT = 10  # seconds, of a write or a read


@pytest.fixture(scope="module")
def server():
    running = Server()
    yield running
    running.remove()


@pytest.fixture(scope="module")
def book(server, tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("away"), "--store", server.book, "--store-connections", "4", demo=True).start()
    book = DemoBook(program)
    book.start_of_scenario()
    yield book
    if not server.is_running():  # a test failed
        (server.place / ".s.PGSQL.5432").unlink(missing_ok=True)
        server.start()
    program.stop()


def until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def processor_seconds(program):
    fields = Path(f"/proc/{program.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Doorbell:
    """Listens in the place of a server that is gone, and counts who rings."""

    def __init__(self, server):
        self.path = server.place / ".s.PGSQL.5432"
        self.path.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(self.path))
        self.socket.listen(100)
        self.rings = 0
        self.thread = threading.Thread(target=self._answer, daemon=True)
        self.thread.start()

    def _answer(self):
        while True:
            ringing, _ = self.socket.accept()
            with ringing:
                if ringing.recv(1) == b"!":  # ours, at the end
                    return
                self.rings += 1

    def remove(self):
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(self.path))
            last.send(b"!")
            self.thread.join()
        self.socket.close()
        self.path.unlink()


def metric(book, name):
    lines = book.control.metrics().text.splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name} "))


def is_read(book):
    """Whether the metrics have what is read in the database, which on a busy machine may not answer within their second."""
    text = book.control.metrics().text
    return "\nfenzhang_store_read 1\n" in text and "\nfenzhang_events_due " in text


def test_what_waits_is_answered_and_all_goes_on(server, book):
    order = book.paid(book.direct, 1000)
    refunded = book.refunded(order, 100)
    numbers = [book.number("R") for _ in range(12)]
    clients = [DemoBook(book.program) for _ in range(24)]
    time.sleep(3)  # the watch has looked
    assert book.control.healthy()
    refunds = server.ask("SELECT count(*) FROM refund")
    server.stop()
    door = Doorbell(server)
    until(lambda: not book.control.healthy(), 5 * PATIENCE)
    rung, used, began = door.rings, processor_seconds(book.program), time.monotonic()
    with ThreadPoolExecutor(24) as pool:
        writes = [pool.submit(client.refund, order, 10, number) for client, number in zip(clients, numbers)]
        reads = [pool.submit(client.refund_by_id, book.direct, refunded["id"]) for client in clients[12:]]
        until(lambda: metric(book, "fenzhang_store_writes_running") == 4 and metric(book, "fenzhang_store_writes_waiting") >= 8, 5 * PATIENCE)
        answers = [one.result(timeout=2 * WAIT * PATIENCE) for one in writes + reads]
    assert {(answer.status, answer.json["code"]) for answer in answers} == {(503, "SERVICE_UNAVAILABLE")}
    took = time.monotonic() - began
    assert took >= WAIT - 1
    assert 1 < door.rings - rung < 3 * took  # 28 requests and the watch, and one who asks, twice a second
    assert processor_seconds(book.program) - used < 0.3 * took
    door.remove()
    server.start()
    until(book.control.healthy, 3 * PATIENCE)
    assert ok(book.refund_by_id(book.direct, refunded["id"]))["id"] == refunded["id"]
    assert server.ask("SELECT count(*) FROM refund") == refunds  # what was told to be not done is not done later
    assert ok(book.refund(order, 10, numbers[0]))["amount"]["refund"] == 10
    book.control.audit()


def test_a_write_that_waits_is_done_when_the_database_is_back(server, book):
    order, other = book.paid(book.direct, 1000), DemoBook(book.program)
    server.stop()
    with ThreadPoolExecutor(2) as pool:
        write = pool.submit(book.refund, order, 100, book.number("R"))
        read = pool.submit(other.balance, book.direct)
        time.sleep(1)
        server.start()
        ok(write.result(timeout=WAIT * PATIENCE))
        ok(read.result(timeout=WAIT * PATIENCE))
    book.control.audit()


def test_a_server_that_is_halted_is_left_after_a_while(server, book):
    order, other, number = book.paid(book.direct, 1000), DemoBook(book.program), book.number("R")
    server.halt()
    try:
        with ThreadPoolExecutor(2) as pool:
            write = pool.submit(book.refund, order, 100, number)
            read = pool.submit(other.balance, book.direct)
            answers = [one.result(timeout=60 * PATIENCE) for one in (write, read)]
        assert {answer.status for answer in answers} <= {500, 503}
        until(lambda: not book.control.healthy(), 30 * PATIENCE)
    finally:
        server.go_on()
    until(book.control.healthy, 5 * PATIENCE)
    assert ok(book.refund(order, 100, number))["amount"]["refund"] == 100
    assert server.ask(f"SELECT count(*) FROM refund WHERE out_refund_no = '{number}'") == "1"
    book.control.audit()


def test_metrics_tell_what_is_known_while_the_database_is_away(server, book):
    """At once, and that the book was not read for them."""
    until(lambda: is_read(book), 10 * PATIENCE)
    known = metric(book, "fenzhang_book_time_seconds")
    server.stop()
    try:
        until(lambda: metric(book, "fenzhang_store_read") == 0, 10 * PATIENCE)
        text = book.control.metrics().text
        assert "\nfenzhang_events_due " not in text and "\nfenzhang_callbacks_waiting " not in text
        assert metric(book, "fenzhang_book_time_seconds") == known  # it is frozen
    finally:
        server.start()
    until(lambda: metric(book, "fenzhang_store_read") == 1, 10 * PATIENCE)


def test_metrics_are_not_held_by_a_database_that_says_nothing(server, book):
    """A silent one is given a second; it is told from one that is away by others, after twenty."""
    until(lambda: is_read(book), 10 * PATIENCE)
    server.halt()
    try:
        began = time.monotonic()
        assert metric(book, "fenzhang_store_read") == 0
        assert time.monotonic() - began < 10 * PATIENCE
    finally:
        server.go_on()
    until(lambda: metric(book, "fenzhang_store_read") == 1, 10 * PATIENCE)


def test_what_one_process_has_for_itself_is_not_set_meanwhile(server, book):
    """It would be gone after a reset by another process, which cannot be seen."""
    server.stop()
    try:
        with pytest.raises(ControlError, match="The fault was not set: .* the book's database is away") as refusal:
            book.control.add_fault(path="/v3/certificates", error="SYSTEM_ERROR")
        assert refusal.value.status == 503
    finally:
        server.start()
    until(book.control.healthy, 5 * PATIENCE)
    assert book.control.faults() == []


def test_a_process_stops_at_once_while_the_database_is_away(server, book, tmp_path):
    """Whatever waits for it is answered, and nothing that was acknowledged is lost."""
    program = Program(tmp_path, "--store", server.book, "--secret-file", str(book.program.data / "secret.key"), demo=True).start()
    world = DemoBook(program)
    order = world.paid(world.direct, 1000, marked=False)
    server.stop()
    try:
        with ThreadPoolExecutor(1) as pool:
            write = pool.submit(world.refund, order, 100, "R-stopped")
            until(lambda: metric(world, "fenzhang_store_writes_running") == 1, 5 * PATIENCE)
            program.stop()  # which must not take long
            assert write.result(timeout=WAIT * PATIENCE).status == 503
    finally:
        server.start()
    again = DemoBook(program.start())
    assert ok(again.refund(order, 100, "R-stopped"))["amount"]["refund"] == 100
    again.control.audit()
    program.stop()
