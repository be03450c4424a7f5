"""Errors on demand: POST /faults, which makes requests go wrong, and the vendor's header Wechatpay-Negative-Test, which does it for one."""

import base64
import http.client
import time
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

import rows
import times
from answers import Answer, ok, refused, refused_parameter
from callbacks import until
from client import NEGATIVE_TEST, PATIENCE, target_of
from control import ControlError
from raw import RawConnection, request_bytes
from world import SHARING


@pytest.fixture
def faulty(world):
    """The world with a function that sets a fault; all faults end with the test."""

    def add(**members):
        return world.control.add_fault(**members)

    world.fault = add
    world.client.on_demand = True
    yield world
    world.control.clear_faults()
    world.client.on_demand = False


@pytest.fixture
def order(faulty, institution):
    return faulty.paid(institution, 5000)


def amounts_target(order):
    return target_of(f"{SHARING}/transactions/{order.transaction_id}/amounts", order.party.in_distribution())


def bare(world, caller, method, target, body=None):
    """One request on a connection of its own, its answer as it came, unverified."""
    with RawConnection(world.program.api) as connection:
        connection.send(request_bytes(caller, method, target, body))
        return connection.answer(method, target)


def bare_amounts(order, world):
    return bare(world, order.party.caller, "GET", amounts_target(order))


def refund_body(order, number, amount):
    return {
        **order.party.in_payment_with_appid(),
        "transaction_id": order.transaction_id,
        "out_refund_no": number,
        "amount": {"refund": amount, "total": order.amount, "currency": "CNY"},
    }


def gone(world, party, order, number):
    """Whether the refund of this number is in the book."""
    world.control.clear_faults()
    return world.refund_by_number(party, number).status == 200


# ---- effects: errors ----


@pytest.mark.parametrize("name", ["SYSTEM_ERROR", "REFUND_SHORT", "LIMIT_CALLER", "OVERLOAD", "BALANCE_NOT_DISTRIBUTABLE"])
def test_a_row_of_the_table_is_the_answer(faulty, order, name):
    row = next(row for row in rows.ROWS if row.name == name)
    faulty.fault(error=name, count=1)
    answer = refused(faulty.amounts(order), row.status, row.code, row.english)
    assert answer.number == row.number
    assert faulty.unsplit(order) == 4970  # 5000 less 0.6 %: once was once


def test_the_older_prefix_has_its_own_spelling(faulty, order):
    faulty.fault(error="SYSTEM_ERROR", count=2)
    refused(faulty.refund_by_number(order.party, "NONE0001", "/hk/v3"), 500, "SYSTEMERROR")
    refused(faulty.refund_by_number(order.party, "NONE0001"), 500, "SYSTEM_ERROR")


def test_an_error_before_the_work_means_that_nothing_was_done(faulty, order):
    number = faulty.number("R")
    faulty.fault(error="SYSTEM_ERROR", endpoint="refund-submit", count=1)
    refused(faulty.refund(order, 1000, number), 500, "SYSTEM_ERROR")
    assert not gone(faulty, order.party, order, number)
    assert ok(faulty.refund(order, 1000, number))["out_refund_no"] == number


def test_an_error_after_the_work_hides_that_it_was_done(faulty, order):
    number = faulty.number("R")
    faulty.fault(error="SYSTEM_ERROR", when="after", endpoint="refund-submit", count=1)
    refused(faulty.refund(order, 1000, number), 500, "SYSTEM_ERROR")
    accepted = ok(faulty.refund(order, 1000, number))
    assert accepted["amount"]["refund"] == 1000
    assert faulty.refundable(order) == (4000, 0)  # once: 5000 - 1000
    assert ok(faulty.refunds_of(order))["total_num"] == 1


def test_an_asked_for_error_is_no_faulty_refund_of_the_caller(program):
    """Seven refused refunds within a second are one too many, unless they were refused on demand."""
    from world import World

    world = World(program(demo=True, limits="real"))
    world.start_of_scenario()
    world.client.on_demand = True
    party = world.party("direct")
    world.control.add_fault(error="REFUND_SHORT", count=9)
    for _ in range(9):
        order = world.paid(party, 1000, frozen=False, marked=False)
        refused(world.refund(order, 100, world.number("R")), 403, "NOT_ENOUGH")


# ---- effects: the connection ----


def test_a_reset_before_the_work(faulty, order):
    number = faulty.number("R")
    faulty.fault(effect="reset", count=1)
    with pytest.raises(ConnectionResetError):
        bare(faulty, order.party.caller, "POST", "/v3/global/refunds", refund_body(order, number, 1000))
    assert not gone(faulty, order.party, order, number)


def test_a_reset_after_the_work(faulty, order):
    number = faulty.number("R")
    faulty.fault(effect="reset", when="after", count=1)
    with pytest.raises(ConnectionResetError):
        bare(faulty, order.party.caller, "POST", "/v3/global/refunds", refund_body(order, number, 1000))
    assert gone(faulty, order.party, order, number)


def test_an_answer_is_cut_in_the_middle_of_its_body(faulty, order):
    whole = bare_amounts(order, faulty).body
    faulty.fault(effect="cut", count=1)
    with pytest.raises(http.client.IncompleteRead) as cut:
        bare_amounts(order, faulty)
    assert cut.value.partial == whole[: len(whole) // 2]
    assert cut.value.expected == len(whole) - len(whole) // 2


def test_an_answer_without_a_body_is_cut_to_nothing(faulty, institution):
    number = faulty.number("M")
    faulty.fault(effect="cut", endpoint="mark", count=1)
    body = {**institution.in_distribution(), "out_trade_no": number, "currency": "CNY"}
    with pytest.raises(http.client.RemoteDisconnected):
        bare(faulty, institution.caller, "POST", f"{SHARING}/transactions/mark", body)
    assert ok(faulty.native(institution, number, 1000))  # the mark was made all the same, and marks may be repeated
    assert faulty.control.faults()[0]["hits"] == 1


def test_a_bill_file_is_cut(program):
    from demo_book import DemoBook

    book = DemoBook(program(demo=True))
    link = ok(book.refund_bill(book.institution, book["BILL_DATE"]))["download_url"]
    target = urlsplit(link).path + "?" + urlsplit(link).query
    whole = bare(book, book.institution.caller, "GET", target).body
    book.control.add_fault(effect="cut", endpoint="bill-file")
    with pytest.raises(http.client.IncompleteRead) as cut:
        bare(book, book.institution.caller, "GET", target)
    assert cut.value.partial == whole[: len(whole) // 2]


# ---- effects: the signature ----


def verified_by(key, answer):
    """Raises InvalidSignature unless this key signed the answer."""
    message = f"{answer.header('Wechatpay-Timestamp')}\n{answer.header('Wechatpay-Nonce')}\n".encode() + answer.body + b"\n"
    signature = base64.b64decode(answer.header("Wechatpay-Signature"), validate=True)
    key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())


def platform_key(world, answer):
    return world.client.platform.key(answer.header("Wechatpay-Serial"))


def test_a_wrong_signature_looks_like_a_right_one(faulty, order):
    faulty.fault(effect="wrong_signature", count=1)
    answer = bare_amounts(order, faulty)
    assert (answer.status, answer.json["unsplit_amount"]) == (200, 4970)
    assert len(base64.b64decode(answer.header("Wechatpay-Signature"), validate=True)) == 256
    with pytest.raises(InvalidSignature):
        verified_by(platform_key(faulty, answer), answer)


def test_a_probe_begins_as_the_vendor_s_do(faulty, order):
    faulty.fault(effect="probe_signature", count=1)
    answer = bare_amounts(order, faulty)
    assert answer.status == 200 and answer.header("Wechatpay-Signature").startswith("WECHATPAY/SIGNTEST/")


def test_a_missing_signature(faulty, order):
    faulty.fault(effect="no_signature", count=1)
    answer = bare_amounts(order, faulty)
    assert answer.status == 200 and answer.header("Request-ID")
    assert [name for name, _ in answer.headers if name.lower().startswith("wechatpay-")] == []


def test_a_certificate_that_has_run_out(faulty, order):
    """A client sees a serial number that it does not know and that no list of certificates has; one that keeps the old certificate sees
    a signature that verifies, by a certificate that is over."""
    told = faulty.fault(effect="expired_certificate", count=1)
    answer = bare_amounts(order, faulty)
    certificate = x509.load_pem_x509_certificate(told["certificate"].encode())
    assert answer.header("Wechatpay-Serial") == told["serial_no"] == format(certificate.serial_number, "040X")
    verified_by(certificate.public_key(), answer)
    assert certificate.not_valid_after < datetime(2022, 1, 1)
    listed = ok(faulty.client.get(order.party.caller, "/v3/global/certificates"))["data"]
    assert told["serial_no"] not in [one["serial_no"] for one in listed]
    assert not (faulty.program.data / "platform" / f"{told['serial_no']}.pem").exists()
    assert faulty.fault(effect="expired_certificate", count=1)["serial_no"] == told["serial_no"]


def test_a_timestamp_of_ten_minutes_ago(faulty, order):
    faulty.fault(effect="stale_timestamp", count=1)
    answer = bare_amounts(order, faulty)
    assert 599 <= time.time() - int(answer.header("Wechatpay-Timestamp")) <= 600 + 20 * PATIENCE
    verified_by(platform_key(faulty, answer), answer)


@pytest.mark.parametrize("name", [row.name for row in rows.ROWS if row.status == 401 and row.name != "SIGN_MCHID"])
def test_a_401_on_demand_is_unsigned_like_any(faulty, order, name):
    faulty.fault(error=name, count=1)
    answer = refused(faulty.amounts(order), 401, "SIGN_ERROR")
    assert answer.header("Wechatpay-Signature") is None


# ---- effects: delays ----


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_delay_holds_no_worker(program, when):
    """With one worker that serves HTTP, others are answered while one waits."""
    from world import World

    world = World(program("--workers", "1", demo=True))
    world.start_of_scenario()
    order = world.paid(world.party("direct"), 5000)
    # Where a worker is held, the other waits each time. Where a busy machine held it up, not for long.
    assert any(other_is_answered_meanwhile(world, order, when, seconds) for seconds in (1.5, 1.5, 5, 10, 20)), "the other request waited"


def other_is_answered_meanwhile(world, order, when, seconds):
    world.control.clear_faults()
    world.control.add_fault(delay_ms=round(1000 * seconds), when=when, endpoint="transaction-amounts", count=1)
    with RawConnection(world.program.api, 30) as slow:
        begin = time.monotonic()
        slow.send(request_bytes(order.party.caller, "GET", amounts_target(order)))
        while world.control.faults()[0]["hits"] == 0:
            time.sleep(0.001)
        world.balance(order.party)
        meanwhile = time.monotonic() - begin < seconds - 0.1
        assert slow.answer("GET", amounts_target(order)).json["unsplit_amount"] == 4970
        assert time.monotonic() - begin >= seconds
    return meanwhile


def test_a_delay_after_the_work_lets_a_client_time_out_though_it_was_done(faulty, order):
    number = faulty.number("R")
    faulty.fault(delay_ms=1000, when="after", count=1)
    with RawConnection(faulty.program.api, 30) as slow:
        slow.send(request_bytes(order.party.caller, "POST", "/v3/global/refunds", refund_body(order, number, 1000)))
        while faulty.control.faults()[0]["hits"] == 0:
            time.sleep(0.001)
        while faulty.refund_by_number(order.party, number).status != 200:
            time.sleep(0.01)
    assert ok(faulty.refund(order, 1000, number))["out_refund_no"] == number
    assert ok(faulty.refunds_of(order))["total_num"] == 1


def test_a_delay_and_an_error(faulty, order):
    faulty.fault(error="SYSTEM_ERROR", delay_ms=300, count=1)
    begin = time.monotonic()
    refused(faulty.amounts(order), 500, "SYSTEM_ERROR")
    assert time.monotonic() - begin >= 0.3


# ---- which requests ----


def test_only_the_endpoint_the_path_or_the_merchant_that_is_meant(faulty, order, direct):
    other = faulty.paid(direct, 5000)
    sibling = faulty.paid(faulty.other_child(), 5000)
    for rule, struck in (
        ({"endpoint": "transaction-amounts"}, {"order", "other", "sibling"}),
        ({"endpoint": "refund-submit"}, set()),
        ({"path": f"{SHARING}/transactions/*"}, {"order", "other", "sibling"}),
        ({"path": "/hk/v3/*"}, set()),
        ({"path": f"{SHARING}/transactions/{other.transaction_id}/amounts"}, {"other"}),
        ({"mchid": order.party.sponsor}, {"order", "sibling"}),
        ({"mchid": direct.sponsor}, {"other"}),
        ({"sub_mchid": order.party.sub_mchid}, {"order"}),
    ):
        faulty.fault(error="SYSTEM_ERROR", **rule)
        asked = {"order": order, "other": other, "sibling": sibling}
        assert {name for name, one in asked.items() if faulty.amounts(one).status == 500} == struck, rule
        faulty.control.clear_faults()


def test_sub_mchid_is_found_in_bodies_too(faulty, order):
    sibling = faulty.paid(faulty.other_child(), 5000)
    faulty.fault(error="SYSTEM_ERROR", sub_mchid=sibling.party.sub_mchid)
    ok(faulty.refund(order, 100, faulty.number("R")))
    refused(faulty.refund(sibling, 100, faulty.number("R")), 500, "SYSTEM_ERROR")


def test_what_is_refused_before_the_work_is_not_struck(faulty, order):
    faulty.fault(error="SYSTEM_ERROR")
    refused(faulty.client.get(order.party.caller, "/v3/global/nothing"), 404, "NOT_FOUND")
    refused(faulty.client.get(order.party.caller, "/v3/global/nothing", signed=False), 401, "SIGN_ERROR")
    refused_parameter(faulty.amounts(order, sub_mchid="x" * 33), "sub_mchid", "query")
    assert [rule["seen"] for rule in faulty.control.faults()] == [0]
    refused(faulty.amounts(order), 500)


def test_control_is_never_struck(faulty):
    faulty.fault(effect="reset")
    assert faulty.control.healthy()
    assert faulty.control.audit()


def test_a_share_of_the_requests_by_its_seed(faulty, order):
    def struck(seed):
        told = faulty.fault(error="SYSTEM_ERROR", share=2500, seed=seed)
        pattern = [faulty.amounts(order).status == 500 for _ in range(100)]
        assert faulty.control.faults()[0]["hits"] == sum(pattern) and told["seed"] == seed
        faulty.control.clear_faults()
        return pattern

    first = struck(11)
    assert struck(11) == first != struck(12)
    assert 4 <= sum(first) <= 46  # 25, give or take five standard deviations (4.3)


def test_without_a_seed_one_is_drawn_and_told(faulty, order):
    told = faulty.fault(error="SYSTEM_ERROR", share=5000)
    first = [faulty.amounts(order).status for _ in range(30)]
    faulty.control.clear_faults()
    faulty.fault(error="SYSTEM_ERROR", share=5000, seed=told["seed"])
    assert [faulty.amounts(order).status for _ in range(30)] == first


# ---- how long ----


def test_the_next_n(faulty, order):
    faulty.fault(error="SYSTEM_ERROR", count=3)
    assert [faulty.amounts(order).status for _ in range(5)] == [500, 500, 500, 200, 200]
    (rule,) = faulty.control.faults()
    assert (rule["seen"], rule["hits"], rule["over"]) == (3, 3, True)


def test_until_a_time_in_the_book(faulty, order):
    faulty.fault(error="SYSTEM_ERROR", until=times.written(faulty.now() + timedelta(minutes=5)))
    refused(faulty.amounts(order), 500)
    faulty.forward(minutes=4, seconds=59)
    refused(faulty.amounts(order), 500)
    faulty.forward(seconds=1)
    ok(faulty.amounts(order))
    assert faulty.control.faults()[0]["over"]


def test_for_some_seconds(faulty, order):
    seconds = round(2 * max(1, PATIENCE / 2))
    begin = time.monotonic()
    assert faulty.fault(error="SYSTEM_ERROR", seconds=seconds)["seconds"] in range(1, seconds + 1)
    refused(faulty.amounts(order), 500)
    until(lambda: faulty.amounts(order).status == 200)
    assert time.monotonic() - begin >= seconds


def test_they_end_when_told(faulty, order):
    first = faulty.fault(error="SYSTEM_ERROR", endpoint="transaction-amounts")["id"]
    faulty.fault(error="REFUND_SHORT")
    assert faulty.control.raw("DELETE", f"/faults/{first}").json() == {"cleared": 1}
    assert faulty.control.raw("DELETE", f"/faults/{first}").status_code == 404
    refused(faulty.amounts(order), 403)
    assert faulty.control.post("/faults/clear") == {"cleared": 1}
    ok(faulty.amounts(order))
    assert faulty.control.faults() == []


def test_a_reset_of_the_book_ends_them(program):
    from demo_book import DemoBook

    book = DemoBook(program(demo=True))
    book.control.add_fault(error="SYSTEM_ERROR")
    book.control.reset()
    assert book.control.faults() == []
    ok(book.balance(book.institution))


def test_sixty_four_at_most(faulty):
    for _ in range(64):
        faulty.fault(error="SYSTEM_ERROR", path="/nowhere")
    with pytest.raises(ControlError) as full:
        faulty.fault(error="SYSTEM_ERROR")
    assert full.value.status == 409 and "64" in full.value.text
    assert len(faulty.control.faults()) == 64


# ---- refusals ----


def refusals(world, order):
    """Requests that are refused before any work, with the status each has without a fault."""
    caller = order.party.caller
    stranger = replace(caller, key=rsa.generate_private_key(65537, 2048))
    return [
        (caller, "GET", amounts_target(order) + "&nonsense=1", None, 400),  # a parameter
        (caller, "POST", "/v3/global/refunds", {"nonsense": 1}, 400),
        (caller, "GET", "/v3/global/nothing", None, 404),  # no endpoint
        (caller, "PUT", amounts_target(order), None, 405),
        (stranger, "GET", amounts_target(order), None, 401),  # the signature, which the doctor looks into
        (None, "GET", amounts_target(order), None, 401),  # no signature
    ]


def test_refusals_are_not_struck_unless_the_rule_says_so(faulty, order):
    made = faulty.fault(effect="reset")
    assert made["refusals"] is False
    for caller, method, target, body, status in refusals(faulty, order):
        assert bare(faulty, caller, method, target, body).status == status
    assert faulty.control.faults()[0]["seen"] == 0


def test_a_refusal_without_signature_headers(faulty, order):
    assert faulty.fault(effect="no_signature", refusals=True)["refusals"] is True
    for caller, method, target, body, status in refusals(faulty, order):
        answer = bare(faulty, caller, method, target, body)
        assert (answer.status, answer.json["code"] != "") == (status, True)
        assert answer.header("Wechatpay-Signature") is None and answer.header("Wechatpay-Serial") is None
        assert answer.header("Request-ID")
    assert bare_amounts(order, faulty).status == 200  # what is worked on is struck as well
    assert faulty.control.faults()[0]["hits"] == len(refusals(faulty, order)) + 1


def test_a_refusal_of_ten_minutes_ago(faulty, order):
    faulty.fault(effect="stale_timestamp", refusals=True)
    answer = bare(faulty, order.party.caller, "GET", amounts_target(order) + "&nonsense=1")
    assert answer.status == 400 and time.time() - int(answer.header("Wechatpay-Timestamp")) >= 599


@pytest.mark.parametrize("effect", ["wrong_signature", "probe_signature", "expired_certificate"])
def test_a_refusal_whose_signature_is_no_good(faulty, order, effect):
    faulty.fault(effect=effect, refusals=True)
    for caller, method, target, body, status in refusals(faulty, order):
        answer = bare(faulty, caller, method, target, body)
        assert answer.status == status
        if status == 401:
            assert answer.header("Wechatpay-Signature") is None
        else:
            with pytest.raises((AssertionError, InvalidSignature, KeyError)):
                faulty.client.accept(answer, caller)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_refusal_that_is_cut_or_reset_or_another_error(faulty, order, when):
    for number, (caller, method, target, body, status) in enumerate(refusals(faulty, order)):
        faulty.fault(effect="cut", refusals=True, count=1)
        with pytest.raises(http.client.IncompleteRead):
            bare(faulty, caller, method, target, body)
        faulty.fault(effect="reset", when=when, refusals=True, count=1)
        with pytest.raises(ConnectionResetError):
            bare(faulty, caller, method, target, body)
        faulty.fault(error="OVERLOAD", when=when, delay_ms=1 + number, refusals=True, count=1)
        assert bare(faulty, caller, method, target, body).status == 503
        assert bare(faulty, caller, method, target, body).status == status


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_refusal_that_comes_late(faulty, order, when):
    for caller, method, target, body, status in refusals(faulty, order):
        faulty.fault(delay_ms=200, when=when, refusals=True, count=1)
        started = time.monotonic()
        assert bare(faulty, caller, method, target, body).status == status
        assert time.monotonic() - started >= 0.2


def test_which_refusals(faulty, order):
    """By endpoint, path and the merchant that the request names, as far as it was understood."""
    caller, wrong = order.party.caller, amounts_target(order) + "&nonsense=1"
    for rule, status in (
        ({"endpoint": "transaction-amounts"}, 503),
        ({"endpoint": "refund-submit"}, 400),
        ({"path": "/v3/global/profit-sharing/transactions/*"}, 503),
        ({"path": "/hk/v3/*"}, 400),
        ({"mchid": caller.mchid}, 503),
        ({"mchid": "19999999"}, 400),
        ({"sub_mchid": order.party.sub_mchid}, 400),  # the parameters were not read
    ):
        faulty.fault(error="OVERLOAD", refusals=True, **rule)
        assert bare(faulty, caller, "GET", wrong).status == status, rule
        faulty.control.clear_faults()
    faulty.fault(error="OVERLOAD", refusals=True, mchid=caller.mchid)
    stranger = replace(caller, key=rsa.generate_private_key(65537, 2048))
    assert bare(faulty, stranger, "GET", amounts_target(order)).status == 503  # who it says it is
    assert bare(faulty, None, "GET", amounts_target(order)).status == 401


# ---- what is told, what is refused ----


def test_what_was_asked_for_is_listed(faulty, institution):
    asked = {
        "error": "SYSTEM_ERROR",
        "delay_ms": 10,
        "when": "after",
        "endpoint": "refund-submit",
        "path": "/hk/v3/*",
        "mchid": institution.sponsor,
        "sub_mchid": institution.sub_mchid,
        "share": 1,
        "seed": 5,
        "count": 6,
        "until": times.written(faulty.now() + timedelta(days=1)),
        "refusals": True,
    }
    made = faulty.fault(**asked)
    assert made == {**asked, "id": made["id"], "effect": "error", "seen": 0, "hits": 0, "over": False}
    assert faulty.control.faults() == [made]


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"error": "NO_SUCH_ROW"},
        {"error": "NOT_ENOUGH"},  # a code, not a row
        {"effect": "error"},
        {"effect": "reset", "error": "SYSTEM_ERROR"},
        {"effect": "fire"},
        {"effect": "delay"},
        {"delay_ms": 60001},
        {"delay_ms": 0},
        {"effect": "cut", "when": "before"},
        {"effect": "no_signature", "when": "before"},
        {"effect": "reset", "endpoint": "nothing"},
        {"effect": "reset", "path": "v3"},
        {"effect": "reset", "path": "/v3/*/*"},
        {"effect": "reset", "path": "/v3?a=b"},
        {"effect": "reset", "mchid": "abc"},
        {"effect": "reset", "share": 0},
        {"effect": "reset", "share": 10001},
        {"effect": "reset", "count": 0},
        {"effect": "reset", "seconds": -1},
        {"effect": "reset", "until": "tomorrow"},
        {"effect": "reset", "seed": -1},
        {"effect": "reset", "often": True},
    ],
    ids=str,
)
def test_a_fault_that_makes_no_sense(faulty, members):
    with pytest.raises(ControlError) as problem:
        faulty.fault(**members)
    assert problem.value.status == 400 and '"' in problem.value.text
    assert faulty.control.faults() == []


# ---- the vendor's header ----


def asked_for(world, order, code, prefix="/v3/global"):
    path = target_of(f"{prefix}/refunds", None)
    number = world.number("R")
    answer = world.client.post(order.party.caller, path, refund_body(order, number, 1000), headers={NEGATIVE_TEST: code})
    return answer, number


@pytest.mark.parametrize(
    "code,status,message",
    [
        ("NOT_ENOUGH", 403, "The refund source does not hold enough"),
        ("SYSTEM_ERROR", 500, "System error"),
        ("TRADE_OVERDUE", 400, "older than one year"),
        ("USER_ACCOUNT_ABNORMAL", 403, "account is closed"),
        ("FREQUENCY_LIMITED", 429, "Too many requests"),
        ("REFUND_TOO_MUCH", 400, "larger than the order amount"),  # a row by its name
        ("REFUND_SYSTEMERROR", 500, "System error"),  # spelt like the vendor's cases
    ],
)
def test_the_header_asks_for_an_error(world, party, code, status, message):
    order = world.paid(party, 5000)
    answer, number = asked_for(world, order, code)
    refused(answer, status, message=message)
    assert world.refund_by_number(party, number).status == 404  # nothing was changed
    ok(world.refund(order, 1000, number))


def test_the_header_works_under_the_older_prefix(world, party):
    order = world.paid(party, 5000)
    refused(asked_for(world, order, "NOTENOUGH", "/hk/v3")[0], 403, "NOTENOUGH")
    refused(asked_for(world, order, "NOT_ENOUGH", "/hk/v3")[0], 403, "NOTENOUGH")


def test_an_unknown_code_is_told_with_those_that_are_known(world, party):
    order = world.paid(party, 5000)
    answer = refused_parameter(asked_for(world, order, "OUT_OF_TEA")[0], NEGATIVE_TEST, None, "OUT_OF_TEA")
    for code in ("INVALID_REQUEST", "NO_AUTH", "NOT_ENOUGH", "fenzhang errors"):
        assert code in answer.detail["issue"]


def test_the_header_counts_after_the_signature_and_the_path(world, party):
    order = world.paid(party, 5000)
    headers = {NEGATIVE_TEST: "NOT_ENOUGH"}
    refused(world.client.get(party.caller, "/v3/global/nothing", headers=headers), 404)
    target = amounts_target(order)
    refused(world.client.send(party.caller, "GET", target, headers=headers, nonce="x", signature="AAAA"), 401)


def test_a_cut_answer_leaves_other_connections_alone(faulty, order):
    """A fault ends its own connection, and nobody else's."""
    with RawConnection(faulty.program.api) as kept:
        kept.send(request_bytes(order.party.caller, "GET", amounts_target(order)))
        assert kept.answer("GET", amounts_target(order)).status == 200
        for effect in ("reset", "cut"):
            faulty.fault(effect=effect, count=1)
            with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
                bare_amounts(order, faulty)
        kept.send(request_bytes(order.party.caller, "GET", amounts_target(order)))
        assert kept.answer("GET", amounts_target(order)).status == 200
