"""Submit a refund: POST /v3/global/refunds and /hk/v3/refunds"""

import re
import threading
from datetime import timedelta

import pytest

import times
from answers import ok, refused, refused_parameter
from client import Client
from world import APPID, BALANCE_ARRIVAL, FUNDS, ORDER, USD_RATE, Endpoints, Order

NUMBER_USED = {"/v3/global": "OUT_REFUND_NO_USED", "/hk/v3": "REFUND_FEE_MISMATCH"}
NOT_ENOUGH = {"/v3/global": "NOT_ENOUGH", "/hk/v3": "NOTENOUGH"}
NO_TRANSACTION = {"/v3/global": "INVALID_REQUEST", "/hk/v3": "INVALID_TRANSACTIONID"}
NO_MERCHANT = {"/v3/global": "MCH_NOT_EXISTS", "/hk/v3": "MCHID_NOT_EXIST"}


def field(prefix, *names):
    """How detail.field names a member of the body under this prefix."""
    return "/" + "/".join(names) if prefix == "/v3/global" else "#/properties/" + "/".join(names)


# ---- the answer ----


def test_the_members_of_the_answer(world, party, prefix):
    number = world.number("R")
    answer = ok(world.refund(world.paid(party, 1000), 888, number, prefix=prefix))
    assert re.fullmatch(r"[0-9]{1,32}", answer.pop("id"))
    assert answer == {
        "out_refund_no": number,
        "create_time": times.written(world.now()),
        "amount": {
            "refund": 888,
            "currency": "CNY",
            "payer_refund": 888,
            "payer_currency": "CNY",
            "exchange_rate": {"type": "SETTLEMENT_RATE", "rate": USD_RATE},
        },
    }


def test_a_voucher_is_told(world, party, prefix):
    coupon = {"type": "COUPON", "scope": "GLOBAL", "amount": 10, "promotion_id": "109519"}
    answer = world.refunded(world.paid(party, 100, coupon=coupon), 50, prefix=prefix)
    assert [one["refund_amount"] for one in answer["detail"]] == [5]
    assert answer["amount"]["payer_refund"] == 45


def test_by_merchant_order_number(world, party, prefix):
    order = world.paid(party, 1000)
    refund = world.refunded(order, 100, prefix=prefix, transaction_id=None, out_trade_no=order.out_trade_no)
    shown = ok(world.refund_by_id(party, refund["id"], prefix))
    assert (shown["transaction_id"], shown["out_trade_no"]) == (order.transaction_id, order.out_trade_no)


def test_optional_members(world, party, prefix):
    order = world.paid(party, 1000)
    more = {
        "reason": "退" * 80,
        "source": "REFUND_SOURCE_UNSETTLED_FUNDS",
        "notify_url": "https://shop.example/" + "n" * 235,
    }
    assert len(more["notify_url"]) == 256
    ok(world.refund(order, 100, world.number("R"), prefix=prefix, **more))


# ---- where the money comes from ----


def test_without_from_the_order_s_own_funds_alone(world, party):
    """6 940 of 9 940 are gone: 3 000 are left, which bear 3 018 gross. The advance balance is not touched unasked."""
    order = world.paid(party, 10000)
    world.send_outbound(order, 6940)
    balance = world.advance_balance(party)
    assert world.refundable(order) == (3018, 6982)
    refused(world.refund(order, 3019, world.number("R")), 403, "NOT_ENOUGH", "out_refund_no")
    world.refunded(order, 3018)
    assert world.unsplit(order) == 0
    assert world.advance_balance(party) == balance


def test_the_order_s_funds_are_short(world, party, prefix):
    order = world.paid(party, 10000)
    world.unfreeze(order)
    for sources in (None, [(ORDER, 1)]):
        answer = world.refund(order, 1, world.number("R"), sources=sources, prefix=prefix)
        refused(answer, 403, NOT_ENOUGH[prefix])
        assert answer.number == 88430113


def test_the_part_of_each_source_is_checked_for_itself(world, party):
    """3 018 by the order, 6 982 by advance: one fen more of either is refused, though their sum fits."""
    order = world.paid(party, 10000)
    world.send_outbound(order, 6940)
    refused(world.refund(order, 10000, world.number("R"), sources=[(ORDER, 3019), (FUNDS, 6981)]), 403, "NOT_ENOUGH")
    refused(world.refund(order, 10000, world.number("R"), sources=[(ORDER, 3017), (FUNDS, 6983)]), 403, "NOT_ENOUGH")
    world.refunded(order, 10000, sources=[(ORDER, 3018), (FUNDS, 6982)])
    assert (world.unsplit(order), world.refundable(order)) == (0, (0, 0))


def test_the_two_sources_may_come_in_any_order(world, party):
    for sources in ([(ORDER, 3018), (FUNDS, 82)], [(FUNDS, 82), (ORDER, 3018)]):
        order = world.paid(party, 10000)
        world.send_outbound(order, 6940)
        world.refunded(order, 3100, sources=sources)
        assert (world.unsplit(order), world.refundable(order)) == (0, (0, 6900))


@pytest.mark.parametrize(
    "sources",
    [
        [(ORDER, 999)],
        [(ORDER, 1001)],
        [(ORDER, 500), (FUNDS, 499)],
        [(ORDER, 500), (ORDER, 500)],
        [(ORDER, 1000), (FUNDS, 0)],
        [(ORDER, 1001), (FUNDS, -1)],
        [("SOMEWHERE", 1000)],
        [],
    ],
)
def test_parts_that_do_not_add_up(world, party, prefix, sources):
    order = world.paid(party, 1000)
    answer = world.refund(order, 1000, world.number("R"), sources=sources, prefix=prefix)
    refused(answer, 400, "PARAM_ERROR")
    assert answer.detail["location"] == "body"
    assert answer.detail["field"].startswith(field(prefix, "amount"))
    assert world.unsplit(order) == 994


def test_from_is_for_distributed_orders(world, party, prefix):
    order = world.paid(party, 1000, marked=False)
    for source in (ORDER, FUNDS):
        answer = world.refund(order, 100, world.number("R"), sources=[(source, 100)], prefix=prefix)
        refused(answer, 400, "INVALID_REQUEST", "amount.from")


def test_from_is_not_for_the_recharged_balance(world, party, prefix):
    order = world.paid(party, 1000)
    answer = world.refund(
        order, 100, world.number("R"), sources=[(ORDER, 100)], prefix=prefix, source="REFUND_SOURCE_RECHARGE_FUNDS"
    )
    refused(answer, 400, "INVALID_REQUEST", "amount.from")


def test_while_the_funds_are_freezing(world, party):
    """Refunds need not wait for freezing to be done."""
    order = world.paid(party, 1000, frozen=False)
    world.refunded(order, 400)
    world.forward(minutes=5)
    assert world.unsplit(order) == 994 - 398  # 400 gross with 2 of the fee (2.4)


# ---- unmarked orders: the day's sales ----


def test_an_unmarked_order_draws_the_day_s_sales(world, mode):
    party = world.new_party(mode)
    order = world.paid(party, 10000, marked=False)
    world.refunded(order, 4000)
    world.refunded(order, 6000)


def test_yesterday_s_sales_are_converted(world, mode):
    """A refund needs fresh sales: keep the number and try again later."""
    party = world.new_party(mode)
    order = world.paid(party, 10000, marked=False)
    world.to(times.midnight(world.today() + timedelta(days=1)) - timedelta(seconds=1))
    world.refunded(order, 1000)
    world.forward(seconds=1)
    number = world.number("R")
    refused(world.refund(order, 1000, number), 403, "NOT_ENOUGH", "Keep the same out_refund_no")
    world.paid(party, 994, marked=False)  # net 988
    refused(world.refund(order, 1000, number), 403, "NOT_ENOUGH")  # net 994
    world.paid(party, 6, marked=False)
    ok(world.refund(order, 1000, number))


def test_all_children_share_the_day_s_sales(world):
    first = world.new_institution()
    second = world.new_child(first)
    order = world.paid(first, 1000, marked=False)
    world.to_next_morning()
    refused(world.refund(order, 1000, world.number("R")), 403, "NOT_ENOUGH")
    world.paid(second, 1000, marked=False)
    world.refunded(order, 1000)


def test_released_money_is_no_sale(world, mode):
    """The two pools do not draw on each other."""
    party = world.new_party(mode)
    order = world.paid(party, 1000, marked=False)
    world.to_next_morning()
    world.raise_advance_balance(party, 5000)
    refused(world.refund(order, 1000, world.number("R")), 403, "NOT_ENOUGH")
    assert world.advance_balance(party) == 5000


def test_sales_are_no_advance_balance(world, mode):
    party = world.new_party(mode)
    order = world.paid(party, 1000)
    world.unfreeze(order)
    world.to_next_morning()
    world.paid(party, 10000, marked=False)
    refused(world.refund(order, 1000, world.number("R"), sources=[(FUNDS, 1000)]), 403, "NOT_ENOUGH")


def test_a_closed_refund_goes_back_to_the_sales(world, mode):
    party = world.new_party(mode)
    order = world.paid(party, 1000, marked=False)
    first = world.refunded(order, 1000)
    world.control.set_outcome(first["id"], "REFUNDCLOSE")
    world.refunded(order, 1000)


# ---- how much, how often, how long ----


def test_not_more_than_the_order(world, party, prefix):
    order = world.paid(party, 1000)
    refused(world.refund(order, 1001, world.number("R"), prefix=prefix), 400, "INVALID_REQUEST", "larger than")
    world.refunded(order, 600, prefix=prefix)
    refused(world.refund(order, 401, world.number("R"), prefix=prefix), 400, "INVALID_REQUEST", "larger than")
    world.refunded(order, 400, prefix=prefix)
    refused(world.refund(order, 1, world.number("R"), prefix=prefix), 400, "INVALID_REQUEST", "larger than")


def test_total_is_the_order_s(world, party, prefix):
    order = world.paid(party, 1000)
    refused(world.refund(order, 10, world.number("R"), prefix=prefix, total=999), 400, "INVALID_REQUEST", "amount.total")


def test_currency_is_the_order_s(world, party, prefix):
    order = world.paid(party, 1000)
    amount = {"refund": 10, "total": 1000, "currency": "USD"}
    refused(world.refund(order, 10, world.number("R"), prefix=prefix, amount=amount), 400, "INVALID_REQUEST", "amount.currency")


def test_fifty_parts(world, party, prefix):
    order = world.paid(party, 100)
    for _ in range(50):
        world.refunded(order, 1, prefix=prefix)
    refused(world.refund(order, 1, world.number("R"), prefix=prefix), 400, "INVALID_REQUEST", "50 partial refunds")


def test_one_year(world, party, prefix):
    """Orders older than 365 days cannot be refunded. The day's sales come from a fresh order."""
    order = world.paid(party, 1000, marked=False)
    year = order.paid_at + timedelta(days=365)
    world.to(year)
    world.paid(party, 5000, marked=False)
    world.refunded(order, 100, prefix=prefix)
    world.to(year + timedelta(seconds=1))
    refused(world.refund(order, 100, world.number("R"), prefix=prefix), 400, "TRADE_OVERDUE", "older than one year")


def test_an_order_that_is_not_paid(world, party, prefix):
    number = world.number("T")
    ok(world.native(party, number, 1000))
    unpaid = Order(party, 1000, None, number, None)
    answer = world.refund(unpaid, 1, world.number("R"), prefix=prefix, transaction_id=None, out_trade_no=number)
    refused(answer, 400, {"/v3/global": "INVALID_REQUEST", "/hk/v3": "ORDER_NOT_READY"}[prefix], "not paid")


def test_no_such_transaction(world, party, prefix):
    order = Order(party, 1000, "4200000000000000000000000000", "none", None)
    refused(world.refund(order, 1, world.number("R"), prefix=prefix), 400, NO_TRANSACTION[prefix], "Invalid transaction_id")


def test_another_merchant_s_transaction(world, institution, direct, prefix):
    order = world.paid(institution, 1000)
    for stranger in (direct, world.other_child()):
        answer = world.refund(order, 1, world.number("R"), prefix=prefix, party=stranger)
        refused(answer, 400, NO_TRANSACTION[prefix], "Invalid transaction_id")


# ---- the same number again ----


def test_the_same_again_is_the_same_refund(world, party, prefix):
    order = world.paid(party, 10000)
    world.send_outbound(order, 5000)
    number = world.number("R")
    first = ok(world.refund(order, 300, number, sources=[(ORDER, 200), (FUNDS, 100)], prefix=prefix))
    state = world.unsplit(order), world.refundable(order), world.advance_balance(party)
    for sources in ([(ORDER, 200), (FUNDS, 100)], [(FUNDS, 100), (ORDER, 200)]):
        assert ok(world.refund(order, 300, number, sources=sources, prefix=prefix)) == first
    assert ok(world.refund(order, 300, number, sources=sources, notify_url="https://other.example/x")) == first
    world.forward(BALANCE_ARRIVAL)
    assert ok(world.refund(order, 300, number, sources=sources, prefix=prefix)) == first
    assert (world.unsplit(order), world.refundable(order), world.advance_balance(party)) == state


def test_defaults_written_out_are_the_same(world, party):
    order = world.paid(party, 1000)
    number = world.number("R")
    first = ok(world.refund(order, 300, number))
    assert ok(world.refund(order, 300, number, source="REFUND_SOURCE_UNSETTLED_FUNDS")) == first


def test_the_full_amount_again(world, party, prefix):
    """Nothing is left to refund, but this was done already."""
    order = world.paid(party, 1000)
    number = world.number("R")
    first = ok(world.refund(order, 1000, number, prefix=prefix))
    assert ok(world.refund(order, 1000, number, prefix=prefix)) == first


def test_the_same_number_with_other_content(world, party, prefix):
    order, other = world.paid(party, 1000), world.paid(party, 1000)
    number = world.number("R")
    world.refunded(order, 300, number=number)
    state = world.unsplit(order)
    changes = [
        world.refund(order, 301, number, prefix=prefix),
        world.refund(other, 300, number, prefix=prefix),
        world.refund(order, 300, number, prefix=prefix, reason="another"),
        world.refund(order, 300, number, prefix=prefix, sources=[(ORDER, 300)]),
    ]
    for answer in changes:
        refused(answer, 400, NUMBER_USED[prefix], "used with other parameters")
    assert (world.unsplit(order), world.unsplit(other)) == (state, 994)


def test_a_refused_refund_leaves_its_number_free(world, party, prefix):
    order = world.paid(party, 1000)
    number = world.number("R")
    refused(world.refund(order, 1001, number, prefix=prefix), 400, "INVALID_REQUEST")
    assert ok(world.refund(order, 999, number, prefix=prefix))["amount"]["refund"] == 999


@pytest.mark.concurrent
def test_the_same_refund_many_times_at_once(world, party):
    """One of them does it; all get the same answer."""
    order = world.paid(party, 1000)
    number = world.number("R")
    found = []

    def send():
        own = Endpoints(Client(world.program.api, world.program.data / "platform"))
        found.append(own.refund(order, 700, number))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert [ok(answer) for answer in found] == [ok(found[0])] * 8
    assert world.unsplit(order) == 298  # 700 gross with 4 of the fee of 6 (4.2): 994 - 696


@pytest.mark.concurrent
def test_different_refunds_at_once_never_take_too_much(world, party):
    order = world.paid(party, 1000)
    numbers = [world.number("R") for _ in range(8)]
    statuses = []

    def send(number):
        own = Endpoints(Client(world.program.api, world.program.data / "platform"))
        statuses.append(own.refund(order, 300, number).status)

    threads = [threading.Thread(target=send, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 3 + [400] * 5
    assert sum(world.refundable(order)) == 100
    world.control.audit()


# ---- merchants and appids ----


def test_a_merchant_that_does_not_exist(world, institution, prefix):
    order = world.paid(institution, 1000)
    answer = world.refund(order, 1, world.number("R"), prefix=prefix, sub_mchid="1000000001")
    refused(answer, 404, NO_MERCHANT[prefix], "MCHID does not exist")


def test_a_merchant_number_that_is_not_the_signer_s(world, institution, direct, prefix):
    code = {"/v3/global": "SIGN_ERROR", "/hk/v3": "SIGNERROR"}[prefix]
    order = world.paid(institution, 1000)
    answer = world.refund(order, 1, world.number("R"), prefix=prefix, sp_mchid=direct.sponsor)
    refused(answer, 401, code, "does not match the mchid in the payload")


def test_no_child_of_the_caller(world, institution, prefix):
    stranger = world.new_institution()
    order = world.paid(institution, 1000)
    answer = world.refund(order, 1, world.number("R"), prefix=prefix, sub_mchid=stranger.sub_mchid)
    refused(answer, 403, "NO_AUTH", "parent-child")


def test_the_list_of_appids(world, mode, prefix):
    """A merchant without a list takes any; one with a list only those."""
    party = world.new_party(mode, appids=["wx1111111111111111", APPID])
    order = world.paid(party, 1000)
    name = "sp_appid" if mode == "institution" else "appid"
    answer = world.refund(order, 1, world.number("R"), prefix=prefix, **{name: "wx0000000000000000"})
    refused(answer, 400, "APPID_NOT_EXIST", "APPID does not exist")
    ok(world.refund(order, 1, world.number("R"), prefix=prefix))


# ---- parameters ----


@pytest.mark.parametrize(
    "number",
    ["", "R" * 65, "a b", "a/b", "a.b", "a+b", "a#b", "退款", "a\nb", "'", 'a"b'],
)
def test_the_form_of_out_refund_no(world, party, prefix, number):
    answer = world.refund(world.paid(party, 1000, marked=False), 1, number, prefix=prefix)
    refused_parameter(answer, field(prefix, "out_refund_no"), "body")


def test_out_refund_no_of_64_characters(world, party, prefix):
    number = "R" * 52 + world.number("R")
    assert ok(world.refund(world.paid(party, 1000), 1, number, prefix=prefix))["out_refund_no"] == number


@pytest.mark.parametrize(
    "changed,names",
    [
        ({"out_refund_no": 5}, ("out_refund_no",)),
        ({"transaction_id": "4" * 33}, ("transaction_id",)),
        ({"transaction_id": ""}, ("transaction_id",)),
        ({"transaction_id": None, "out_trade_no": "T" * 33}, ("out_trade_no",)),
        ({"reason": "r" * 81}, ("reason",)),
        ({"reason": "😀"}, ("reason",)),
        ({"source": "REFUND_SOURCE_ELSEWHERE"}, ("source",)),
        ({"notify_url": "https://shop.example/" + "n" * 236}, ("notify_url",)),
        ({"nonsense": 1}, ("nonsense",)),
        ({"amount": 5}, ("amount",)),
        ({"amount": []}, ("amount",)),
        ({"amount": {"total": 1000, "currency": "CNY"}}, ("amount", "refund")),
        ({"amount": {"refund": 1, "currency": "CNY"}}, ("amount", "total")),
        ({"amount": {"refund": 1, "total": 1000}}, ("amount", "currency")),
        ({"amount": {"refund": 0, "total": 1000, "currency": "CNY"}}, ("amount", "refund")),
        ({"amount": {"refund": -1, "total": 1000, "currency": "CNY"}}, ("amount", "refund")),
        ({"amount": {"refund": "1", "total": 1000, "currency": "CNY"}}, ("amount", "refund")),
        ({"amount": {"refund": 1.0, "total": 1000, "currency": "CNY"}}, ("amount", "refund")),
        ({"amount": {"refund": True, "total": 1000, "currency": "CNY"}}, ("amount", "refund")),
        ({"amount": {"refund": 1, "total": "1000", "currency": "CNY"}}, ("amount", "total")),
        ({"amount": {"refund": 1, "total": 1000, "currency": 156}}, ("amount", "currency")),
        ({"amount": {"refund": 1, "total": 1000, "currency": ""}}, ("amount", "currency")),
        ({"amount": {"refund": 1, "total": 1000, "currency": "CNY", "nonsense": 1}}, ("amount", "nonsense")),
    ],
    ids=str,
)
def test_members_that_are_wrong(world, party, prefix, changed, names):
    answer = world.refund(world.paid(party, 1000, marked=False), 1, world.number("R"), prefix=prefix, **changed)
    refused(answer, 400, "PARAM_ERROR")
    assert answer.detail["location"] == "body"
    if len(names) == 1 or prefix == "/v3/global":
        assert answer.detail["field"] == field(prefix, *names)
    else:
        assert answer.detail["field"].startswith("#/properties/amount") and answer.detail["field"].endswith(names[-1])


@pytest.mark.parametrize("left_out", ["out_refund_no", "amount"])
def test_members_that_are_missing(world, party, prefix, left_out):
    answer = world.refund(world.paid(party, 1000, marked=False), 1, world.number("R"), prefix=prefix, **{left_out: None})
    refused_parameter(answer, field(prefix, left_out), "body")


def test_which_order_has_to_be_told(world, party, prefix):
    answer = world.refund(world.paid(party, 1000, marked=False), 1, world.number("R"), prefix=prefix, transaction_id=None)
    refused(answer, 400, "PARAM_ERROR")


def test_merchant_numbers_that_are_missing(world, institution, direct, prefix):
    order = world.paid(institution, 1000, marked=False)
    answer = world.refund(order, 1, world.number("R"), prefix=prefix, sub_mchid=None)
    refused_parameter(answer, field(prefix, "sub_mchid"), "body")
    assert answer.number == 268443704
    answer = world.refund(order, 1, world.number("R"), prefix=prefix, sp_mchid=None)
    refused_parameter(answer, field(prefix, "sp_mchid"), "body")
    order = world.paid(direct, 1000, marked=False)
    refused_parameter(world.refund(order, 1, world.number("R"), prefix=prefix, mchid=None), field(prefix, "mchid"), "body")
    both = world.refund(order, 1, world.number("R"), prefix=prefix, sp_mchid=direct.sponsor)
    refused(both, 400, "PARAM_ERROR")
