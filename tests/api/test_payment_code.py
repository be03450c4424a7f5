"""Payment code: POST /v3/global/micropay/transactions/pay and /hk/v3/transactions/micropay, and reversing such an order.

What the payer of a sandbox does is chosen by the last four digits of his code (docs/integrators.md).
"""

import re
from datetime import timedelta

import pytest

import bills
import times
from answers import ok, refused, refused_parameter
from control import ControlError
from world import ORDER

ENTERS, WAITS, GIVES_UP, SHORT, HOLDS = "9901", "9902", "9903", "9904", "9905"
REVERSED = {"/v3/global": "ORDER_REVERSED", "/hk/v3": "ORDERREVERSED"}
UNKNOWN = {"/v3/global": "ORDER_NOT_EXIST", "/hk/v3": "ORDERNOTEXIST"}
NOT_ENOUGH = {"/v3/global": "NOT_ENOUGH", "/hk/v3": "NOTENOUGH"}


def field(prefix, *names):
    return ("/" if prefix == "/v3/global" else "#/properties/") + "/".join(names)


@pytest.fixture
def paid(world, party):
    """An order paid by code: its members."""
    return ok(world.by_code(party, world.number("C"), 1000, world.auth_code()))


@pytest.fixture
def waiting(world, party):
    """The number of an order whose payer has to enter the password."""
    number = world.number("C")
    ok(world.by_code(party, number, 1000, world.auth_code(WAITS)))
    return number


def state(world, party, number, prefix="/v3/global"):
    return ok(world.order_by_number(party, number, prefix))["trade_state"]


# ---- paying ----


def test_the_answer_is_the_whole_order(world, party, prefix):
    number = world.number("C")
    order = ok(world.by_code(party, number, 1000, world.auth_code(), prefix, attach="table 5"))
    transaction_id = order.pop("id")
    assert re.fullmatch(r"4200[0-9]{24}", transaction_id)
    assert order.pop("trade_state_desc")
    rate = 650000000  # one USD is 6.5 CNY, the bill's own example
    assert order == {
        **party.in_payment_with_appid(),
        "out_trade_no": number,
        "attach": "table 5",
        "trade_type": "MICROPAY",
        "bank_type": "OTHERS",
        "success_time": times.written(world.now()),
        "trade_state": "SUCCESS",
        "amount": {
            "total": 1000,
            "currency": "CNY",
            "payer_total": 1000,
            "payer_currency": "CNY",
            "exchange_rate": {"type": "SETTLEMENT_RATE", "rate": rate},
        },
    }
    for query in (world.order_by_number(party, number, prefix), world.order_by_id(party, transaction_id, prefix)):
        found = ok(query)
        assert {name: found[name] for name in order} == order
    world.control.audit()


def test_in_the_settlement_currency(world, party):
    amount = ok(world.by_code(party, world.number("C"), 1000, world.auth_code(), currency="USD"))["amount"]
    assert (amount["currency"], amount["payer_total"], amount["payer_currency"]) == ("USD", 1000, "USD")


@pytest.mark.parametrize(
    "code",
    ["099999999999999999", "160000000000000000", "290000000000000000", "13456789012345678", "1345678901234567890",
     "13456789012345678x", "x" * 128],
)  # fmt: skip
def test_what_is_no_payment_code(world, party, prefix, code):
    number = world.number("C")
    answer = world.by_code(party, number, 1000, code, prefix)
    refused(answer, 400, "AUTH_CODE_INVALID", "18 digits")
    assert answer.number == 268501011
    refused(world.order_by_number(party, number, prefix), 404, UNKNOWN[prefix])


def test_a_code_is_used_once(world, party, prefix):
    number, code = world.number("C"), world.auth_code()
    ok(world.by_code(party, number, 1000, code))

    def again():
        answer = world.by_code(party, world.number("C"), 1000, code, prefix)
        refused(answer, 400, "AUTH_CODE_INVALID", "used for another order")
        assert answer.number == 268501784

    again()
    assert world.reverse(party, number, prefix).status == 204
    again()


def test_another_merchant_s_code(world, institution, direct):
    code = world.auth_code()
    ok(world.by_code(institution, world.number("C"), 1000, code))
    assert world.by_code(direct, world.number("C"), 1000, code).number == 268501784


def test_the_same_order_again_is_the_order_as_it_is(world, party, prefix):
    number, code = world.number("C"), world.auth_code(ENTERS)
    assert ok(world.by_code(party, number, 1000, code, prefix))["trade_state"] == "USERPAYING"
    world.forward(seconds=10)
    order = ok(world.by_code(party, number, 1000, code, prefix))
    assert order["trade_state"] == "SUCCESS"
    assert order == ok(world.order_by_number(party, number, prefix))
    assert world.reverse(party, number, prefix).status == 204
    assert ok(world.by_code(party, number, 1000, code, prefix))["trade_state"] == "REVOKED"


def test_the_same_number_with_other_content(world, party, prefix):
    number, code = world.number("C"), world.auth_code()
    ok(world.by_code(party, number, 1000, code))
    refused(world.by_code(party, number, 1001, code, prefix), 400, "OUT_TRADE_NO_USED")
    refused(world.by_code(party, number, 1000, world.auth_code(), prefix), 400, "OUT_TRADE_NO_USED")
    refused(world.native(party, number, 1000, prefix), 400, "OUT_TRADE_NO_USED")
    other = world.number("T")
    ok(world.native(party, other, 1000))
    refused(world.by_code(party, other, 1000, world.auth_code(), prefix), 400, "OUT_TRADE_NO_USED")


def test_what_is_required(world, party, prefix):
    def pay(**body):
        return world.by_code(party, world.number("C"), 1000, world.auth_code(), prefix, **body)

    for name in ("description", "out_trade_no", "trade_type", "merchant_category_code", "amount", "payer"):
        refused_parameter(pay(**{name: None}), field(prefix, name), "body")
    refused_parameter(pay(payer={}), field(prefix, "payer", "auth_code"), "body")
    refused_parameter(pay(trade_type="NATIVE"), field(prefix, "trade_type"), "body", "NATIVE")
    refused_parameter(pay(payer={"auth_code": 13}), field(prefix, "payer", "auth_code"), "body", "13")
    too_long = "1" * 129
    refused_parameter(pay(payer={"auth_code": too_long}), field(prefix, "payer", "auth_code"), "body", too_long)


def test_there_is_no_callback_and_no_time_to_pay_it_in(world, party, prefix):
    for name in ("notify_url", "time_start", "time_expire"):
        answer = world.by_code(party, world.number("C"), 1000, world.auth_code(), prefix, **{name: "https://shop.example"})
        refused_parameter(answer, field(prefix, name), "body")


def test_merchants(world, institution, prefix):
    stranger = world.new_institution()
    pay = world.by_code(institution, world.number("C"), 1000, world.auth_code(), prefix, sub_mchid=stranger.sub_mchid)
    refused(pay, 403, "NO_AUTH", "parent-child")
    reverse = world.reverse(institution, "C12345", prefix, sub_mchid=stranger.sub_mchid)
    refused(reverse, 403, "NO_AUTH", "parent-child")
    for answer in (
        world.by_code(institution, world.number("C"), 1000, world.auth_code(), prefix, sub_mchid=None),
        world.reverse(institution, "C12345", prefix, sub_mchid=None),
    ):
        refused_parameter(answer, field(prefix, "sub_mchid"), "body")
        assert answer.number == 268443704


# ---- the password ----


def test_above_3000_cny_the_payer_enters_the_password(world, party, prefix):
    assert ok(world.by_code(party, world.number("C"), 300000, world.auth_code(), prefix))["trade_state"] == "SUCCESS"
    number = world.number("C")
    order = ok(world.by_code(party, number, 300001, world.auth_code(), prefix))
    assert order.pop("trade_state_desc")
    assert order == {
        **party.in_payment_with_appid(),
        "out_trade_no": number,
        "trade_type": "MICROPAY",
        "trade_state": "USERPAYING",
        "amount": {"total": 300001, "currency": "CNY"},
    }
    assert state(world, party, number, prefix) == "USERPAYING"
    world.control.pay(number, mchid=party.sponsor, payer="credit")
    paid = ok(world.order_by_number(party, number, prefix))
    assert (paid["trade_state"], paid["bank_type"]) == ("SUCCESS", "CMB_CREDIT")
    assert paid["success_time"] == times.written(world.now())
    world.control.audit()


def test_polled_at_3_5_10_15_and_30_seconds(world, party, prefix):
    """The vendor's guidance: poll, and reverse when the time is over."""
    number = world.number("C")
    assert ok(world.by_code(party, number, 1000, world.auth_code(WAITS), prefix))["trade_state"] == "USERPAYING"
    for seconds in (3, 5, 10, 15, 30):
        world.forward(seconds=seconds)
        assert state(world, party, number, prefix) == "USERPAYING"
    assert world.reverse(party, number, prefix).status == 204
    assert state(world, party, number, prefix) == "REVOKED"


@pytest.mark.parametrize(
    "ending,at_9_s,at_10_s,at_5_min",
    [
        (ENTERS, "USERPAYING", "SUCCESS", "SUCCESS"),
        (WAITS, "USERPAYING", "USERPAYING", "PAYERROR"),
        (GIVES_UP, "USERPAYING", "PAYERROR", "PAYERROR"),
        (HOLDS, "USERPAYING", "USERPAYING", "PAYERROR"),
    ],
)
def test_what_the_payer_does(world, party, ending, at_9_s, at_10_s, at_5_min):
    number = world.number("C")
    ok(world.by_code(party, number, 1000, world.auth_code(ending)))
    world.forward(seconds=9)
    assert state(world, party, number) == at_9_s
    world.forward(seconds=1)
    assert state(world, party, number) == at_10_s
    world.forward(seconds=290)
    assert state(world, party, number) == at_5_min


def test_a_payer_with_too_little_money(world, party, prefix):
    number = world.number("C")
    answer = world.by_code(party, number, 1000, world.auth_code(SHORT), prefix)
    refused(answer, 403, NOT_ENOUGH[prefix], "enough money")
    assert answer.number == 88430113
    refused(world.order_by_number(party, number, prefix), 404, UNKNOWN[prefix])


def test_after_5_minutes_it_cannot_be_paid(world, party, waiting):
    world.forward(minutes=5)
    assert state(world, party, waiting) == "PAYERROR"
    with pytest.raises(ControlError) as problem:
        world.control.pay(waiting, mchid=party.sponsor)
    assert 400 <= problem.value.status < 500


# ---- distribution ----


def test_it_can_be_distributed(world, party):
    """FAQ4: every way of paying; only the mark is added."""
    number = world.number("C")
    assert world.mark(party, number).status == 204
    transaction_id = ok(world.by_code(party, number, 1000, world.auth_code(ENTERS))).get("id")
    assert transaction_id is None
    world.forward(seconds=10)
    transaction_id = ok(world.order_by_number(party, number))["id"]
    path = f"/v3/global/profit-sharing/transactions/{transaction_id}/amounts"
    refused(world.client.get(party.caller, path, party.in_distribution()), 500, "SYSTEM_ERROR")
    world.forward(minutes=5)
    assert ok(world.client.get(party.caller, path, party.in_distribution()))["unsplit_amount"] == 994
    assert world.reverse(party, number).status == 204
    assert ok(world.client.get(party.caller, path, party.in_distribution()))["unsplit_amount"] == 0
    world.control.audit()


# ---- reversing ----


@pytest.mark.parametrize("by", ["out-trade-no", "id"])
def test_a_paid_order_goes_back_to_the_payer(world, party, prefix, paid, by):
    number = paid["out_trade_no"]
    for _ in range(2):  # a repeat is fine
        assert world.reverse(party, number if by == "out-trade-no" else paid["id"], prefix, by).status == 204
    order = ok(world.order_by_number(party, number, prefix))
    assert (order["trade_state"], order["id"], order["success_time"]) == ("REVOKED", paid["id"], paid["success_time"])
    assert order["amount"] == paid["amount"]
    assert order == ok(world.order_by_id(party, paid["id"], prefix))
    query = {**party.in_payment(), "transaction_id": paid["id"], "offset": 0, "count": 10}
    refunds = ok(world.client.get(party.caller, f"{prefix}/refunds", query))
    assert refunds["total_num"] == 1
    (refund,) = refunds["data"]
    assert (refund["status"], refund["amount"]["refund"]) == ("SUCCESS", 1000)
    assert refund["create_time"] == refund["success_time"] == times.written(world.now())
    assert ok(world.refund_by_id(party, refund["id"], prefix))["out_refund_no"] == refund["out_refund_no"]
    world.control.audit()


def test_a_reversed_order_is_neither_refunded_nor_paid(world, party, prefix, paid, waiting):
    for number in (paid["out_trade_no"], waiting):
        assert world.reverse(party, number, prefix).status == 204
        body = {
            **party.in_payment_with_appid(),
            "out_trade_no": number,
            "out_refund_no": world.number("R"),
            "amount": {"refund": 1, "total": 1000, "currency": "CNY"},
        }
        refused(world.client.post(party.caller, f"{prefix}/refunds", body), 400, REVERSED[prefix], "reversed")
        with pytest.raises(ControlError) as problem:
            world.control.pay(number, mchid=party.sponsor)
        assert 400 <= problem.value.status < 500 and "reversed" in problem.value.text
    world.control.audit()


def test_an_order_that_is_not_paid_is_reversed(world, party, prefix, waiting):
    assert world.reverse(party, waiting, prefix).status == 204
    order = ok(world.order_by_number(party, waiting, prefix))
    assert order["trade_state"] == "REVOKED"
    assert "id" not in order and "success_time" not in order and "payer_total" not in order["amount"]


def test_one_whose_payment_failed_is_reversed(world, party, prefix):
    number = world.number("C")
    ok(world.by_code(party, number, 1000, world.auth_code(GIVES_UP)))
    world.forward(minutes=1)
    assert state(world, party, number, prefix) == "PAYERROR"
    assert world.reverse(party, number, prefix).status == 204
    assert state(world, party, number, prefix) == "REVOKED"


def test_in_payment_means_later(world, party, prefix):
    """The vendor's guidance: retry after 5, 10 and 20 seconds."""
    number = world.number("C")
    ok(world.by_code(party, number, 1000, world.auth_code(HOLDS), prefix))
    refused(world.reverse(party, number, prefix), 400, "USERPAYING", "in payment")
    world.forward(seconds=5)
    refused(world.reverse(party, number, prefix), 400, "USERPAYING", "in payment")
    world.forward(seconds=10)
    assert world.reverse(party, number, prefix).status == 204


def test_on_the_day_of_payment_only(world, party, prefix, paid):
    unpaid = world.number("C")
    ok(world.by_code(party, unpaid, 1000, world.auth_code(WAITS)))
    midnight = times.midnight(world.today() + timedelta(days=1))
    world.to(midnight - timedelta(seconds=1))
    last = ok(world.by_code(party, world.number("C"), 1000, world.auth_code()))["out_trade_no"]
    in_time = ok(world.by_code(party, world.number("C"), 1000, world.auth_code()))["out_trade_no"]
    assert world.reverse(party, in_time, prefix).status == 204
    world.to(midnight)
    for number in (paid["out_trade_no"], last):
        answer = world.reverse(party, number, prefix)
        refused(answer, 400, "REVERSE_EXPIRE", "day of its payment")
        assert answer.number == 268449386
        assert state(world, party, number, prefix) == "SUCCESS"
    assert world.reverse(party, in_time, prefix).status == 204
    assert world.reverse(party, unpaid, prefix).status == 204


def test_not_after_a_refund_or_a_distribution(world, party, prefix):
    def bought():
        number = world.number("C")
        assert world.mark(party, number).status == 204
        return ok(world.by_code(party, number, 1000, world.auth_code()))

    refunded, shared = bought(), bought()
    world.forward(minutes=5)
    body = {
        **party.in_payment_with_appid(),
        "transaction_id": refunded["id"],
        "out_refund_no": world.number("R"),
        "amount": {"refund": 1, "total": 1000, "currency": "CNY"},
    }
    ok(world.client.post(party.caller, "/v3/global/refunds", body))
    body = {
        **party.in_distribution(),
        "transaction_id": shared["id"],
        "out_order_no": world.number("U"),
        "description": "the rest",
    }
    ok(world.client.post(party.caller, "/v3/global/profit-sharing/orders/unfreeze", body))
    for order, trade_state in ((refunded, "REFUND"), (shared, "SUCCESS")):
        refused(world.reverse(party, order["out_trade_no"], prefix), 400, "INVALID_REQUEST", "refunds or distributions")
        assert state(world, party, order["out_trade_no"], prefix) == trade_state


def test_the_day_s_sales_pay_for_it(world, mode, prefix):
    party = world.new_party(mode)
    yesterdays = world.paid(party, 1000, marked=False)
    world.to_next_morning()
    order = ok(world.by_code(party, world.number("C"), 1000, world.auth_code()))
    world.refunded(yesterdays, 1)
    answer = world.reverse(party, order["out_trade_no"], prefix)
    refused(answer, 403, NOT_ENOUGH[prefix])
    assert state(world, party, order["out_trade_no"]) == "SUCCESS"
    world.paid(party, 1000, marked=False)
    assert world.reverse(party, order["out_trade_no"], prefix).status == 204
    world.control.audit()


def test_a_reversed_distributed_order_is_on_the_refund_bill(world, mode):
    party = world.new_party(mode)
    number = world.number("C")
    assert world.mark(party, number).status == 204
    ok(world.by_code(party, number, 1000, world.auth_code()))
    ok(world.by_code(party, world.number("C"), 1000, world.auth_code()))
    assert world.reverse(party, number).status == 204
    day = world.today()
    world.to(times.at(day + timedelta(days=1), "10:00:00"))
    bill = bills.parse(bills.download(world.client, party.caller, world.refund_bill(party, day)))
    (line,) = bill.lines
    assert line["Vendor order number(out_transaction_id)"] == number
    assert (line["Refund source"], line["Refund source amount"]) == (ORDER, "10.00")
    assert line["Refund source fee in CNY"] == "-0.06"


def test_only_payment_code_orders_are_reversed_and_never_closed(world, party, prefix, paid, waiting):
    native = world.paid(party, 1000, marked=False)
    for number, by in ((native.out_trade_no, "out-trade-no"), (native.transaction_id, "id")):
        refused(world.reverse(party, number, prefix, by), 400, "INVALID_REQUEST", "only payment-code orders")
    for number, by in ((paid["out_trade_no"], "out-trade-no"), (paid["id"], "id"), (waiting, "out-trade-no")):
        refused(world.close(party, number, prefix, by), 400, "INVALID_REQUEST", "only reverse")
    assert state(world, party, waiting) == "USERPAYING"


def test_no_such_order(world, institution, direct, prefix):
    order = ok(world.by_code(institution, world.number("C"), 1000, world.auth_code()))
    refused(world.reverse(institution, world.number("C"), prefix), 404, UNKNOWN[prefix])
    refused(world.reverse(institution, "4200000000000000000000000000", prefix, "id"), 404, UNKNOWN[prefix])
    for stranger in (direct, world.other_child()):
        refused(world.reverse(stranger, order["out_trade_no"], prefix), 404, UNKNOWN[prefix])
        refused(world.reverse(stranger, order["id"], prefix, "id"), 404, UNKNOWN[prefix])


def test_parameters_of_reversing(world, institution, direct, prefix):
    for by in ("out-trade-no", "id"):
        for party, names in ((institution, ("sp_mchid", "sub_mchid")), (direct, ("mchid",))):
            for name in names:
                refused_parameter(world.reverse(party, "T12345", prefix, by, **{name: None}), field(prefix, name), "body")
        refused_parameter(world.reverse(direct, "T12345", prefix, by, nonsense=1), field(prefix, "nonsense"), "body")
    refused_parameter(world.reverse(direct, "T" * 33, prefix), "out_trade_no", "url", "T" * 33)
    refused_parameter(world.reverse(direct, "4" * 33, prefix, "id"), "transaction_id", "url", "4" * 33)
