"""In doubt is never guessed: the connection is lost while COMMIT is on its way, and what is answered is so."""

import hashlib
import shutil
import threading
import time

import pytest

from answers import ok
from demo_book import DemoBook
from postgres import Server
from program import Program
from wire import AFTER, BEFORE, Wire


@pytest.fixture(scope="module")
def seed(place):
    """A server at rest with the demo book in it, and the directory of the process that made it: made once, for each test a copy."""
    server = Server(place / "seed").start()
    server.ask("CREATE DATABASE book")
    (place / "seed-process").mkdir()
    maker = Program(place / "seed-process", "--store", server.address(), demo=True).start()
    maker.stop()
    server.stop("fast")
    return server, maker


@pytest.fixture
def servers(place, seed, request):
    """Servers of this test's own."""
    started = []

    def start(of=None):
        name = hashlib.sha256(f"{request.node.name}{len(started)}".encode()).hexdigest()[:12]
        started.append(Server(place / name, of=of, like=None if of else seed[0]).start())
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def primary(servers):
    return servers()


@pytest.fixture
def wire(primary):
    line = Wire(("127.0.0.1", primary.port))
    yield line
    line.close()


@pytest.fixture
def book_at(place, seed, request):
    """A factory: book_at(address) is the book as a process of this test's own sees it."""
    started = []

    def start(address):
        directory = place / f"process-{hashlib.sha256(request.node.name.encode()).hexdigest()[:12]}"
        shutil.copytree(seed[1].directory, directory)
        started.append(Program(directory, "--store", address).start())
        return DemoBook(started[-1])

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def book(primary, wire, book_at):
    """A book whose process speaks to the primary through the wire."""
    return book_at(primary.address(port=wire.port))


@pytest.fixture
def order(book):
    return book.paid(book.institution, 1000)


def refund(book, order, number):
    """The answer to 300 of the order asked back, on a connection of the client's own."""
    return DemoBook(book.program).refund(order, 300, number)


def is_done_once(book, order, number):
    """The refund stands, alone, and the book adds up."""
    refunds = ok(book.refunds_of(order))["data"]
    assert [(refund["out_refund_no"], refund["amount"]["refund"]) for refund in refunds] == [(number, 300)]
    assert sum(book.refundable(order)) == 700
    book.control.audit()
    return True


class Asked:
    """A refund that is asked for meanwhile."""

    def __init__(self, book, order, number):
        self.answer = None
        self._thread = threading.Thread(target=self._ask, args=(book, order, number), daemon=True)
        self._thread.start()

    def _ask(self, book, order, number):
        self.answer = refund(book, order, number)

    def is_answered_within(self, seconds):
        self._thread.join(seconds)
        return self.answer is not None


def until(is_so, seconds=60):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.mark.parametrize("when", [BEFORE, AFTER])
def test_on_one_server_the_transaction_s_number_says_what_became_of_it(book, order, wire, when):
    wire.cut("SETTLED1", when)
    answer = refund(book, order, "SETTLED1")
    assert wire.cuts == 1
    assert ok(refund(book, order, "SETTLED1"))["id"] == ok(answer)["id"]
    assert is_done_once(book, order, "SETTLED1")
    assert ok(refund(book, order, "BEHIND1"))["id"] != answer.json["id"]  # its row numbers are its own
    book.control.audit()


@pytest.mark.parametrize("when", [BEFORE, AFTER])
def test_a_server_that_ended_meanwhile_still_knows(book, order, wire, primary, when):
    wire.cut("CRASHED1", when, then_hold=True)
    asked = Asked(book, order, "CRASHED1")
    until(lambda: wire.cuts == 1)
    primary.stop("immediate")
    primary.start()
    wire.go_on()
    assert asked.is_answered_within(60)
    assert ok(refund(book, order, "CRASHED1"))["id"] == ok(asked.answer)["id"]
    assert is_done_once(book, order, "CRASHED1")


def standby_of(primary, servers):
    """A standby that every commit waits for."""
    standby = servers(of=primary)
    primary.set(synchronous_standby_names="*")
    until(lambda: primary.ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1")
    return standby


@pytest.mark.parametrize("when", [BEFORE, AFTER])
def test_after_a_fail_over_nobody_can_say_until_it_is_asked_again(book, order, wire, primary, servers, when):
    standby = standby_of(primary, servers)
    wire.cut("FAILED1", when, then_hold=True)
    asked = Asked(book, order, "FAILED1")
    until(lambda: wire.cuts == 1)
    primary.stop("immediate")
    standby.promote()
    wire.go_on(("127.0.0.1", standby.port))
    assert asked.is_answered_within(60)
    assert asked.answer.status == 500
    until(lambda: "whether it was done is not known" in book.program.log_text())
    known = ok(book.refunds_of(order))["data"] if when == AFTER else None
    again = ok(refund(book, order, "FAILED1"))
    if known:
        assert [refund["id"] for refund in known] == [again["id"]]
    assert is_done_once(book, order, "FAILED1")


@pytest.mark.parametrize("end", ["pg_cancel_backend", "pg_terminate_backend"])
def test_a_commit_that_is_not_waited_for_is_not_acknowledged(book, order, primary, servers, end):
    """It is there and to be seen, and a standby that takes over may not have it: neither it nor one that finds it there is acknowledged."""
    standby = standby_of(primary, servers)
    standby.stop("fast")
    asked = Asked(book, order, "UNSAFE1")
    deadline = time.monotonic() + 60
    while not asked.is_answered_within(0.2) and time.monotonic() < deadline:
        primary.ask(f"SELECT {end}(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    assert asked.answer.status == 500
    again = Asked(book, order, "UNSAFE1")
    assert not again.is_answered_within(3)
    standby.start()
    assert again.is_answered_within(60)
    assert ok(again.answer)["amount"]["refund"] == 300
    assert is_done_once(book, order, "UNSAFE1")


def test_a_primary_that_is_paused_is_left_for_the_one_that_takes_over(primary, servers, book_at):
    standby = standby_of(primary, servers)
    book = book_at(f"postgresql://fenzhang@127.0.0.1:{primary.port},127.0.0.1:{standby.port}/book")
    order = book.paid(book.institution, 1000)
    primary.pause(True)
    try:
        asked = Asked(book, order, "PAUSED1")
        assert not asked.is_answered_within(2)
        standby.promote()
        assert asked.is_answered_within(18)  # long before who is silent is left anyway
        assert asked.answer.status in (200, 500, 503)
        assert ok(refund(book, order, "PAUSED1"))["amount"]["refund"] == 300
        assert is_done_once(book, order, "PAUSED1")
    finally:
        primary.pause(False)


def test_a_server_that_only_reads_now_is_left_although_its_sockets_are_open(book, order, primary):
    primary.set(default_transaction_read_only="on")
    until(lambda: primary.ask("SHOW default_transaction_read_only", options="") == "on")
    answer = refund(book, order, "ROLE1")
    assert (answer.status, answer.json["code"]) == (503, "SERVICE_UNAVAILABLE")  # it has waited for one that can be written to
    primary.set(default_transaction_read_only="off")
    until(lambda: refund(book, order, "ROLE1").status == 200)
    assert is_done_once(book, order, "ROLE1")
