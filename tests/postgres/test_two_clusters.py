"""Institutions spread over two PostgreSQL clusters by a table: each is served from its own, through any process, at one address."""

import os
import secrets
import time
from concurrent.futures import ThreadPoolExecutor


import pytest

import bills
from answers import ok, refused
from callbacks import Receiver, until
from client import PATIENCE
from command import run
from demo_book import DemoBook
from server import Server, own_place
from store_map import Mapped, write_map
from world import BALANCE_ARRIVAL, FUNDS, ORDER, Party

WEST, EAST = "1900000100", "1900000300"  # the demo book's institution, and one that is made


@pytest.fixture(scope="module")
def clusters():
    """Two servers that know nothing of each other."""
    two = [Server(own_place()).make().start() for _ in range(2)]
    yield two
    for cluster in two:
        cluster.destroy()
        cluster.place.rmdir() if not any(cluster.place.iterdir()) else None


@pytest.fixture
def databases(clusters):
    """The address of a new database in each."""
    name = f"book_{secrets.token_hex(4)}"
    for cluster in clusters:
        cluster.ask(f"CREATE DATABASE {name}")
    return [cluster.address(name) for cluster in clusters]


class Processes:
    """One or several, with one map and one secret."""

    def __init__(self, directory, databases, count=1):
        secret = directory / "secret"
        with open(os.open(secret, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        self.map = write_map(directory / "stores.ini", {EAST: "east"})
        self.all = []
        for number in range(count):
            (directory / str(number)).mkdir()
            options = ("--store", databases[0], "--secret-file", secret, "--store-connections", "4")
            self.all.append(Mapped(directory / str(number), self.map, {"east": databases[1]}, *options, demo=True, seed=None))

    def __enter__(self):
        with ThreadPoolExecutor(len(self.all)) as at_once:
            list(at_once.map(Mapped.start, self.all))
        return self.all

    def __exit__(self, *_):
        for program in self.all:
            program.stop()


def west_of(program):
    book = DemoBook(program)
    book.start_of_scenario()
    return book, book.institution


def east_of(program):
    book = program.world("east")
    book.start_of_scenario()
    mchid = book.merchant("institution", mchid=EAST)
    return book, Party(book.credentials(mchid), book.merchant("sub", parent=mchid))


def trade(book, party):
    """Paid, shared, refunded from both sources, told of, billed. Gives the refund's number."""
    receiver = Receiver()
    day = book.today()
    order = book.paid(party, 10000, notify_url=receiver.url())
    assert receiver.wait(1)[0].is_signed(book.client.platform)
    assert receiver.received[0].opened(party.caller.apiv3_key)["transaction_id"] == order.transaction_id
    share = book.send_outbound(order, 4000)
    assert ok(book.query_distribution(order, share))["out_order_no"] == share
    number = "R2026"
    done = book.refunded(order, 4500, number=number, sources=[(ORDER, 3500), (FUNDS, 1000)], notify_url=receiver.url())
    book.forward(BALANCE_ARRIVAL)
    assert receiver.wait(2)[1].opened(party.caller.apiv3_key)["out_refund_no"] == number
    assert ok(book.refund_by_number(party, number))["id"] == done["id"]
    refused(book.refund(order, 10001, book.number("R")), 400)
    assert ok(book.upload(party, b"%PDF a letter"))["file_id"]
    book.to_next_morning()
    link = book.refund_bill(party, day)
    assert ok(link)["download_url"].startswith(f"{book.client.base_url}/v3/billdownload/file?token=")
    bill = bills.parse(bills.download(book.client, party.caller, link))
    assert [line["Vendor refund number(out_refund_no)"] for line in bill.lines] == [number, number]  # a line a source
    receiver.close()
    return number


def certificates(book, party):
    return {one["serial_no"] for one in ok(book.client.get(party.caller, "/v3/global/certificates"))["data"]}


def rows_of(cluster, database, mchid):
    """How many rows of what a merchant did stand there."""
    tables = {"merchant": "mchid", "refund": "caller", "posting": "owner"}
    counts = [f"(SELECT count(*) FROM {table} WHERE {column} = '{mchid}')" for table, column in tables.items()]
    return [int(count) for count in cluster.ask(f"SELECT {', '.join(counts)}", database.rpartition("=")[2]).split("|")]


def test_two_institutions_in_two_clusters(tmp_path, clusters, databases):
    with Processes(tmp_path, databases) as (program,):
        (west, here), (east, there) = west_of(program), east_of(program)
        numbers = trade(west, here), trade(east, there)
        assert numbers[0] == numbers[1]  # the same number: each book's own
        theirs, ours = ok(east.refund_by_number(there, numbers[1])), ok(west.refund_by_number(here, numbers[0]))
        assert theirs["transaction_id"] != ours["transaction_id"]
        west_keys, east_keys = certificates(west, here), certificates(east, there)
        assert west_keys and east_keys and not west_keys & east_keys
        west.control.audit(), east.control.audit()
    for cluster, database, own, other in ((clusters[0], databases[0], WEST, EAST), (clusters[1], databases[1], EAST, WEST)):
        assert all(rows_of(cluster, database, own)) and not any(rows_of(cluster, database, other))
        audited = run("audit", "--store", database)
        assert audited.returncode == 0, audited.stderr


def settles(ask, status):
    """Asks until that is the answer: a process finds out within seconds that a database has gone, or is back."""
    end = time.monotonic() + 60 * PATIENCE
    while (answer := ask()).status != status:
        assert time.monotonic() < end, answer.status
        time.sleep(0.1)
    return answer


@pytest.mark.parametrize("away", [0, 1], ids=["first", "further"])
def test_a_cluster_that_is_away_is_its_own_institutions_affair(tmp_path, clusters, databases, away):
    with Processes(tmp_path, databases) as (program,):
        books = [west_of(program), east_of(program)]
        orders = [book.paid(party, 10000, marked=False) for book, party in books]
        (gone, party), (left, other) = books[away], books[1 - away]
        clusters[away].stop("immediate")
        try:
            settles(lambda: gone.refund(orders[away], 100, "R1"), 503)
            assert gone.control.raw("GET", "/health").status_code == 503 and left.control.healthy()
            for _ in range(3):
                done = ok(left.refund(orders[1 - away], 100, left.number("R")))
                assert ok(left.refund_by_number(other, done["out_refund_no"]))["id"] == done["id"]
            refused(gone.refund_by_number(party, "R1"), 503)
        finally:
            clusters[away].start()
        settles(lambda: gone.refund(orders[away], 100, "R1"), 200)
        gone.control.audit(), left.control.audit()


def test_a_process_stops_at_once_while_a_further_cluster_is_away(tmp_path, clusters, databases):
    """What waits for it is answered 503; nobody waits ten seconds for it."""
    processes = Processes(tmp_path, databases)
    with processes as (program,):
        east, there = east_of(program)
        order = east.paid(there, 1000, marked=False)
        clusters[1].stop("immediate")
        try:
            with ThreadPoolExecutor(1) as pool:
                write = pool.submit(east.refund, order, 100, "R1")
                until(lambda: "\nfenzhang_store_writes_running 1\n" in east.control.metrics().text)
                program.stop()  # which must not take long
                assert write.result(timeout=60 * PATIENCE).status == 503
        finally:
            clusters[1].start()
        program.start()
        assert ok(program.world("east").refund(order, 100, "R1"))["amount"]["refund"] == 100


def test_any_process_with_the_same_map_serves_either(tmp_path, databases):
    processes = Processes(tmp_path, databases, 2)
    with processes as (one, other):
        east, there = east_of(one)
        west, here = west_of(one)
        order, further = west.paid(here, 700, marked=False), east.paid(there, 700, marked=False)
        elsewhere = DemoBook(other), other.world("east")
        for book, party, its_order, at_other in ((west, here, order, elsewhere[0]), (east, there, further, elsewhere[1])):
            done = ok(book.refund(its_order, 200, "R1"))
            assert ok(at_other.refund_by_number(party, "R1"))["id"] == done["id"]
            ok(at_other.refund(its_order, 300, "R2"))
            assert certificates(at_other, party) == certificates(book, party)
        one.kill()
        assert ok(elsewhere[1].refund_by_number(there, "R1"))["out_refund_no"] == "R1"
        one.start()
        assert ok(one.world("east").refund_by_number(there, "R2"))["out_refund_no"] == "R2"


def test_a_process_does_not_start_while_a_store_of_its_map_is_away(tmp_path, clusters, databases):
    with Processes(tmp_path, databases):
        pass
    clusters[1].stop("fast")
    try:
        one = run("serve", "--data", tmp_path / "other", "--listen", "0", "--control", "0", "--store", databases[0],
                  "--secret-file", tmp_path / "secret", "--store", f"east={databases[1]}", "--store-map", tmp_path / "stores.ini",
                  timeout=120 * PATIENCE)
    finally:
        clusters[1].start()
    assert one.returncode == 2 and "The store east: " in one.stderr, one
