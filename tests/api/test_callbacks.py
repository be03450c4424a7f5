"""Payment and refund notifications: what is sent, how it is signed and sealed, and when it is sent again."""

import itertools
import re
import socket
import ssl
import subprocess
import threading
import time
from collections import Counter
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

import times
from answers import ok
from callbacks import Receiver, settled, shown, told, until
from client import PATIENCE
from control import Control, ControlError
from ports import nobodys_port
from program import BINARY
from world import BALANCE_ARRIVAL, World

LADDER = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600]  # seconds; 24 h 4 min in all


@pytest.fixture
def receiver():
    receivers = []

    def listen(*arguments, **options):
        receivers.append(Receiver(*arguments, **options))
        return receivers[-1]

    yield listen
    for one in receivers:
        one.close()


def place_and_pay(world, party, url, total=1000, prefix="/v3/global", **body):
    """An order placed through the API and paid. Gives its number."""
    number = world.number("C")
    ok(world.native(party, number, total, prefix=prefix, notify_url=url, **body))
    world.control.pay(number, **party.in_control())
    return number


def platform(world):
    return world.client.platform


# ---- the payment notification ----


def test_a_paid_order_is_told_to_its_notify_url(world, party, prefix, receiver):
    shop = receiver()
    number = place_and_pay(world, party, shop.url("/wxpay/pay"), 1230, prefix, attach="table 4")
    callback = shop.wait(1)[0]
    assert callback.path == "/wxpay/pay"
    assert callback.is_signed(platform(world))
    body = callback.json
    assert body["event_type"] == "TRANSACTION.SUCCESS"
    assert body["resource_type"] == "encrypt-resource"
    assert body["summary"] == "支付成功"
    assert times.RFC_3339.fullmatch(body["create_time"])
    assert 1 <= len(body["id"]) <= 36
    assert set(body) == {"id", "create_time", "event_type", "resource_type", "summary", "resource"}
    assert body["resource"]["original_type"] == body["resource"]["associated_data"] == "transaction"
    assert len(body["resource"]["nonce"]) == 12
    plain = callback.opened(party.caller.apiv3_key)
    order = ok(world.order_by_number(party, number))
    assert plain == {**order, "transaction_id": order["id"]}
    assert plain["trade_state"] == "SUCCESS"
    assert plain["attach"] == "table 4"
    assert plain["amount"]["total"] == 1230
    assert {name: plain.get(name) for name in party.in_payment()} == party.in_payment()
    assert body["create_time"] == plain["success_time"]


def test_the_headers_are_those_of_the_vendor_s_samples(world, direct, receiver):
    shop = receiver()
    place_and_pay(world, direct, shop.url())
    callback = shop.wait(1)[0]
    assert callback.header("Content-Type") == "application/json"
    assert callback.header("Accept") == "*/*"
    assert callback.header("User-Agent") == "Mozilla/4.0"
    assert callback.header("Cache-Control") == callback.header("Pragma") == "no-cache"
    assert callback.header("Wechatpay-Signature-Type") == "WECHATPAY2-SHA256-RSA2048"
    assert len(callback.header("Wechatpay-Serial")) == 40
    assert len(callback.header("Wechatpay-Nonce")) == 32
    assert re.fullmatch("[0-9A-F]{32}-0", callback.header("Request-ID"))
    assert abs(int(callback.header("Wechatpay-Timestamp")) - time.time()) < 60 * PATIENCE
    names = [name for name, _ in callback.headers]
    assert len(names) == len(set(names))
    assert not {"Expect", "Authorization", "Accept-Encoding"} & set(names)


def test_an_order_without_notify_url_is_told_to_nobody(world, direct):
    before = [one["id"] for one in told(world.control, limit=1)]  # whatever becomes of that one meanwhile
    made = world.control.make_payment(**direct.in_control(), amount=500)
    assert told(world.control, out_trade_no=made["out_trade_no"]) == []
    assert [one["id"] for one in told(world.control, limit=1)] == before


def test_a_payment_made_by_a_control_call_may_have_one(world, party, receiver):
    shop = receiver()
    made = world.control.make_payment(**party.in_control(), amount=500, notify_url=shop.url())
    assert shop.wait(1)[0].opened(party.caller.apiv3_key)["transaction_id"] == made["transaction_id"]
    for wrong in ("ftp://127.0.0.1/n", "http://127.0.0.1/n?a=1", "http:///n"):
        with pytest.raises(ControlError) as refusal:
            world.control.make_payment(**party.in_control(), amount=500, notify_url=wrong)
        assert refusal.value.status == 400


def test_an_order_that_is_not_paid_is_not_told(world, direct, receiver):
    shop = receiver()
    number = world.number("C")
    ok(world.native(direct, number, 100, notify_url=shop.url()))
    assert told(world.control, out_trade_no=number) == []


# ---- the refund notification ----


def refund_with(world, order, url, amount=300, **body):
    number = world.number("R")
    made = ok(world.refund(order, amount, number, notify_url=url, **body))
    return number, made["id"]


def test_a_refund_that_arrived_is_told(world, party, receiver):
    shop = receiver()
    order = world.paid(party, 1000)
    number, refund_id = refund_with(world, order, shop.url("/refund"), 300)
    assert told(world.control, out_refund_no=number) == []
    world.forward(BALANCE_ARRIVAL)
    callback = shop.wait(1)[0]
    assert callback.path == "/refund"
    assert callback.is_signed(platform(world))
    body = callback.json
    assert (body["event_type"], body["summary"]) == ("REFUND.SUCCESS", "退款成功")
    assert body["resource"]["original_type"] == body["resource"]["associated_data"] == "refund"
    refund = ok(world.refund_by_number(party, number))
    assert callback.opened(party.caller.apiv3_key) == {
        **party.in_payment(),
        "transaction_id": order.transaction_id,
        "out_trade_no": order.out_trade_no,
        "refund_id": refund_id,
        "out_refund_no": number,
        "refund_status": "SUCCESS",
        "success_time": refund["success_time"],
        "recv_account": "The balance of the paying user",
        "fund_source": "REFUND_SOURCE_UNSETTLED_FUNDS",
        "amount": {
            "total": 1000,
            "currency": "CNY",
            "refund": 300,
            "payer_total": 1000,
            "payer_refund": 300,
            "payer_currency": "CNY",
            "exchange_rate": {"type": "SETTLEMENT_RATE", "rate": 650000000},
        },
    }
    assert body["create_time"] == refund["success_time"]


def test_a_closed_refund_is_told_as_closed(world, party, receiver):
    shop = receiver()
    number, refund_id = refund_with(world, world.paid(party, 1000), shop.url())
    world.control.set_outcome(refund_id, "REFUNDCLOSE")
    callback = shop.wait(1)[0]
    assert (callback.json["event_type"], callback.json["summary"]) == ("REFUND.CLOSED", "退款关闭")
    plain = callback.opened(party.caller.apiv3_key)
    assert plain["refund_status"] == "CLOSED"
    assert "success_time" not in plain


def test_an_abnormal_refund_that_arrives_later_is_two_events(world, direct, receiver):
    shop = receiver(lambda callback: 500 if len(shop.received) == 1 else 200)
    number, refund_id = refund_with(world, world.paid(direct, 1000), shop.url())
    world.control.set_outcome(refund_id, "ABNORMAL", recv_account="China Merchants Bank Credit Card 0403")
    shop.wait(1)
    world.control.set_outcome(refund_id, "SUCCESS", recv_account="The balance of the paying user")
    shop.wait(2)
    world.forward(seconds=15)  # the first is sent again, as it was then
    abnormal, success, again = shop.wait(3)
    key = direct.caller.apiv3_key
    assert [one.json["event_type"] for one in (abnormal, success, again)] == [
        "REFUND.ABNORMAL",
        "REFUND.SUCCESS",
        "REFUND.ABNORMAL",
    ]
    assert abnormal.id == again.id != success.id
    assert abnormal.opened(key) == again.opened(key)
    assert abnormal.opened(key)["refund_status"] == "ABNORMAL"
    assert abnormal.opened(key)["recv_account"] == "China Merchants Bank Credit Card 0403"
    assert "success_time" not in abnormal.opened(key)
    assert success.opened(key)["recv_account"] == "The balance of the paying user"


def test_a_refund_without_its_own_notify_url_is_told_to_nobody(world, direct):
    order = world.paid(direct, 1000)
    number = world.number("R")
    made = ok(world.refund(order, 100, number))
    world.control.set_outcome(made["id"], "REFUNDCLOSE")
    assert told(world.control, out_refund_no=number) == []


# ---- sending again ----


@pytest.mark.parametrize("status", [200, 201, 204])
def test_any_2xx_ends_it(world, direct, receiver, status):
    shop = receiver(lambda callback: status)
    place_and_pay(world, direct, shop.url())
    event_id = shop.wait(1)[0].id
    settled(world.control, event_id, "DELIVERED")
    world.forward(days=2)
    assert len(shop.received) == 1


@pytest.mark.parametrize("status", [302, 400, 401, 404, 500, 503])
def test_any_other_status_has_it_sent_again(world, direct, receiver, status):
    shop = receiver(lambda callback: (status, {"Location": shop.url("/elsewhere")}, b""))
    place_and_pay(world, direct, shop.url())
    event_id = shop.wait(1)[0].id
    until(lambda: shown(world.control, event_id)["attempts"] == 1)
    shop.answer = lambda callback: 200
    world.forward(seconds=15)
    assert [callback.path for callback in shop.received] == ["/notify", "/notify"]
    assert [one["answer"]["status"] for one in shown(world.control, event_id)["sent"]] == [status, 200]


@pytest.mark.concurrent
def test_the_ladder_of_15_steps(world, direct, receiver):
    shop = receiver(lambda callback: 500)
    place_and_pay(world, direct, shop.url())
    event_id = shop.wait(1)[0].id
    until(lambda: shown(world.control, event_id)["attempts"] == 1)
    begin = world.now()
    world.forward(hours=24, minutes=3, seconds=59)
    assert len(shop.received) == 15
    world.forward(seconds=1)
    assert len(shop.received) == 16
    callback = shown(world.control, event_id)
    assert callback["state"] == "FAILED"
    sent_at = [times.read(one["time"]) for one in callback["sent"]]
    assert [(later - earlier).total_seconds() for earlier, later in zip(sent_at, sent_at[1:])] == LADDER
    assert sent_at[0] == begin and sent_at[-1] - begin == timedelta(hours=24, minutes=4)
    world.forward(days=3)
    assert len(shop.received) == 16
    assert {one.id for one in shop.received} == {event_id}
    key = direct.caller.apiv3_key
    assert all(one.opened(key) == shop.received[0].opened(key) for one in shop.received)
    assert all(one.is_signed(platform(world)) for one in shop.received)
    assert len({one.json["resource"]["nonce"] for one in shop.received}) == 16


def test_the_ladder_can_be_another(program, receiver):
    world = World(program("--callback-ladder", "2s,1m"))
    world.control.set_clock(freeze=True)
    shop = receiver(lambda callback: 500)
    party = world.new_direct()
    place_and_pay(world, party, shop.url())
    event_id = shop.wait(1)[0].id
    until(lambda: shown(world.control, event_id)["attempts"] == 1)
    world.forward(seconds=2)
    assert len(shop.received) == 2
    world.forward(minutes=1)
    assert shown(world.control, event_id)["state"] == "FAILED"
    world.forward(days=2)
    assert len(shop.received) == 3
    world.control.audit()


@pytest.mark.parametrize("ladder", ["", "15", "0s", "15s,", "8d", "1w", "-1s", ",".join(["1s"] * 51)])
def test_a_ladder_that_is_none_is_refused(ladder):
    done = subprocess.run([BINARY, "serve", "--callback-ladder", ladder], capture_output=True, text=True)
    assert done.returncode != 0
    assert "--callback-ladder" in done.stderr


def test_it_runs_by_the_clock_alone_as_well(program, receiver):
    """Without a move of the clock: book time runs, and the ladder with it."""
    shop = receiver(lambda callback: 500 if len(shop.received) < 3 else 200)
    world = World(program("--callback-ladder", "1s,1s"))
    party = world.new_direct()
    world.control.set_clock(freeze=False)
    place_and_pay(world, party, shop.url())
    first, second, third = shop.wait(3)
    assert second.at - first.at < 3 * PATIENCE
    sent = settled(world.control, first.id, "DELIVERED")["sent"]
    begun = [times.read(one["time"]) for one in sent]  # when they came here depends on how busy this machine is
    assert len(sent) == 3 and all(later - earlier >= timedelta(seconds=1) for earlier, later in zip(begun, begun[1:]))


# ---- hosts that do not answer ----


@pytest.mark.concurrent
def test_a_host_that_does_not_answer_walks_the_ladder_in_one_move(world, direct):
    with nobodys_port() as port:
        url = f"http://127.0.0.1:{port}/notify"
        place_and_pay(world, direct, url)
        (callback,) = until(lambda: [one for one in told(world.control, limit=1) if one["notify_url"] == url])
        until(lambda: shown(world.control, callback["id"])["attempts"] == 1)
        world.forward(hours=24, minutes=4)
    sent = settled(world.control, callback["id"], "FAILED")["sent"]
    assert len(sent) == 16
    assert all(one["answer"] is None and one["error"] for one in sent)
    assert "not tried" not in sent[1]["error"]  # once in this move
    assert all("not tried" in one["error"] and one["request"] is None for one in sent[2:])
    times_sent = [times.read(one["time"]) for one in sent]
    assert [(b - a).total_seconds() for a, b in zip(times_sent, times_sent[1:])] == LADDER


def test_an_answer_takes_five_seconds_at_most(program, receiver):
    world = World(program())
    party = world.new_direct()
    slow, quick = receiver(lambda callback: time.sleep(20) or 200), receiver()
    place_and_pay(world, party, slow.url())
    event_id = slow.wait(1)[0].id
    begin = time.monotonic()
    for _ in range(5):
        place_and_pay(world, party, quick.url())
    quick.wait(5)
    assert time.monotonic() - begin < 4 * PATIENCE  # nobody waited for the slow one
    until(lambda: shown(world.control, event_id)["attempts"] == 1, 20)
    (sent,) = shown(world.control, event_id)["sent"]
    assert sent["answer"] is None and "5 seconds" in sent["error"]
    assert 4900 <= sent["duration_ms"] <= 5500 * PATIENCE


def test_an_answer_is_read_up_to_64_kib(world, direct, receiver):
    shop = receiver(lambda callback: (200, {}, b"x" * 1_000_000))
    place_and_pay(world, direct, shop.url())
    (sent,) = settled(world.control, shop.wait(1)[0].id, "DELIVERED")["sent"]
    assert "64 KiB" in sent["error"]
    assert sent["answer"]["status"] == 200
    assert sent["answer"]["body"] == "x" * 4096


def test_redirects_are_not_followed(world, direct, receiver):
    other = receiver()
    shop = receiver(lambda callback: (307, {"Location": other.url()}, b""))
    place_and_pay(world, direct, shop.url())
    until(lambda: shown(world.control, shop.wait(1)[0].id)["attempts"] == 1)
    world.forward(minutes=1)
    assert other.received == []


def test_proxies_of_the_environment_are_ignored(program, receiver, monkeypatch):
    proxy, shop = receiver(), receiver()
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    world = World(program())
    place_and_pay(world, world.new_direct(), shop.url())
    shop.wait(1)
    assert proxy.received == []


# ---- what comes before an answer ----

INTERIM = [
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
]


@pytest.mark.parametrize("before", INTERIM)
@pytest.mark.parametrize("status, state", [(204, "DELIVERED"), (500, "WAITING")])
def test_the_last_head_is_the_answer(world, direct, receiver, before, status, state):
    """RFC 9110 15.2: any number of 1xx may come before the final answer, asked for or not."""
    shop = receiver(lambda callback: (status, {"X-Final": "yes"}, b""), before=before)
    place_and_pay(world, direct, shop.url())
    (callback,) = told(world.control, limit=1)
    (sent,) = until(lambda: shown(world.control, callback["id"])["sent"])
    head = sent["answer"]["headers"]
    assert sent["answer"]["status"] == status and head[0].startswith(f"HTTP/1.1 {status} ")
    assert "X-Final: yes" in head and not [line for line in head if line.startswith(("X-Interim", "Link"))]
    assert shown(world.control, callback["id"])["state"] == state


def test_an_interim_head_alone_is_no_answer(world, direct, receiver):
    shop = receiver(lambda callback: (None, {}, b""), before=INTERIM[0])
    place_and_pay(world, direct, shop.url())
    (callback,) = told(world.control, limit=1)
    (sent,) = until(lambda: shown(world.control, callback["id"])["sent"])
    assert sent["answer"] is None and sent["error"]
    assert shown(world.control, callback["id"])["state"] == "WAITING"


# ---- which addresses ----


def error_of(world, party, url):
    place_and_pay(world, party, url)
    (callback,) = [one for one in told(world.control, limit=1)]
    assert callback["notify_url"] == url
    (sent,) = until(lambda: shown(world.control, callback["id"])["sent"])
    assert sent["answer"] is None
    return sent["error"]


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.1.1", "172.16.0.9", "8.8.8.8", "[2001:db8::1]", "[fd00::1]"])
def test_only_this_machine_is_called_unless_told_otherwise(world, direct, host):
    assert "may not be called" in error_of(world, direct, f"http://{host}:8000/n")


@pytest.mark.parametrize("host", ["169.254.169.254", "100.100.100.200", "168.63.129.16", "[fd00:ec2::254]", "0.0.0.0", "224.0.0.1", "[::]", "[fe80::1]", "[::ffff:169.254.169.254]"])
def test_some_addresses_are_never_called(program, host):
    world = World(program("--callback-to", "any"))
    assert "are never called" in error_of(world, world.new_direct(), f"http://{host}:8000/n")


def test_the_server_never_calls_itself(program):
    """Not on the API's port, the control interface's or the proxy's, whichever address of the machine is named."""
    own = program("--callback-to", "any", "--proxy", "127.0.0.1:0")
    world = World(own)
    for url in (own.api, own.control, own.proxy):
        port = urlsplit(url).port
        for host in ("127.0.0.1", "localhost", "127.3.2.1"):
            assert "this server listens there itself" in error_of(world, world.new_direct(), f"http://{host}:{port}/reset")


def test_a_name_is_judged_by_where_it_leads(world, direct, receiver):
    shop = receiver()
    place_and_pay(world, direct, shop.url(host="localhost"))
    assert shop.wait(1)[0].header("Host") == f"localhost:{shop.port}"


# ---- APIv3 key, platform key ----


def test_without_an_apiv3_key_nothing_is_sent(world, receiver):
    party = world.new_direct()
    shop = receiver()
    number = world.number("C")
    ok(world.native(party, number, 100, notify_url=shop.url()))
    world.control.change_merchant(party.sponsor, apiv3_key="none")
    world.control.pay(number, **party.in_control())
    (callback,) = until(lambda: told(world.control, out_trade_no=number))
    (sent,) = until(lambda: shown(world.control, callback["id"])["sent"])
    assert "no APIv3 key" in sent["error"] and sent["request"] is None
    assert shop.received == []
    world.control.change_merchant(party.sponsor, apiv3_key="set")
    world.forward(seconds=15)
    assert shop.wait(1)[0].opened(world.credentials(party.sponsor).apiv3_key)["out_trade_no"] == number


@pytest.mark.concurrent
def test_a_platform_key_that_changes_between_two_attempts(program, receiver):
    world = World(program())
    party = world.new_direct()
    shop = receiver(lambda callback: 500)
    place_and_pay(world, party, shop.url())
    until(lambda: shown(world.control, shop.wait(1)[0].id)["attempts"] == 1)
    serial_no = world.control.post("/platform/rotate", {"signs_in": "PT0S"})["serial_no"]
    world.forward(seconds=15)
    before, after = shop.wait(2)
    assert before.header("Wechatpay-Serial") != serial_no == after.header("Wechatpay-Serial")
    assert before.is_signed(platform(world)) and after.is_signed(platform(world))


@pytest.mark.concurrent
def test_who_uses_the_public_key_alone_is_signed_to_with_it(world, receiver):
    shop = receiver()
    party = world.new_direct()
    world.control.change_merchant(party.sponsor, public_key="only")
    world.control.make_payment(**party.in_control(), amount=100, notify_url=shop.url())
    callback = shop.wait(1)[0]
    assert callback.header("Wechatpay-Serial").startswith("PUB_KEY_ID_")
    assert callback.is_signed(platform(world))


def by_key(callbacks):
    """Of each, whether the platform's public key signed it."""
    return [callback.header("Wechatpay-Serial").startswith("PUB_KEY_ID_") for callback in callbacks]


@pytest.mark.concurrent
def test_what_signs_callbacks_is_a_choice_of_its_own(program, receiver):
    """While a merchant changes over, some come by certificate and some by the key, and certificates can still be had."""
    world = World(program())
    party, shop = world.new_direct(), receiver()

    def pays(times):
        seen = len(shop.received)
        for _ in range(times):
            world.control.make_payment(**party.in_control(), amount=100, notify_url=shop.url())
        callbacks = shop.wait(seen + times)[seen:]
        assert all(callback.is_signed(platform(world)) for callback in callbacks)
        return callbacks

    told = world.control.change_merchant(party.sponsor, public_key="both")
    assert (told["public_key"], told["callbacks_signed_by"]) == ("both", "certificate")
    assert by_key(pays(2)) == [False, False]
    for choice, answered, keys in ((5000, 5000, {False, True}), ("public_key", "public_key", {True}), (0, "certificate", {False}),
                                   (10000, "public_key", {True}), ("certificate", "certificate", {False})):
        assert world.control.change_merchant(party.sponsor, callbacks_signed_by=choice)["callbacks_signed_by"] == answered
        assert set(by_key(pays(24 if len(keys) == 2 else 4))) == keys, choice
        assert ok(world.client.get(party.caller, "/v3/certificates"))["data"]
    for use, choice in (("only", "certificate"), ("off", "public_key")):  # whatever answers are checked with
        world.control.change_merchant(party.sponsor, public_key=use, callbacks_signed_by=choice)
        assert set(by_key(pays(2))) == {choice == "public_key"}
    assert world.control.change_merchant(party.sponsor, callbacks_signed_by=None)["callbacks_signed_by"] == "certificate"


def test_one_callback_is_signed_alike_whenever_it_is_sent(program, receiver):
    """A share is of the callbacks, not of the times that they are sent; the choice outlives a restart."""
    running = program()
    world = World(running)
    party, shop = world.new_direct(callbacks_signed_by=5000), receiver(lambda callback: 500)
    for _ in range(6):
        world.control.make_payment(**party.in_control(), amount=100, notify_url=shop.url())
    first = shop.wait(6)
    until(lambda: [one["attempts"] for one in told(world.control)] == [1] * 6)
    world.forward(seconds=15)
    running.stop()
    running.start()
    world = World(running)
    world.forward(seconds=15)
    keys = {}
    for callback in shop.wait(18):
        keys.setdefault(callback.id, set()).add(by_key([callback])[0])
    assert len(keys) == 6 and all(len(kinds) == 1 for kinds in keys.values())
    assert len(first) == 6


@pytest.mark.parametrize("choice", ["key", "", 10001, -1, 0.5, True, ["public_key"]], ids=str)
def test_what_signs_no_callbacks(world, institution, choice):
    answer = world.control.raw("POST", f"/merchants/{institution.sponsor}", json={"callbacks_signed_by": choice})
    assert answer.status_code == 400 and "callbacks_signed_by" in answer.json()["error"]
    answer = world.control.raw("POST", f"/merchants/{institution.sub_mchid}", json={"callbacks_signed_by": "certificate"})
    assert answer.status_code == 400 and "does not call" in answer.json()["error"]


# ---- the clock ----


def test_headers_carry_the_machine_s_time_and_bodies_book_time(world, direct, receiver):
    shop = receiver()
    world.forward(days=20)
    place_and_pay(world, direct, shop.url())
    callback = shop.wait(1)[0]
    assert abs(int(callback.header("Wechatpay-Timestamp")) - time.time()) < 60 * PATIENCE
    assert times.read(callback.json["create_time"]) == world.now()


def test_headers_carry_book_time_when_told_so(program, receiver):
    shop = receiver()
    world = World(program())
    party = world.new_direct()
    assert world.control.set_clock(sign="book")["sign"] == "book"
    world.forward(days=20)
    place_and_pay(world, party, shop.url())
    callback = shop.wait(1)[0]
    assert int(callback.header("Wechatpay-Timestamp")) == int(world.now().timestamp())
    assert callback.is_signed(platform(world))
    assert world.control.set_clock(sign="wire")["sign"] == "wire"


def test_the_clock_shows_the_callback_s_time_while_it_is_sent(world, direct, receiver):
    seen = []
    shop = receiver(lambda callback: seen.append(world.control.raw("GET", "/clock").json()["now"]) or 500)
    number, _ = refund_with(world, world.paid(direct, 1000), shop.url())
    begin = world.now()
    world.forward(hours=1)
    at = [(times.read(now) - begin).total_seconds() - 1200 for now in seen]
    assert at == [0, 15, 30, 60, 240, 840, 2040]
    assert world.now() == begin + timedelta(hours=1)


def test_callbacks_come_in_the_order_of_their_due_times(world, direct, receiver):
    shop = receiver()
    order = world.paid(direct, 1000)
    numbers = []
    for _ in range(5):
        numbers.append(refund_with(world, order, shop.url(), 10)[0])
        world.forward(seconds=61)
    world.forward(hours=1)
    key = direct.caller.apiv3_key
    assert [one.opened(key)["out_refund_no"] for one in shop.wait(5)] == numbers


@pytest.mark.concurrent
def test_a_move_may_leave_callbacks_for_later(world, direct, receiver):
    seen = []
    shop = receiver(lambda callback: seen.append(world.control.raw("GET", "/clock").json()["now"]) or 200)
    refund_with(world, world.paid(direct, 1000), shop.url())
    world.control.set_clock(advance="PT2H", callbacks="later")
    end = world.now()
    shop.wait(1)
    assert times.read(until(lambda: seen)[0]) == end
    world.control.set_clock(advance="PT24H", callbacks="later")
    assert len(shop.received) == 1


@pytest.mark.concurrent
@pytest.mark.parametrize("status", [200, 500])
def test_a_move_ends_whatever_comes_in_meanwhile(program, receiver, status):
    """Each callback has the shop sell again, so there is always one more that is due. The move sends what was due when it halted, and
    comes back; the rest is sent when it is over."""
    world = World(program(demo=True))
    world.control.set_clock(freeze=True)
    direct = world.party("direct")
    sold, moving, over, too_many = [], threading.Event(), threading.Event(), 2000

    def sell_again(callback):
        if not moving.is_set():
            return 500
        if not over.is_set() and len(sold) < too_many:
            sold.append(Control(world.program.control).make_payment(**direct.in_control(), amount=100, notify_url=shop.url())["out_trade_no"])
        return status

    shop = receiver(sell_again)
    begin = world.now()
    first = world.control.make_payment(**direct.in_control(), amount=100, notify_url=shop.url())["out_trade_no"]
    until(lambda: told(world.control, out_trade_no=first)[0]["attempts"] == 1)
    moving.set()
    world.control.set_clock(advance="PT1H")
    over.set()
    assert 0 < len(sold) < too_many
    assert world.now() == begin + timedelta(hours=1)
    until(lambda: all(one["attempts"] > 0 for one in told(world.control, limit=100)))
    # what was there when the move began was tried on the way; what came in meanwhile was not, but afterwards
    steps = sum(seconds <= 3600 for seconds in itertools.accumulate(LADDER)) + 1
    assert told(world.control, out_trade_no=first)[0]["attempts"] == (2 if status == 200 else steps)
    if status == 500:
        assert told(world.control, out_trade_no=sold[0])[0]["attempts"] == 1


def test_what_a_move_of_the_clock_may_say(world):
    for wrong in ({"callbacks": "later"}, {"freeze": True, "callbacks": "later"}, {"advance": "PT1S", "callbacks": "x"}, {"sign": "x"}):
        with pytest.raises(ControlError) as refusal:
            world.control.set_clock(**wrong)
        assert refusal.value.status == 400


# ---- probes ----


def test_probes_have_a_signature_that_is_none(program, receiver):
    world = World(program("--callback-probes", "10000"))
    party = world.new_direct()
    shop = receiver(lambda callback: 401 if callback.header("Wechatpay-Signature").startswith("WECHATPAY/SIGNTEST/") else 200)
    place_and_pay(world, party, shop.url())
    probe, true = shop.wait(2)
    assert probe.header("Wechatpay-Signature").startswith("WECHATPAY/SIGNTEST/")
    assert not probe.is_signed(platform(world))
    assert true.is_signed(platform(world))
    assert probe.id == true.id
    callback = settled(world.control, true.id, "DELIVERED")
    assert [(one["kind"], one["answer"]["status"]) for one in callback["sent"]] == [("PROBE", 401), ("NOTIFICATION", 200)]


def test_there_are_no_probes_unless_asked_for(world, direct, receiver):
    shop = receiver()
    for _ in range(10):
        place_and_pay(world, direct, shop.url())
    assert all(one.is_signed(platform(world)) for one in shop.wait(10))


# ---- the courier as an adversary ----


def set_mode(world, party, mode, **members):
    return world.control.post("/callbacks/mode", {"mchid": party.sponsor, "mode": mode, **members})["modes"]


def kinds(world, event_id):
    return [(one["kind"], one["answer"] and one["answer"]["status"]) for one in shown(world.control, event_id)["sent"]]


@pytest.fixture
def harsh(world, mode):
    """A party of its own, whose mode is nobody else's."""
    party = world.new_party(mode)
    yield party
    world.control.post("/callbacks/mode", {"mchid": party.sponsor, "mode": "none"})


def test_a_callback_comes_twice(world, harsh, receiver):
    shop = receiver()
    set_mode(world, harsh, "duplicate", count=1)
    place_and_pay(world, harsh, shop.url())
    first, second = shop.wait(2)
    assert first.id == second.id
    assert first.opened(harsh.caller.apiv3_key) == second.opened(harsh.caller.apiv3_key)
    assert first.is_signed(platform(world)) and second.is_signed(platform(world))
    settled(world.control, first.id, "DELIVERED")
    assert kinds(world, first.id) == [("NOTIFICATION", 200), ("DUPLICATE", 200)]
    place_and_pay(world, harsh, shop.url())  # once was asked for
    third = shop.wait(3)[2]
    settled(world.control, third.id, "DELIVERED")
    assert kinds(world, third.id) == [("NOTIFICATION", 200)]
    world.control.audit()


def test_a_callback_comes_twice_at_once(world, harsh, receiver):
    both = threading.Barrier(2)
    shop = receiver(lambda callback: both.wait(4) is not None and 200)  # neither is answered before the other came
    set_mode(world, harsh, "concurrent", count=1)
    place_and_pay(world, harsh, shop.url())
    first, second = shop.wait(2)
    assert first.id == second.id
    settled(world.control, first.id, "DELIVERED")
    assert kinds(world, first.id) == [("NOTIFICATION", 200), ("DUPLICATE", 200)]


def test_a_forged_signature_comes_ahead(world, harsh, receiver):
    shop = receiver(lambda callback: 200 if callback.is_signed(platform(world)) else 401)
    set_mode(world, harsh, "wrong_signature", count=1)
    place_and_pay(world, harsh, shop.url())
    forged, true = shop.wait(2)
    assert len(forged.header("Wechatpay-Signature")) == len(true.header("Wechatpay-Signature"))
    assert not forged.is_signed(platform(world))
    assert true.is_signed(platform(world))
    settled(world.control, true.id, "DELIVERED")
    assert kinds(world, true.id) == [("WRONG_SIGNATURE", 401), ("NOTIFICATION", 200)]


def test_who_takes_a_forged_one_gets_the_true_one_all_the_same(world, harsh, receiver):
    shop = receiver()
    set_mode(world, harsh, "wrong_signature", count=1)
    place_and_pay(world, harsh, shop.url())
    shop.wait(2)
    settled(world.control, shop.received[0].id, "DELIVERED")
    shop.answer = lambda callback: 200 if not callback.is_signed(platform(world)) else 500
    set_mode(world, harsh, "wrong_signature", count=1)
    place_and_pay(world, harsh, shop.url())
    event_id = shop.wait(4)[3].id
    until(lambda: shown(world.control, event_id)["attempts"] == 2)
    assert shown(world.control, event_id)["state"] == "WAITING"  # the forged one's 200 does not count


@pytest.mark.parametrize("header", [None, "Wechatpay-Signature", "Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial"])
def test_a_proxy_loses_a_header(world, direct, receiver, header):
    shop = receiver(lambda callback: 200 if callback.header(header or "Wechatpay-Signature") else 400)
    set_mode(world, direct, "stripped", count=1, **({"header": header} if header else {}))
    place_and_pay(world, direct, shop.url())
    stripped, true = shop.wait(2)
    lost = {name for name, _ in true.headers} - {name for name, _ in stripped.headers}
    assert lost == {header or "Wechatpay-Signature"}
    settled(world.control, true.id, "DELIVERED")
    assert kinds(world, true.id) == [("STRIPPED", 400), ("NOTIFICATION", 200)]


def test_another_sub_merchant_s_notification_comes_ahead(world, receiver):
    mine = world.new_institution()
    sibling, stranger = world.new_child(mine), world.new_institution()
    elsewhere, shop = receiver(), receiver()
    foreign = place_and_pay(world, sibling, elsewhere.url())
    place_and_pay(world, stranger, elsewhere.url())
    elsewhere.wait(2)
    set_mode(world, mine, "other_sub_merchant", count=1, mchid=mine.sub_mchid)
    number = place_and_pay(world, mine, shop.url())
    first, second = shop.wait(2)
    key = mine.caller.apiv3_key
    assert first.is_signed(platform(world))  # nothing is wrong with it but the address
    assert (first.opened(key)["sub_mchid"], first.opened(key)["out_trade_no"]) == (sibling.sub_mchid, foreign)
    assert (second.opened(key)["sub_mchid"], second.opened(key)["out_trade_no"]) == (mine.sub_mchid, number)
    settled(world.control, second.id, "DELIVERED")
    assert kinds(world, second.id) == [("OTHER_SUB_MERCHANT", 200), ("NOTIFICATION", 200)]


def test_without_another_sub_merchant_the_attempt_says_so(world, receiver):
    mine, shop = world.new_institution(), receiver()
    set_mode(world, mine, "other_sub_merchant", count=1)
    place_and_pay(world, mine, shop.url())
    event_id = settled(world.control, shop.wait(1)[0].id, "DELIVERED")["id"]
    assert "another sub-merchant" in shown(world.control, event_id)["sent"][0]["error"]
    assert len(shop.received) == 1


def test_callbacks_are_held_back(world, harsh, receiver):
    shop = receiver()
    set_mode(world, harsh, "delay", delay="PT40S")
    number = place_and_pay(world, harsh, shop.url())
    (callback,) = until(lambda: [one for one in told(world.control, out_trade_no=number) if one["due_time"] != one["create_time"]])
    assert times.read(callback["due_time"]) == world.now() + timedelta(seconds=40)
    world.forward(seconds=39)
    assert shop.received == []
    world.forward(seconds=1)
    settled(world.control, shop.wait(1)[0].id, "DELIVERED")
    assert kinds(world, callback["id"]) == [("NOTIFICATION", 200)]


def test_callbacks_overtake_each_other(world, harsh, receiver):
    shop = receiver()
    set_mode(world, harsh, "reorder")
    order = world.paid(harsh, 1000)
    numbers = []
    for _ in range(4):
        numbers.append(refund_with(world, order, shop.url(), 10)[0])
        world.forward(seconds=2)
    world.forward(hours=1)
    key = harsh.caller.apiv3_key
    came = [one.opened(key)["out_refund_no"] for one in shop.wait(4)]
    assert came == [numbers[1], numbers[3], numbers[0], numbers[2]]


@pytest.mark.concurrent
def test_modes_are_listed_end_and_are_taken_away(program, receiver):
    world = World(program())
    one, other = world.new_direct(), world.new_institution()
    end = times.written(world.now() + timedelta(minutes=5))
    assert set_mode(world, one, "duplicate", until=end) == [
        {"mchid": one.sponsor, "mode": "duplicate", "count": None, "until": end}
    ]
    set_mode(world, other, "stripped", count=2)
    modes = world.control.get("/callbacks/mode")["modes"]
    assert {mode["mchid"]: mode["mode"] for mode in modes} == {one.sponsor: "duplicate", other.sponsor: "stripped"}
    world.forward(minutes=5)
    assert [mode["mchid"] for mode in world.control.get("/callbacks/mode")["modes"]] == [other.sponsor]
    assert set_mode(world, other, "none") == []
    world.control.post("/callbacks/mode", {"mode": "duplicate"})  # for everybody
    shop = receiver()
    place_and_pay(world, other, shop.url())
    shop.wait(2)
    world.control.reset()
    assert world.control.get("/callbacks/mode")["modes"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"mode": "rude"},
        {"mode": "duplicate", "count": 0},
        {"mode": "duplicate", "delay": "PT5S"},
        {"mode": "delay", "delay": "PT0S"},
        {"mode": "delay", "delay": "P2D"},
        {"mode": "delay", "header": "Wechatpay-Serial"},
        {"mode": "stripped", "header": "Host"},
        {"mode": "duplicate", "until": "tomorrow"},
        {"mode": "duplicate", "mchid": "x"},
        {"mode": "duplicate", "colour": "red"},
    ],
)
def test_modes_that_are_none(world, body):
    with pytest.raises(ControlError) as refusal:
        world.control.post("/callbacks/mode", body)
    assert refusal.value.status == 400


# ---- TLS ----


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of 127.0.0.1's own: (its file, a function that puts TLS on a listening socket)."""
    directory = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3 -subj /CN=shop"
    files = ["-keyout", str(directory / "key.pem"), "-out", str(directory / "cert.pem")]
    subprocess.run([*command.split(), "-addext", "subjectAltName=IP:127.0.0.1", *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "cert.pem", directory / "key.pem")
    return directory / "cert.pem", lambda socket: context.wrap_socket(socket, server_side=True, do_handshake_on_connect=False)


def test_the_receiver_s_certificate_is_checked(program, receiver, certificate):
    file, wrap = certificate
    shop = receiver(wrap=wrap)
    world = World(program())
    assert "certificate" in error_of(world, world.new_direct(), shop.url())
    assert shop.received == []


@pytest.mark.parametrize("option", ["ca", "insecure"])
def test_a_certificate_may_be_trusted(program, receiver, certificate, option):
    file, wrap = certificate
    shop = receiver(wrap=wrap)
    world = World(program(*(["--callback-ca", str(file)] if option == "ca" else ["--callback-insecure"])))
    place_and_pay(world, world.new_direct(), shop.url())
    assert shop.wait(1)[0].is_signed(platform(world))


# ---- control ----


def test_each_attempt_is_kept_as_it_was(world, party, receiver):
    shop = receiver(lambda callback: (500, {"X-Shop": "closed"}, b'{"code":"FAIL","message":"\xe5\xa4\xb1\xe8\xb4\xa5"}'))
    number = place_and_pay(world, party, shop.url())
    came = shop.wait(1)[0]
    until(lambda: shown(world.control, came.id)["attempts"] == 1)
    callback = shown(world.control, came.id)
    (sent,) = callback["sent"]
    assert sent["request"]["body"].encode() == came.body
    lines = dict(line.split(": ", 1) for line in sent["request"]["headers"])
    assert lines == {name: value for name, value in came.headers if name not in ("Host", "Content-Length")}
    assert sent["answer"]["status"] == 500
    assert "X-Shop: closed" in sent["answer"]["headers"]
    assert sent["answer"]["body"] == '{"code":"FAIL","message":"失败"}'
    assert sent["error"] is None and sent["kind"] == "NOTIFICATION" and sent["number"] == 1
    assert callback["resource"] == came.opened(party.caller.apiv3_key)
    assert callback["state"] == "WAITING"
    assert (callback["mchid"], callback.get("sub_mchid")) == (party.sponsor, party.sub_mchid)
    assert callback["out_trade_no"] == number and callback["notify_url"] == shop.url()
    assert times.read(callback["due_time"]) == world.now() + timedelta(seconds=15)


def test_the_list_can_be_searched_and_read_page_by_page(program, receiver):
    shop = receiver()
    world = World(program())
    one, other = world.new_institution(), world.new_direct()
    mine = [place_and_pay(world, one, shop.url()) for _ in range(5)]
    theirs = [place_and_pay(world, other, shop.url()) for _ in range(2)]
    until(lambda: len(told(world.control, state="DELIVERED")) == 7)
    assert [row["out_trade_no"] for row in told(world.control)] == [*mine, *theirs][::-1]
    for mchid in (one.sponsor, one.sub_mchid):
        assert [row["out_trade_no"] for row in told(world.control, mchid=mchid)] == mine[::-1]
    assert [row["out_trade_no"] for row in told(world.control, mchid=other.sponsor)] == theirs[::-1]
    assert told(world.control, state="WAITING") == told(world.control, state="FAILED") == []
    assert [row["out_trade_no"] for row in told(world.control, out_trade_no=mine[2])] == [mine[2]]
    pages, path = [], "/callbacks?limit=3"
    while path:
        page = world.control.get(path)
        pages.append([row["out_trade_no"] for row in page["callbacks"]])
        path = page["next"] and f"/callbacks?limit=3&before={page['next']}"
    assert pages == [[theirs[1], theirs[0], mine[4]], mine[3:0:-1], [mine[0]]]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "state=LOST", "mchid=", "colour=red", "limit=1&limit=2"])
def test_a_list_that_cannot_be(world, query):
    with pytest.raises(ControlError) as refusal:
        world.control.get(f"/callbacks?{query}")
    assert refusal.value.status == 400


def test_unknown_callbacks(world):
    for call in (lambda: world.control.get("/callbacks/EV-0"), lambda: world.control.post("/callbacks/EV-0/resend")):
        with pytest.raises(ControlError) as refusal:
            call()
        assert refusal.value.status == 404


def test_one_that_was_delivered_can_be_sent_again(world, direct, receiver):
    shop = receiver()
    place_and_pay(world, direct, shop.url())
    event_id = settled(world.control, shop.wait(1)[0].id, "DELIVERED")["id"]
    world.control.post(f"/callbacks/{event_id}/resend")
    first, second = shop.wait(2)
    assert first.id == second.id
    key = direct.caller.apiv3_key
    assert first.opened(key) == second.opened(key)
    assert settled(world.control, event_id, "DELIVERED")["resends"] == 1
    shop.answer = lambda callback: 500
    world.control.post(f"/callbacks/{event_id}/resend")
    until(lambda: shown(world.control, event_id)["attempts"] == 3)
    assert shown(world.control, event_id)["state"] == "DELIVERED"  # as it was, once
    world.control.audit()


def test_one_that_failed_can_be_sent_again(world, direct, receiver):
    shop = receiver(lambda callback: 500)
    place_and_pay(world, direct, shop.url())
    event_id = shop.wait(1)[0].id
    until(lambda: shown(world.control, event_id)["attempts"] == 1)
    world.forward(hours=24, minutes=4)
    assert shown(world.control, event_id)["state"] == "FAILED"
    world.control.post(f"/callbacks/{event_id}/resend")
    until(lambda: shown(world.control, event_id)["attempts"] == 17)
    assert shown(world.control, event_id)["state"] == "FAILED"
    shop.answer = lambda callback: 200
    world.control.post(f"/callbacks/{event_id}/resend")
    assert settled(world.control, event_id, "DELIVERED")["attempts"] == 18


@pytest.mark.concurrent
def test_one_can_be_sent_again_50_times(world, direct, receiver):
    shop = receiver()
    place_and_pay(world, direct, shop.url())
    event_id = settled(world.control, shop.wait(1)[0].id, "DELIVERED")["id"]
    for _ in range(50):
        world.control.post(f"/callbacks/{event_id}/resend")
    with pytest.raises(ControlError) as refusal:
        world.control.post(f"/callbacks/{event_id}/resend")
    assert refusal.value.status == 409
    settled(world.control, event_id, "DELIVERED")
    world.control.audit()


@pytest.mark.concurrent
def test_figures(program, receiver):
    shop = receiver(lambda callback: 200 if len(shop.received) > 1 else 500)
    world = World(program())
    party = world.new_direct()

    def figures():
        lines = world.control.metrics().text.splitlines()
        return [next(line.split()[1] for line in lines if line.startswith(f"fenzhang_callbacks_{name} ")) for name in
                ("sent_total", "failed_total", "waiting")]

    def outcomes():
        found = re.findall(r'^fenzhang_callbacks_total\{outcome="(\w+)"\} (\d+)$', world.control.metrics().text, re.M)
        return {outcome: int(count) for outcome, count in found}

    assert figures() == ["0", "0", "0"]
    assert outcomes() == {"delivered": 0, "refused": 0, "unanswered": 0}
    place_and_pay(world, party, shop.url())
    until(lambda: figures() == ["1", "1", "1"])
    until(lambda: outcomes() == {"delivered": 0, "refused": 1, "unanswered": 0})
    world.forward(seconds=15)
    until(lambda: figures() == ["2", "1", "0"])
    until(lambda: outcomes() == {"delivered": 1, "refused": 1, "unanswered": 0})
    with nobodys_port() as port:
        place_and_pay(world, party, f"http://127.0.0.1:{port}/notify")
        until(lambda: outcomes() == {"delivered": 1, "refused": 1, "unanswered": 1})


@pytest.mark.concurrent
def test_a_reset_forgets_what_was_to_be_sent(program, receiver):
    shop = receiver(lambda callback: time.sleep(1) or 500)
    world = World(program(demo=True))
    env = world.program.demo
    party = world.party("direct")
    place_and_pay(world, party, shop.url())
    shop.wait(1)
    world.control.reset()  # with one on its way
    assert told(world.control) == []
    world.control.set_clock(advance="PT1H")
    assert len(shop.received) == 1
    assert env["MCHID"] == "1900000100"
    shop.answer = lambda callback: 200
    again = World(world.program)
    place_and_pay(again, again.new_direct(mchid="1999999999"), shop.url())
    shop.wait(2)
    again.control.audit()


# ---- many ----


@pytest.fixture
def silent():
    """A port on all addresses of this machine that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))
        listener.listen(128)
        yield listener.getsockname()[1]


@pytest.mark.concurrent
def test_dead_hosts_do_not_delay_others(program, receiver, silent):
    """20 hosts that never answer, 5 callbacks for each: those to another host do not wait for them."""
    world = World(program())
    party = world.new_direct()
    shop = receiver()
    for host in range(2, 22):
        for _ in range(5):
            world.control.make_payment(**party.in_control(), amount=100, notify_url=f"http://127.0.0.{host}:{silent}/n")
    begin = time.monotonic()
    for _ in range(60):
        world.control.make_payment(**party.in_control(), amount=100, notify_url=shop.url())
    shop.wait(60, 4)
    assert time.monotonic() - begin < 4 * PATIENCE


@pytest.mark.concurrent
def test_64_at_once_and_4_to_one_host(program, receiver):
    lock, now, most, many = threading.Condition(), Counter(), Counter(), threading.Event()

    def answer(callback):
        host = callback.header("Host")
        with lock:
            now.update([host, "all"])
            most[host], most["all"] = max(most[host], now[host]), max(most["all"], now["all"])
            lock.notify_all()
            if many.is_set():
                lock.wait_for(lambda: most[host] >= 4, 2)  # a busy machine sends them more slowly than they could be answered
        time.sleep(0.1)
        with lock:
            now.subtract([host, "all"])
        return 200

    shop = receiver(answer, address="0.0.0.0")
    world = World(program("--callback-ladder", "none"))
    world.control.set_clock(freeze=True)
    party = world.new_direct()

    def sell(hosts, each):
        for host in range(2, 2 + hosts):
            for _ in range(each):
                url = shop.url(host=f"127.0.0.{host}")
                world.control.make_payment(**party.in_control(), amount=100, notify_url=url)

    sell(25, 1)  # now it is known that they answer
    shop.wait(25)
    until(lambda: len(told(world.control, state="DELIVERED", limit=100)) == 25)
    world.control.post("/callbacks/mode", {"mode": "delay", "delay": "PT60S"})
    sell(25, 8)
    many.set()
    until(lambda: all(one["due_time"] != one["create_time"] for one in told(world.control, state="WAITING", limit=100)))
    world.control.set_clock(advance="PT60S", callbacks="later")
    shop.wait(225)
    assert most.pop("all") <= 64
    assert max(most.values()) == 4
