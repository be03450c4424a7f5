"""Native orders and their query: POST …/transactions/native, GET …/transactions/id/… and …/out-trade-no/…"""

from datetime import timedelta

import pytest

import times
from answers import ok, refused, refused_parameter
from control import ControlError

USED = "OUT_TRADE_NO_USED"
PAID = {"/v3/global": "ORDER_PAID", "/hk/v3": "ORDERPAID"}
UNKNOWN = {"/v3/global": "ORDER_NOT_EXIST", "/hk/v3": "ORDERNOTEXIST"}


def field(prefix, *names):
    return "/" + "/".join(names) if prefix == "/v3/global" else "#/properties/" + "/".join(names)


# ---- placing ----


def test_it_answers_with_a_code(world, party, prefix):
    answer = ok(world.native(party, world.number("T"), 1000, prefix))
    assert list(answer) == ["code_url"]
    assert answer["code_url"].startswith("weixin://wxpay/")


def test_an_order_waits_for_its_payer(world, party, prefix):
    number = world.number("T")
    ok(world.native(party, number, 1000, prefix, attach="table 5"))
    order = ok(world.order_by_number(party, number, prefix))
    assert (order["out_trade_no"], order["trade_state"], order["trade_type"]) == (number, "NOTPAY", "NATIVE")
    assert {name: order[name] for name in party.in_payment()} == party.in_payment()
    assert order["attach"] == "table 5"
    assert (order["amount"]["total"], order["amount"]["currency"]) == (1000, "CNY")
    assert "success_time" not in order


def test_an_order_that_is_over_before_it_begins_is_refused(world, party, prefix):
    """By the book's clock, to the second: one that ends now can be paid by nobody, one that ends a second later can."""
    now = world.now().replace(microsecond=0)
    over, number = times.written(now), world.number("T")
    refused_parameter(world.native(party, number, 1000, prefix, time_expire=over), field(prefix, "time_expire"), "body", over)
    refused(world.order_by_number(party, number, prefix), 404, UNKNOWN[prefix])
    ok(world.native(party, number, 1000, prefix, time_expire=times.written(now + timedelta(seconds=1))))


def test_the_payer_pays(world, party, prefix):
    number = world.number("T")
    ok(world.native(party, number, 1000, prefix))
    world.forward(seconds=30)
    world.control.pay(number, mchid=party.sponsor, payer="credit")
    order = ok(world.order_by_number(party, number, prefix))
    assert order["trade_state"] == "SUCCESS"
    assert order["success_time"] == times.written(world.now())
    amount = order["amount"]
    assert (amount["total"], amount["currency"], amount["payer_total"], amount["payer_currency"]) == (1000, "CNY", 1000, "CNY")
    assert amount["exchange_rate"]["type"] == "SETTLEMENT_RATE"
    assert type(amount["exchange_rate"]["rate"]) is int
    assert ok(world.order_by_id(party, order["id"], prefix)) == order


def test_it_can_be_paid_only_once(world, party):
    number = world.number("T")
    ok(world.native(party, number, 1000))
    world.control.pay(number, mchid=party.sponsor)
    with pytest.raises(ControlError) as problem:
        world.control.pay(number, mchid=party.sponsor)
    assert 400 <= problem.value.status < 500


def test_a_refund_shows_in_the_order(world, party, prefix):
    order = world.paid(party, 1000)
    world.refunded(order, 1)
    assert ok(world.order_by_id(party, order.transaction_id, prefix))["trade_state"] == "REFUND"


def test_a_currency_is_the_settlement_s_or_cny(world, party, prefix):
    """The shared merchants settle in USD."""
    ok(world.native(party, world.number("T"), 1000, prefix, currency="USD"))
    refused(world.native(party, world.number("T"), 1000, prefix, currency="EUR"), 400, "INVALID_REQUEST", "currency has to be")


# ---- the same number again ----


def test_the_same_again_gives_the_same_code(world, party, prefix):
    number = world.number("T")
    first = ok(world.native(party, number, 1000, prefix))
    world.forward(minutes=5)
    assert ok(world.native(party, number, 1000, prefix)) == first


def test_the_same_number_with_other_content(world, party, prefix):
    number = world.number("T")
    ok(world.native(party, number, 1000, prefix))
    refused(world.native(party, number, 1001, prefix), 400, USED)
    refused(world.native(party, number, 1000, prefix, description="coffee"), 400, USED)
    assert ok(world.order_by_number(party, number))["amount"]["total"] == 1000


def test_after_payment_it_is_paid(world, party, prefix):
    number = world.number("T")
    ok(world.native(party, number, 1000, prefix))
    world.control.pay(number, mchid=party.sponsor)
    refused(world.native(party, number, 1000, prefix), 400, PAID[prefix], "already paid")


def test_two_children_may_use_the_same_number(world, institution):
    number = world.number("T")
    other = world.other_child()
    ok(world.native(institution, number, 1000))
    ok(world.native(other, number, 2000))
    assert ok(world.order_by_number(institution, number))["amount"]["total"] == 1000
    assert ok(world.order_by_number(other, number))["amount"]["total"] == 2000


# ---- querying ----


def test_no_such_order(world, party, prefix):
    for answer in (
        world.order_by_id(party, "4200000000000000000000000000", prefix),
        world.order_by_number(party, world.number("T"), prefix),
    ):
        refused(answer, 404, UNKNOWN[prefix], "order does not exist")
        assert answer.number == 268512771


def test_another_merchant_s_order(world, institution, direct, prefix):
    order = world.paid(institution, 1000)
    for stranger in (direct, world.other_child()):
        refused(world.order_by_id(stranger, order.transaction_id, prefix), 404, UNKNOWN[prefix])
        refused(world.order_by_number(stranger, order.out_trade_no, prefix), 404, UNKNOWN[prefix])


def test_the_parameters_of_the_query(world, institution, direct, prefix):
    for party, names in ((institution, ("sp_mchid", "sub_mchid")), (direct, ("mchid",))):
        for name in names:
            refused_parameter(world.order_by_number(party, "T12345", prefix, **{name: None}), name, "query")
    refused(world.order_by_id(direct, "4" * 33, prefix), 400, "PARAM_ERROR")
    refused(world.order_by_number(direct, "T" * 33, prefix), 400, "PARAM_ERROR")


# ---- parameters of the order ----


@pytest.mark.parametrize(
    "changed,names",
    [
        ({"description": None}, ("description",)),
        ({"notify_url": None}, ("notify_url",)),
        ({"trade_type": None}, ("trade_type",)),
        ({"trade_type": "JSAPI"}, ("trade_type",)),
        ({"merchant_category_code": None}, ("merchant_category_code",)),
        ({"merchant_category_code": "58x2"}, ("merchant_category_code",)),
        ({"out_trade_no": None}, ("out_trade_no",)),
        ({"out_trade_no": "T" * 33}, ("out_trade_no",)),
        ({"amount": None}, ("amount",)),
        ({"amount": {"currency": "CNY"}}, ("amount", "total")),
        ({"amount": {"total": 0, "currency": "CNY"}}, ("amount", "total")),
        ({"amount": {"total": "1", "currency": "CNY"}}, ("amount", "total")),
        ({"nonsense": 1}, ("nonsense",)),
    ],
    ids=str,
)
def test_members_that_are_wrong(world, party, prefix, changed, names):
    answer = world.native(party, world.number("T"), 1000, prefix, **changed)
    refused(answer, 400, "PARAM_ERROR")
    assert answer.detail["location"] == "body"
    if len(names) == 1 or prefix == "/v3/global":
        assert answer.detail["field"] == field(prefix, *names)
    else:
        assert answer.detail["field"].startswith("#/properties/amount") and answer.detail["field"].endswith(names[-1])


def test_an_institution_names_itself_and_its_child(world, institution, prefix):
    answer = world.native(institution, world.number("T"), 1000, prefix, sub_mchid=None)
    refused_parameter(answer, field(prefix, "sub_mchid"), "body")
    assert answer.number == 268443704
    refused_parameter(
        world.native(institution, world.number("T"), 1000, prefix, sp_mchid=None), field(prefix, "sp_mchid"), "body"
    )
    stranger = world.new_institution()
    answer = world.native(institution, world.number("T"), 1000, prefix, sub_mchid=stranger.sub_mchid)
    refused(answer, 403, "NO_AUTH", "parent-child")
