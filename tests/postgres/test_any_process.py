"""Any process serves anything: three on one database, each request to another one."""

import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

import bills
from answers import ok, refused
from client import PATIENCE
from control import ControlError
from demo_book import DemoBook
from program import BINARY
from sharing import Everywhere, Several
from world import BALANCE_ARRIVAL, FUNDS, ORDER

SECOND = 1.0 if PATIENCE == 1 else 1.0 * PATIENCE


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    running = Several(tmp_path_factory.mktemp("several"), demo=True, named="pay").start()
    yield running
    running.stop()


@pytest.fixture
def everywhere(several):
    world = Everywhere(several)
    world._counter = several.__dict__.setdefault("counter", world._counter)
    world.start_of_scenario()
    return world


def within_a_second(what, *arguments):
    """Asks until it is so, for a second."""
    end = time.monotonic() + SECOND
    while True:
        try:
            return what(*arguments)
        except AssertionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


# ---- merchants and keys ----


def test_a_new_merchants_first_request_is_taken_by_every_process(everywhere):
    for here in everywhere.each():
        mchid = here.merchant("direct")
        for other in everywhere.each():
            assert ok(other.client.get(everywhere.credentials(mchid), "/v3/certificates"))


def test_so_is_the_first_with_a_new_key(everywhere):
    mchid = everywhere.merchant("direct")
    for here in everywhere.each():
        before = everywhere.credentials(mchid)
        here.control.change_merchant(mchid, certificate="rotate")
        after = everywhere.credentials(mchid)
        assert after.serial_no != before.serial_no
        for other in everywhere.each():
            ok(other.client.get(after, "/v3/certificates"))


@pytest.mark.parametrize("state", ["revoked", "expired"])
def test_a_key_that_was_taken_back_is_refused_everywhere_within_a_second(everywhere, state):
    mchid = everywhere.merchant("direct")
    caller = everywhere.credentials(mchid)
    everywhere.at(0).control.change_merchant(mchid, certificate=state)
    for other in everywhere.each():
        within_a_second(lambda other=other: refused(other.client.get(caller, "/v3/certificates"), 401))
    everywhere.at(1).control.change_merchant(mchid, certificate="valid")
    for other in everywhere.each():
        ok(other.client.get(caller, "/v3/certificates"))


def test_a_wrong_key_stays_refused(everywhere):
    caller = everywhere.credentials(everywhere.merchant("direct"))
    strange = everywhere.credentials(everywhere.merchant("direct"))
    for other in everywhere.each():
        refused(other.client.send(caller, "GET", "/v3/certificates", serial_no=strange.serial_no), 401)
        refused(other.client.send(caller, "GET", "/v3/certificates", mchid="1234567890"), 401)


# ---- the platform's keys ----


def test_a_rotated_certificate_signs_everywhere_within_a_second(everywhere):
    made = everywhere.at(1).control.post("/platform/rotate", {"signs_in": "PT0S"})
    caller = everywhere.credentials(everywhere.merchant("direct"))

    def signs(other):
        answer = other.client.get(caller, "/v3/certificates")
        assert ok(answer) and answer.header("Wechatpay-Serial") == made["serial_no"]

    for other in everywhere.each():
        within_a_second(signs, other)


# ---- Request-IDs ----


def test_a_request_id_says_which_process_answered(everywhere):
    caller = everywhere.credentials(everywhere.merchant("direct"))
    seen = set()
    for here in everywhere.each():
        process = here.control.get("/requests")["process"]
        request_id = here.client.get(caller, "/v3/certificates").header("Request-ID")
        assert re.fullmatch(rf"{process}[0-9A-F]{{24}}-0", request_id)
        seen.add(process)
    assert len(seen) == 3


# ---- bills ----


def test_bills_are_the_same_bytes_wherever_they_are_made_and_links_hold_everywhere(everywhere):
    book = everywhere
    day = book.today()
    parties = [book.new_institution(), book.new_direct()]
    for party in parties:
        order = book.paid(party, 10000)
        book.send_outbound(order, 4000)
        book.refunded(order, 4500, sources=[(ORDER, 3500), (FUNDS, 1000)])
        book.refunded(book.paid(party, 500, marked=False), 200)
    book.forward(BALANCE_ARRIVAL + timedelta(hours=1))
    book.to_next_morning()
    for party in parties:
        for ask in ("refund_bill", "distribution_bill"):
            links = [getattr(here, ask)(party, day) for here in book.each()]
            for link in links:
                files = {bills.download(here.client, party.caller, link) for here in book.each()}
                assert len(files) == 1 and len(bills.parse(files.pop()).lines) > 0
            hashes = {tuple(sorted((k, v) for k, v in ok(link).items() if k != "download_url")) for link in links}
            assert len(hashes) == 1
        for headers in ({"Accept-Encoding": "identity"}, {"Accept-Encoding": "gzip"}):
            got = [here.statement(party, day, headers=headers) for here in book.each()]
            assert len({answer.body for answer in got}) == 1
            assert len({answer.header("Wechatpay-Statement-Sha1") for answer in got}) == 1
    book.control.audit()


# ---- one number, two processes ----


def both_at_once(everywhere, ask):
    """The answers of all processes to the same question, asked at the same moment."""
    worlds = everywhere.each()
    with ThreadPoolExecutor(len(worlds)) as at_once:
        return list(at_once.map(ask, worlds))


def codes(answers):
    """Of those that were refused."""
    return [answer.json["code"] for answer in answers if answer.status != 200]


def test_one_refund_number_is_one_refund(everywhere):
    party = everywhere.new_direct()
    for _ in range(5):
        order, number = everywhere.paid(party, 1000), everywhere.number("R")
        answers = both_at_once(everywhere, lambda here: here.refund(order, 300, number))
        assert len({ok(answer)["id"] for answer in answers}) == 1
        assert everywhere.refundable(order)[0] == 700
    everywhere.control.audit()


def test_one_refund_number_with_two_contents_is_one_refund_and_one_error(everywhere):
    party = everywhere.new_direct()
    for _ in range(5):
        order, number = everywhere.paid(party, 1000), everywhere.number("R")
        amounts = iter((100, 200, 300))
        answers = both_at_once(everywhere, lambda here: here.refund(order, next(amounts), number))
        assert codes(answers) == ["OUT_REFUND_NO_USED", "OUT_REFUND_NO_USED"]
        (taken,) = (ok(answer)["amount"]["refund"] for answer in answers if answer.status == 200)
        assert everywhere.refundable(order)[0] == 1000 - taken
    everywhere.control.audit()


def test_one_distribution_number_is_one_distribution(everywhere):
    party = everywhere.new_direct()
    everywhere.receiver(party)
    for _ in range(5):
        order, number = everywhere.paid(party, 1000), everywhere.number("D")
        slices = [everywhere.slice(everywhere.receiver(party), 200)]
        answers = both_at_once(everywhere, lambda here: here.distribution(order, slices, number))
        assert len({ok(answer)["order_id"] for answer in answers}) == 1
        assert everywhere.unsplit(order) <= 1000
    everywhere.control.audit()


def test_one_distribution_number_with_two_contents_is_one_distribution_and_one_error(everywhere):
    party = everywhere.new_direct()
    account = everywhere.receiver(party)
    for _ in range(5):
        order, number = everywhere.paid(party, 1000), everywhere.number("D")
        amounts = iter((100, 150, 200))
        answers = both_at_once(everywhere, lambda here: here.distribution(order, [everywhere.slice(account, next(amounts))], number))
        refusals = codes(answers)
        assert len(refusals) == 2 and len(set(refusals)) == 1, refusals
    everywhere.control.audit()


def test_one_receiver_is_added_once(everywhere):
    party = everywhere.new_direct()
    for _ in range(5):
        account = everywhere.new_mchid()
        answers = both_at_once(everywhere, lambda here: here.add_receiver(party, account))
        assert codes(answers) == ["INVALID_REQUEST", "INVALID_REQUEST"]
        assert "already added" in next(answer for answer in answers if answer.status != 200).json["message"]
    everywhere.control.audit()


def test_one_order_number_is_one_order(everywhere):
    party = everywhere.new_direct()
    for same in (True, False) * 3:
        number = everywhere.number()
        amounts = iter((100, 100, 100) if same else (100, 200, 300))
        answers = both_at_once(everywhere, lambda here: here.native(party, number, next(amounts)))
        assert set(codes(answers)) <= {"OUT_TRADE_NO_USED"}
        assert len(codes(answers)) == (0 if same else 2)
    everywhere.control.audit()


# ---- what belongs to one process ----


def test_what_is_a_processs_own_says_whose_it_is(everywhere):
    """Faults, limits, modes, the request log: asked of one, they are that one's, and the answer names it."""
    caller = everywhere.credentials(everywhere.merchant("direct"))
    one, other, _ = everywhere.each()
    ids = [here.control.get("/health")["process"] for here in (one, other)]
    one.control.add_fault(path="/v3/certificates", error="SYSTEM_ERROR")
    try:
        one.client.on_demand = True
        assert one.client.get(caller, "/v3/certificates").status == 500
        ok(other.client.get(caller, "/v3/certificates"))
        for path in ("/faults", "/limits", "/callbacks/mode", "/requests"):
            named = [here.control.raw("GET", path).headers["Fenzhang-Process"] for here in (one, other)]
            assert named == ids
        assert len(one.control.faults()) == 1 and other.control.faults() == []
    finally:
        one.control.clear_faults()


def test_a_process_has_a_name(everywhere, several):
    for number, here in enumerate(everywhere.each()):
        health = here.control.get("/health")
        assert health["process_name"] == f"pay-{number}"
        assert f'fenzhang_process_info{{process="{health["process"]}",name="pay-{number}"}} 1\n' in here.control.metrics().text


def test_there_are_no_snapshots(everywhere):
    with pytest.raises(ControlError, match="409 .*There are no snapshots of a book in PostgreSQL") as refusal:
        everywhere.control.post("/snapshots", {"name": "one"})
    assert refusal.value.status == 409


# ---- control calls ----


def test_an_orders_life_by_control_calls_each_to_another_process(everywhere):
    party = everywhere.new_institution()
    order = everywhere.paid(party, 1000)
    refund = everywhere.refunded(order, 300)
    everywhere.control.set_outcome(refund["id"], "ABNORMAL")
    everywhere.control.set_outcome(refund["id"], "REFUNDCLOSE")
    assert everywhere.refundable(order)[0] == 1000
    world = everywhere.control.get("/world")
    assert party.sponsor in str(world)
    everywhere.control.audit()


def test_the_book_is_audited_beside_those_that_serve_it(several):
    done = subprocess.run([BINARY, "audit", "--store", several.database], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "The book is sound." in done.stdout


def test_a_reset_by_one_process_is_a_reset_for_all(everywhere, several):
    """Last: it takes everything away."""
    one, other, third = everywhere.each()
    third.control.add_fault(path="/v3/certificates", error="SYSTEM_ERROR")
    gone = everywhere.credentials(everywhere.merchant("direct"))
    one.control.reset()
    numbers = one.program.demo["TRANSACTION_ID"]

    def follows(here):
        assert here.program.demo["TRANSACTION_ID"] == numbers
        assert here.control.faults() == []
        assert not (here.program.data / "merchants" / gone.mchid).exists()

    for here in (other, third):
        within_a_second(lambda here=here: refused(here.client.get(gone, "/v3/certificates"), 401))
        within_a_second(follows, here)
        book = DemoBook(here.program)
        book._counter = everywhere._counter
        book.start_of_scenario()
        order = book.paid(book.direct, 1000)
        book.refunded(order, 400)
    one.control.audit()
