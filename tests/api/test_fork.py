"""fenzhang serve --from DIR: a world like another one, whose server goes on meanwhile; from then on they go apart."""

import subprocess
import threading
import time

import pytest

from answers import ok
from demo_book import DemoBook
from program import BINARY, Program
from world import World

pytestmark = pytest.mark.sqlite("a fork is a copy of the book's file")


@pytest.fixture
def fork_of(program):
    def fork(running, *options, name=None):
        source = f"{running.data}@{name}" if name else str(running.data)
        return program("--from", source, *options, seed=None)

    return fork


def refused(*options):
    command = [str(BINARY), "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode == 2 and done.stdout == ""
    return done.stderr


def test_a_fork_has_the_book_the_keys_and_the_clock_and_goes_its_own_way(program, fork_of):
    one = DemoBook(program(demo=True))
    one.control.set_clock(advance="PT3H")
    order = one.paid(one.institution, 2000, marked=True)
    other = DemoBook(fork_of(one.program))
    assert other.control.clock() == one.control.clock()
    assert other["PRIVATE_KEY_PEM"] != one["PRIVATE_KEY_PEM"]  # a copy of its own, of the same key
    assert other.institution.caller.serial_no == one.institution.caller.serial_no
    assert ok(other.amounts(order)) == ok(one.amounts(order))
    only_there = other.paid(other.institution, 300, marked=True)
    assert one.amounts(only_there).status == 400 and other.amounts(only_there).status in (200, 500)
    assert one.control.audit()["payments"] + 1 == other.control.audit()["payments"]


def next_number(book):
    return book.control.make_payment(**book.direct.in_control(), amount=500)["transaction_id"]


def test_numbers_to_come_follow_the_seed_and_without_one_are_each_forks_own(program, fork_of):
    seeded = DemoBook(program(demo=True, seed=5))
    forks = [DemoBook(fork_of(seeded.program)) for _ in range(2)]
    assert len({next_number(book) for book in (seeded, *forks)}) == 1
    drawn = DemoBook(program(demo=True, seed=None))
    forks = [DemoBook(fork_of(drawn.program)) for _ in range(2)]
    assert len({next_number(book) for book in (drawn, *forks)}) == 3


def test_what_was_answered_before_is_in_the_fork_however_busy_the_server_is(program, fork_of):
    book = DemoBook(program(demo=True))
    ended, made = threading.Event(), []

    def write():
        mine = DemoBook(book.program)
        while not ended.is_set():
            made.append(mine.control.make_payment(**mine.direct.in_control(), amount=1)["out_trade_no"])

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(4):
            before = list(made)
            fork = DemoBook(fork_of(book.program))
            for number in before[-20:]:
                assert ok(fork.order_by_number(fork.direct, number))["trade_state"] == "SUCCESS"
            assert fork.control.audit()["payments"] >= len(before)
            fork.program.stop()
    finally:
        ended.set()
        for writer in writers:
            writer.join()
    assert book.control.audit()["findings"] == 0


def test_a_book_that_is_there_is_opened_as_it_is(program, fork_of):
    one = DemoBook(program(demo=True))
    fork = DemoBook(fork_of(one.program))
    number = next_number(fork)
    fork.program.stop()
    one.control.reset()
    fork.program.start()
    assert ok(World(fork.program).order_by_id(fork.direct, number))["id"] == number


def test_a_fork_of_a_book_at_rest_and_of_one_whose_server_was_killed(program, fork_of):
    one = DemoBook(program(demo=True))
    number = next_number(one)
    one.program.kill()
    fork = DemoBook(fork_of(one.program))
    assert ok(fork.order_by_id(fork.direct, number))["id"] == number
    one.program.start()
    one.program.stop()
    assert not (one.program.data / "book.db-wal").exists()
    assert ok(DemoBook(fork_of(one.program)).order_by_id(fork.direct, number))["id"] == number
    assert not (one.program.data / "book.db-wal").exists()  # it leaves nothing there


def test_who_trusts_the_ca_trusts_the_forks(program, fork_of):
    one = program("--tls", demo=True)
    fork = fork_of(one, "--tls")
    assert (fork.data / "tls/ca_cert.pem").read_text() == (one.data / "tls/ca_cert.pem").read_text()
    book = DemoBook(fork)
    assert book.balance(book.institution).status == 200


def test_what_cannot_be_forked_is_told_and_nothing_is_begun(program, tmp_path):
    new = str(tmp_path / "new")
    assert "There is no book in" in refused("--data", new, "--from", str(tmp_path / "nothing"))
    assert "There is no snapshot before in" in refused("--data", new, "--from", f"{tmp_path}@before")
    assert "is no name of one" in refused("--data", new, "--from", f"{tmp_path}@../x")
    assert "leave the one or the others away" in refused("--data", new, "--from", str(tmp_path), "--demo")
    one = program(demo=True)
    (one.data / "secret.key").rename(tmp_path / "secret")
    text = refused("--data", new, "--from", str(one.data))
    assert "secret.key" in text and "--secret-file" in text
    assert not (tmp_path / "new/book.db").exists()
    (tmp_path / "secret").rename(one.data / "secret.key")


def test_a_start_that_was_cut_short_is_done_again(program, tmp_path_factory):
    """Killed again and again while it forks, at last it has the whole book, or said that it is ready."""
    one = program(demo=True)
    place = Program(tmp_path_factory.mktemp("cut"), "--from", str(one.data), seed=None)
    for milliseconds in range(0, 60, 4):
        process = subprocess.Popen(place.arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(milliseconds / 1000)
        process.kill()
        process.wait()
    place.start()
    book = DemoBook(place)
    assert book.control.audit() == DemoBook(one).control.audit()
    assert [path.name for path in place.data.glob("book.db-unfinished*")] == []
    place.stop()


def test_with_a_secret_elsewhere_the_fork_uses_the_same(program, tmp_path):
    secret = tmp_path / "secret"
    one = program("--secret-file", str(secret), demo=True)
    fork = DemoBook(program("--from", str(one.data), "--secret-file", str(secret), seed=None))
    assert ok(fork.balance(fork.institution))["balance"] == 1000
    assert not (fork.program.data / "secret.key").exists()
