"""The documented limits of requests: on unless --limits off"""

import threading
import time

import pytest

from answers import ok, refused
from client import PATIENCE
from demo_book import DemoBook
from raw import RawConnection, request_bytes
from world import SHARING

FAULTY = {"/v3/global": "FREQUENCY_LIMITED", "/hk/v3": "INVALID_REQ_TOO_MUCH"}


@pytest.fixture
def limited(program):
    book = DemoBook(program(demo=True, limits="real"))
    book.start_of_scenario()
    return book


def burst(book, caller, target, count):
    """Signs `count` requests, then sends them all at once. Gives the answers, or skips on a machine that is too slow."""
    requests = b"".join(request_bytes(caller, "GET", target) for _ in range(count))
    with RawConnection(book.program.api, timeout_s=20) as connection:
        started = time.monotonic()
        sending = threading.Thread(target=connection.send, args=(requests,))
        sending.start()  # aside, so that answers are read meanwhile
        answers = [book.client.accept(connection.answer("GET", target), caller) for _ in range(count)]
        took = time.monotonic() - started
        sending.join()
    if took > 1.5 and all(answer.status != 429 for answer in answers):
        pytest.skip(f"{count} requests took {took:.1f} s here")
    return answers


def test_a_minute_between_refunds_of_an_order(limited):
    order = limited.paid(limited.direct, 10000)
    other = limited.paid(limited.direct, 10000)
    number = limited.number("R")
    limited.refunded(order, 100)
    limited.forward(seconds=59)
    refused(limited.refund(order, 100, number), 429, "FREQUENCY_LIMITED", "one minute between refunds of the same order")
    limited.refunded(other, 100)
    limited.forward(seconds=1)
    ok(limited.refund(order, 100, number))


def test_the_same_refund_again_need_not_wait(limited):
    order = limited.paid(limited.direct, 10000)
    number = limited.number("R")
    first = ok(limited.refund(order, 100, number))
    assert ok(limited.refund(order, 100, number)) == first


def test_faulty_refunds(limited, prefix):
    """At most 6 a second of one caller."""
    order = limited.paid(limited.direct, 10000)
    answers, started = [], time.monotonic()
    for _ in range(14):
        answers.append(limited.refund(order, 10001, limited.number("R"), prefix=prefix))
    if time.monotonic() - started > 1:
        pytest.skip("14 requests took more than a second here")
    assert [answer.status for answer in answers[:6]] == [400] * 6
    assert answers[-1].status == 429
    refused(answers[-1], 429, FAULTY[prefix], "faulty refund requests")
    other = limited.paid(limited.institution, 10000)
    refused(limited.refund(other, 10001, limited.number("R"), prefix=prefix), 400, "INVALID_REQUEST")


def submissions(book, prefix, bodies):
    """The statuses of refund submissions sent all at once, which takes a few milliseconds, and the last answer."""
    target, caller = f"{prefix}/refunds", book.direct.caller
    started = time.monotonic()
    with RawConnection(book.program.api, timeout_s=20) as connection:
        connection.send(b"".join(request_bytes(caller, "POST", target, body) for body in bodies))
        answers = [book.client.accept(connection.answer("POST", target), caller) for _ in bodies]
    if time.monotonic() - started > 1:
        pytest.skip(f"{len(bodies)} requests took more than a second here")
    return [answer.status for answer in answers], answers[-1]


def test_a_good_repeat_of_an_accepted_refund_is_never_caught_in_it(limited, prefix):
    """All else is: a new refund that would be good, a malformed one, the accepted number with another amount."""
    order, other, third = (limited.paid(limited.direct, 10000) for _ in range(3))  # each has its own minute between refunds

    def body(of, amount, number):
        amounts = {"refund": amount, "total": of.amount, "currency": "CNY"}
        return {**of.party.in_payment_with_appid(), "transaction_id": of.transaction_id, "out_refund_no": number, "amount": amounts}

    number, new = limited.number("R"), limited.number("R")
    limited.refunded(order, 100, number=number)
    faulty, repeat = [body(third, 10001, limited.number("R")) for _ in range(8)], body(order, 100, number)
    statuses, _ = submissions(limited, prefix, [*faulty, repeat, body(other, 100, new), {"nonsense": 1}, body(order, 200, number), repeat, faulty[0]])
    assert statuses == [400] * 6 + [429, 429, 200, 429, 429, 429, 200, 429]
    code = "REFUNDNOTEXIST" if prefix == "/hk/v3" else "RESOURCE_NOT_EXISTS"
    refused(limited.refund_by_number(limited.direct, new, prefix), 404, code)  # the limit held it, nothing was done


def test_it_says_what_it_does(limited, prefix):
    """Six in a second of the real clock, to be waited for by that clock: the book's stands still here all the time."""
    order = limited.paid(limited.direct, 10000)
    body = {**order.party.in_payment_with_appid(), "transaction_id": order.transaction_id, "out_refund_no": limited.number("R"),
            "amount": {"refund": 10001, "total": 10000, "currency": "CNY"}}
    statuses, last = submissions(limited, prefix, [body] * 7)
    assert statuses == [400] * 6 + [429]
    refused(last, 429, FAULTY[prefix], "at most 6 within a second by the real clock")
    frozen = limited.now()
    time.sleep(1)
    refused(limited.refund(order, 10001, limited.number("R"), prefix=prefix), 400, "INVALID_REQUEST")
    assert limited.now() == frozen


def test_limits_are_switched_at_run_time(limited):
    order = limited.paid(limited.direct, 10000)
    faulty = {**order.party.in_payment_with_appid(), "transaction_id": order.transaction_id, "out_refund_no": limited.number("R"),
              "amount": {"refund": 10001, "total": 10000, "currency": "CNY"}}
    assert limited.control.get("/limits") == {"limits": "real"}
    assert limited.control.post("/limits", {"limits": "off"}) == {"limits": "off"} == limited.control.get("/limits")
    assert submissions(limited, "/v3/global", [faulty] * 20)[0] == [400] * 20
    other = limited.paid(limited.direct, 10000)
    for _ in range(2):
        limited.refunded(other, 100)
    assert limited.control.post("/limits", {"limits": "real"}) == {"limits": "real"}
    assert submissions(limited, "/v3/global", [faulty] * 7)[0] == [400] * 6 + [429]  # those before do not count
    time.sleep(1)
    refused(limited.refund(other, 100, limited.number("R")), 429, "FREQUENCY_LIMITED", "one minute between refunds of the same order")
    for wrong in ({}, {"limits": "on"}, {"limits": None}, {"limits": True}, {"limits": "off", "until": 1}):
        answer = limited.control.raw("POST", "/limits", json=wrong)
        assert answer.status_code == 400 and answer.json()["error"]
    assert limited.control.get("/limits") == {"limits": "real"}


def test_150_refund_queries_a_second(limited):
    target = f"/v3/global/refunds/id/{limited['DIRECT_REFUND_ID']}?mchid={limited['DIRECT_MCHID']}"
    answers = burst(limited, limited.direct.caller, target, 400)
    assert {answer.status for answer in answers} == {200, 429}
    assert [answer.status for answer in answers[:150]] == [200] * 150
    late = next(answer for answer in answers if answer.status == 429)
    refused(late, 429, "FREQUENCY_LIMITED", "150 refund queries")


def test_600_requests_a_second(limited):
    target = f"{SHARING}/refunds/refundable-balance"
    answers = burst(limited, limited.direct.caller, target, 1400)
    assert [answer.status for answer in answers[:600]] == [200] * 600
    late = next(answer for answer in answers if answer.status == 429)
    refused(late, 429, "FREQUENCY_LIMITED", "600 a second")
    ok(limited.balance(limited.institution))


def test_limits_can_be_lifted(program):
    book = DemoBook(program(demo=True, limits="off"))
    book.start_of_scenario()
    order = book.paid(book.direct, 10000)
    for _ in range(20):
        refused(book.refund(order, 10001, book.number("R")), 400, "INVALID_REQUEST")
    for _ in range(3):
        book.refunded(order, 100)
    started = time.monotonic()
    target = f"/v3/global/refunds/id/{book['DIRECT_REFUND_ID']}?mchid={book['DIRECT_MCHID']}"
    assert {answer.status for answer in burst(book, book.direct.caller, target, 300)} == {200}
    assert time.monotonic() - started < 30 * PATIENCE
