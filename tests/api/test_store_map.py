"""serve --store NAME=URL --store-map FILE: further stores of one process. Two clusters are postgres/test_two_clusters.py's; here the others are files, beside a
first store of either kind."""

import re

import pytest
import requests

import bills
from answers import ok, refused
from callbacks import until
from client import Credentials
from demo_book import DemoBook
from raw import RawConnection, request_bytes
from store_map import Mapped, write_map
from test_callbacks import error_of
from world import Party

EAST, NORTH = "1900000300", "1900000301"
BALANCE = "/v3/global/profit-sharing/refunds/refundable-balance"


@pytest.fixture
def mapped(tmp_path):
    """A factory: a started process with the stores east and north."""
    started = []

    def start(*options, lies=None, demo=True, **sections):
        store_map = write_map(tmp_path / "stores.ini", {EAST: "east", NORTH: "north"} if lies is None else lies, **sections)
        stores = {name: f"sqlite:{tmp_path / name}.db" for name in ("east", "north")}
        started.append(Mapped(tmp_path, store_map, stores, *options, demo=demo))
        return started[-1].start()

    yield start
    for one in started:
        one.stop()


def made(book, mchid):
    return Party(book.credentials(book.merchant("direct", mchid=mchid)))


def counted(control):
    """The requests that were answered there."""
    return sum(int(count) for count in re.findall(r"^fenzhang_requests_total\{.*\} (\d+)$", control.metrics().text, re.M))


def test_each_store_is_asked_for_its_own(mapped):
    program = mapped()
    first, east, north = DemoBook(program), program.world("east"), program.world("north")
    parties = {first: first.direct, east: made(east, EAST), north: made(north, NORTH)}
    before = {book: counted(book.control) for book in parties}
    for count, (book, party) in enumerate(parties.items(), start=1):
        for _ in range(count):
            ok(book.balance(party))
    assert {book: counted(book.control) - before[book] for book in parties} == {first: 1, east: 2, north: 3}
    logged = {book: {one["mchid"] for one in book.control.get("/requests")["requests"]} for book in parties}
    assert logged == {book: {party.sponsor} for book, party in parties.items()}
    begins = {book: ok_header(book, party)[:8] for book, party in parties.items()}
    assert begins == {book: book.control.get("/health")["process"] for book in parties} and len(set(begins.values())) == 3


def test_one_connection_carries_requests_of_every_store(mapped):
    program = mapped()
    first, east, north = DemoBook(program), program.world("east"), program.world("north")
    parties = {first: first.direct, east: made(east, EAST), north: made(north, NORTH)}
    files = {first: program.data, east: program.data / "stores" / "east", north: program.data / "stores" / "north"}
    processes = {book: book.control.get("/health")["process"] for book in parties}
    turns = [first, east, north, east, first, north] * 3
    with RawConnection(program.api) as connection:
        # All sent before the first is answered; each fourth with a signature that is not good.
        for at, book in enumerate(turns):
            connection.send(request_bytes(parties[book].caller, "GET", BALANCE, **({"timestamp": 1} if at % 4 == 3 else {})))
        answers = [connection.answer() for _ in turns]
    for at, (book, answer) in enumerate(zip(turns, answers, strict=True)):
        assert answer.header("Request-ID").startswith(processes[book]), at
        assert answer.status == (401 if at % 4 == 3 else 200), at
        serial = answer.header("Wechatpay-Serial")
        own = {path.name for path in (files[book] / "platform").iterdir()}
        assert serial is None if at % 4 == 3 else any(serial in name for name in own), (at, serial, own)
    for book, party in parties.items():
        logged = [one["status"] for one in book.control.get("/requests")["requests"] if one["mchid"] == party.sponsor]
        wanted = [401 if at % 4 == 3 else 200 for at, turn in enumerate(turns) if turn is book]
        assert sorted(logged) == sorted(wanted)


def ok_header(book, party):
    answer = book.balance(party)
    ok(answer)
    return answer.header("Request-ID")


def test_a_clock_fault_or_limit_is_one_store_s(mapped):
    program = mapped()
    first, east = DemoBook(program), program.world("east")
    party = made(east, EAST)
    east.forward(days=3)
    assert (east.today() - first.today()).days >= 2
    east.control.add_fault(error="SYSTEM_ERROR", endpoint="refundable-balance", count=1)
    refused(east.balance(party), 500)
    ok(first.balance(first.direct))


def test_who_names_nobody_is_the_first_store_s_to_refuse(mapped):
    program = mapped()
    first, east = DemoBook(program), program.world("east")
    party = made(east, EAST)
    stranger = Credentials("1900000999", party.caller.serial_no, party.caller.key, party.caller.apiv3_key)
    refused(first.client.get(stranger, BALANCE), 401)
    refused(first.client.send(None, "GET", BALANCE, signed=False), 401)
    # A number of one store with another's key.
    thief = Credentials(first.direct.sponsor, party.caller.serial_no, party.caller.key, party.caller.apiv3_key)
    refused(first.client.get(thief, BALANCE), 401)
    refused(east.client.get(Credentials(EAST, first.direct.caller.serial_no, first.direct.caller.key, b"x" * 32), BALANCE), 401)


def test_callbacks_go_to_no_control_interface_of_the_process(mapped):
    program = mapped("--callback-to", "any")
    first, east = DemoBook(program), program.world("east")
    parties = {first: first.direct, east: made(east, EAST)}
    for url in (program.control, east.program.control, program.store("north").control, program.api):
        for book, party in parties.items():
            assert "this server listens there itself" in error_of(book, party, f"{url}/reset")


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_tls_and_the_proxy_lead_to_every_store(mapped, tls):
    token = "--tls" if tls else "--limits=off"
    program = mapped(token, "--proxy", "127.0.0.1:0")
    east = program.world("east")
    party = made(east, EAST)
    east.start_of_scenario()
    ok(east.balance(party))
    day = east.today()
    order = east.paid(party, 1000)
    east.send_outbound(order, 100)
    east.refunded(order, 100)
    east.to_next_morning()
    link = east.refund_bill(party, day)
    assert ok(link)["download_url"].startswith(f"{program.api}/")
    assert bills.parse(bills.download(east.client, party.caller, link))
    session = requests.Session()
    session.proxies, session.verify = {"https": program.proxy}, program.ca
    east.client.session, east.client.base_url = session, "https://apihk.mch.weixin.qq.com"
    ok(east.balance(party))
    link = east.refund_bill(party, day)
    assert ok(link)["download_url"].startswith("https://apihk.mch.weixin.qq.com/")
    assert bills.parse(bills.download(east.client, party.caller, link))


def test_a_control_interface_beyond_loopback_speaks_tls_and_wants_the_token(mapped, tmp_path):
    token = tmp_path / "token"
    token.touch(mode=0o600)
    token.write_text("t" * 40)
    program = mapped("--tls", "--control-token-file", token, east={"control": "0.0.0.0:0"})
    east = program.store("east")
    assert east.control.startswith("https://127.0.0.1:")
    asked = requests.get(f"{east.control}/clock", verify=program.ca, timeout=60)
    assert asked.status_code == 401
    asked = requests.get(f"{east.control}/clock", verify=program.ca, headers={"Authorization": f"Bearer {'t' * 40}"}, timeout=60)
    assert asked.status_code == 200


def test_a_merchant_is_made_where_the_map_leads_him_and_nowhere_else(mapped):
    program = mapped()
    first, east, north = DemoBook(program), program.world("east"), program.world("north")
    for book, mchid, where in ((first, EAST, "the store east"), (north, EAST, "the store east"), (east, "1900000999", "the first store")):
        answer = book.control.raw("POST", "/merchants", json={"mchid": mchid, "kind": "institution"})
        assert answer.status_code == 409 and f"lies in {where}" in answer.json()["error"], answer.text
    institution = east.merchant("institution", mchid=EAST)
    east.merchant("sub", parent=institution, mchid="1900000998")  # it lies where its parent does
    first.merchant("direct", mchid="1900000999")


def test_a_merchant_of_another_store_is_one_that_nobody_knows(mapped):
    """In one book he would be somebody else's. His order is no order either way, and anybody may be a receiver."""
    program = mapped()
    first, east = DemoBook(program), program.world("east")
    here, beside = first.institution, first.new_institution()
    there = Party(east.credentials(east.merchant("institution", mchid=EAST)), east.merchant("sub", parent=EAST, mchid="1900000998"))
    unknown = (404, "MCH_NOT_EXISTS")
    for book, other, as_child, as_signer in ((first, beside, (403, "NO_AUTH"), (401, "SIGN_ERROR")), (east, there, unknown, unknown)):
        order, child = book.paid(other, 1000, marked=False), Party(here.caller, other.sub_mchid)
        refused(first.native(child, first.number(), 100), *as_child)
        refused(first.amounts(order, party=child), 403, "NO_AUTH", "parent-child relationship")
        refused(first.native(here, first.number(), 100, sp_mchid=other.sponsor), *as_signer)
        refused(first.refund(order, 100, first.number("R"), party=here), 400, "INVALID_REQUEST", "Invalid transaction_id")
        ok(first.add_receiver(here, other.sponsor))


def test_it_goes_on_after_a_kill(mapped):
    program = mapped()
    east = program.world("east")
    party = made(east, EAST)
    order = east.paid(party, 700, marked=False)
    accepted = ok(east.refund(order, 200, "R1"))
    keys = sorted(path.name for path in (program.data / "stores" / "east" / "platform").iterdir())
    program.kill()
    program.start()
    again = program.world("east")
    assert ok(again.refund_by_number(party, "R1"))["id"] == accepted["id"]
    assert sorted(path.name for path in (program.data / "stores" / "east" / "platform").iterdir()) == keys
    again.control.audit()


def test_a_stop_takes_the_ready_files_along(mapped):
    program = mapped()
    places = [program.data / "ready.json", *(program.data / "stores" / name / "ready.json" for name in ("east", "north"))]
    assert all(place.exists() for place in places)
    program.stop()
    assert not any(place.exists() for place in places)


def test_a_request_that_is_held_up_is_answered_at_a_stop(mapped):
    program = mapped()
    east = program.world("east")
    party = made(east, EAST)
    east.control.add_fault(delay_ms=60000, endpoint="refundable-balance", count=1)
    with RawConnection(program.api) as connection:
        connection.send(request_bytes(party.caller, "GET", BALANCE))
        until(lambda: east.control.faults()[0]["hits"] == 1)
        program.stop()
        assert connection.answer().status == 200
