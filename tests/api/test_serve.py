"""The program itself: starting, stopping, what it leaves behind, and the promise of --seed"""

import json
import signal
import stat
import subprocess

import pytest

import bills
from answers import ok
from client import PATIENCE
from demo_book import DemoBook
from program import BINARY, Program
from raw import RawConnection, request_bytes
from world import BALANCE_ARRIVAL, FUNDS, ORDER, World


def run(*arguments):
    """A server that is not expected to come up. Gives what it says."""
    return subprocess.run(
        [str(BINARY), "serve", *arguments], capture_output=True, text=True, timeout=20 * PATIENCE, stdin=subprocess.DEVNULL
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_within_a_second(tmp_path, number):
    Program(tmp_path, demo=True).start().stop(number)


@pytest.mark.concurrent
def test_it_ends_within_a_second_under_load(tmp_path):
    """Connections open, one request half sent, a file being fetched."""
    running = Program(tmp_path, demo=True).start()
    peers = [RawConnection(running.api) for _ in range(50)]
    book = DemoBook(running)
    for peer in peers:
        peer.send(request_bytes(book.direct.caller, "GET", "/v3/certificates")[:100])
    running.stop()
    for peer in peers:
        peer.close()


def test_the_data_directory_is_its_owner_s_alone(tmp_path):
    running = Program(tmp_path, demo=True).start()
    try:
        assert stat.S_IMODE(running.data.stat().st_mode) == 0o700
        assert stat.S_IMODE((running.data / "secret.key").stat().st_mode) == 0o600
        assert running.database or (running.data / "book.db").exists()
    finally:
        running.stop()


def test_a_book_that_others_can_read_is_refused(tmp_path):
    running = Program(tmp_path, demo=True).start()
    running.stop()
    (running.data / "secret.key").chmod(0o644)
    done = run("--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", *running.book)
    assert done.returncode != 0 and "secret.key" in done.stderr


def test_one_server_a_directory(tmp_path):
    running = Program(tmp_path, demo=True).start()
    try:
        done = run("--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--data", str(running.data))
        assert done.returncode != 0 and str(running.data) in done.stderr
        assert World(running).control.healthy()
    finally:
        running.stop()


def test_one_server_a_port(tmp_path):
    running = Program(tmp_path, demo=True).start()
    try:
        taken = running.api.removeprefix("http://")
        done = run("--listen", taken, "--control", "127.0.0.1:0", "--data", str(tmp_path / "other"))
        assert done.returncode != 0 and taken.rsplit(":", 1)[1] in done.stderr
        taken = running.control.removeprefix("http://")
        done = run("--listen", "127.0.0.1:0", "--control", taken, "--data", str(tmp_path / "another"))
        assert done.returncode != 0 and taken.rsplit(":", 1)[1] in done.stderr
    finally:
        running.stop()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nonsense"],
        ["--seed"],
        ["--seed", "x"],
        ["--limits", "some"],
        ["--workers", "0"],
        ["--workers", "many"],
        ["--listen", "nowhere"],
        ["--listen", "127.0.0.1:99999"],
        ["stray"],
    ],
    ids=" ".join,
)
def test_arguments_that_are_wrong(tmp_path, arguments):
    done = run("--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", *arguments)
    assert done.returncode != 0 and done.stderr.strip()
    assert "ready" not in done.stdout


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_nothing_acknowledged_is_lost(tmp_path, end):
    running = Program(tmp_path, demo=True).start()
    book = DemoBook(running)
    book.start_of_scenario()
    order = book.paid(book.direct, 10000)
    refunds = [book.refunded(order, amount) for amount in range(1, 30)]
    now = book.now()
    getattr(running, end)()
    running.start()
    try:
        again = DemoBook(running)
        assert again.now() == now
        for amount, refund in enumerate(refunds, 1):
            shown = ok(again.refund_by_id(again.direct, refund["id"]))
            assert (shown["amount"]["refund"], shown["out_refund_no"]) == (amount, refund["out_refund_no"])
        again.control.audit()
    finally:
        running.stop()


@pytest.mark.parametrize("workers", ["1", "4"])
def test_any_number_of_workers(program, workers):
    book = DemoBook(program("--workers", workers, demo=True))
    for _ in range(10):
        ok(book.balance(book.institution))


# ---- --seed: the same rows and bill files, byte for byte ----


def story(book):
    """Requests one after another; everything that the answers and the bill say."""
    book.start_of_scenario()
    told = [book.control.clock()["now"]]
    day = book.today()
    for party in (book.institution, book.direct):
        order = book.paid(party, 10000)
        told.append((order.transaction_id, order.out_trade_no))
        number = book.send_outbound(order, 4000)
        told.append(ok(book.query_distribution(order, number)))
        refund = book.refunded(order, 4500, sources=[(ORDER, 3500), (FUNDS, 1000)])
        told.append(refund)
    book.forward(BALANCE_ARRIVAL)
    told.append(ok(book.refund_by_id(book.direct, refund["id"])))
    book.to_next_morning()
    for party in (book.institution, book.direct):
        told.append(bills.download(book.client, party.caller, book.refund_bill(party, day)).decode())
        told.append(bills.download(book.client, party.caller, book.distribution_bill(party, day)).decode())
    return json.dumps(told)


def test_the_same_seed_tells_the_same_story(program):
    assert story(DemoBook(program(demo=True, seed=11))) == story(DemoBook(program("--workers", "1", demo=True, seed=11)))


def test_a_book_without_demo_starts_empty_at_the_seed_s_time(program):
    world = World(program(seed=3))
    assert world.control.clock() == {"now": "2026-01-05T10:00:00+08:00", "frozen": True, "sign": "wire"}
    party = world.new_direct()
    assert world.advance_balance(party) == 0
