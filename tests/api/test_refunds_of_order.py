"""Query all refunds of an order: GET /v3/global/refunds and /hk/v3/refunds"""

from datetime import timedelta

import pytest

from answers import ok, refused, refused_parameter
from world import BALANCE_ARRIVAL, FUNDS, ORDER

NOT_FOUND = {"/v3/global": "RESOURCE_NOT_EXISTS", "/hk/v3": "REFUNDNOTEXIST"}


def test_all_members(world, party, prefix):
    order = world.paid(party, 1000)
    refund = world.refunded(order, 300)
    world.forward(BALANCE_ARRIVAL)
    single = ok(world.refund_by_id(party, refund["id"], prefix))
    assert single["status"] == "SUCCESS"
    assert ok(world.refunds_of(order, prefix=prefix)) == {
        "id": order.transaction_id,
        **party.in_payment(),
        "out_trade_no": order.out_trade_no,
        "amount": {"total": 1000, "currency": "CNY", "payer_total": 1000, "payer_currency": "CNY"},
        "data": [single],
        "total_num": 1,
        "current_total_num": 1,
    }


def test_page_by_page(world, party, prefix):
    """25 refunds in pages of 10: each once, in the order in which they were accepted."""
    order = world.paid(party, 10000)
    accepted = [world.refunded(order, 10 + i)["id"] for i in range(25)]
    seen = []
    for offset, size in ((0, 10), (10, 10), (20, 5), (25, 0)):
        page = ok(world.refunds_of(order, offset, 10, prefix))
        assert (page["total_num"], page["current_total_num"], len(page["data"])) == (25, size, size)
        seen += [refund["id"] for refund in page["data"]]
    assert seen == accepted
    answer = world.refunds_of(order, 26, 10, prefix)
    refused_parameter(answer, "offset", "query", "26")


def test_fifty_at_once(world, direct):
    order = world.paid(direct, 10000)
    for _ in range(50):
        world.refunded(order, 1)
    assert ok(world.refunds_of(order, 0, 50))["current_total_num"] == 50


def test_every_state_and_source_is_listed(world, party, prefix):
    order = world.paid(party, 10000)
    world.send_outbound(order, 5000)
    closed = world.refunded(order, 100)
    world.control.set_outcome(closed["id"], "REFUNDCLOSE")
    left, _ = world.refundable(order)
    both = world.refunded(order, left + 100, sources=[(ORDER, left), (FUNDS, 100)])
    data = ok(world.refunds_of(order, prefix=prefix))["data"]
    assert [(refund["id"], refund["status"]) for refund in data] == [(closed["id"], "REFUNDCLOSE"), (both["id"], "PROCESSING")]
    assert data[1]["amount"]["refund"] == left + 100


def test_the_voucher_is_called_refund_detail(world, party, prefix):
    coupon = {"type": "COUPON", "scope": "GLOBAL", "amount": 200, "promotion_id": "109519"}
    order = world.paid(party, 1000, coupon=coupon)
    world.refunded(order, 500)
    (refund,) = ok(world.refunds_of(order, prefix=prefix))["data"]
    assert "detail" not in refund
    assert refund["refund_detail"] == [{**coupon, "refund_amount": 100, "currency": "CNY"}]


def test_which_order_has_to_be_told(world, party, prefix):
    order = world.paid(party, 1000)
    world.refunded(order, 100)
    listed = ok(world.refunds_of(order, prefix=prefix))
    assert ok(world.refunds_of(order, prefix=prefix, transaction_id=None, out_trade_no=order.out_trade_no)) == listed
    assert ok(world.refunds_of(order, prefix=prefix, out_trade_no=order.out_trade_no)) == listed
    refused_parameter(world.refunds_of(order, prefix=prefix, transaction_id=None), "transaction_id", "query")
    refused(world.refunds_of(order, prefix=prefix, out_trade_no=world.number("T")), 404, NOT_FOUND[prefix])


def test_an_order_without_refunds(world, party, prefix):
    refused(world.refunds_of(world.paid(party, 1000), prefix=prefix), 404, NOT_FOUND[prefix], "Failed to view the refund order")


def test_no_such_order(world, institution, direct, prefix):
    order = world.paid(institution, 1000)
    world.refunded(order, 100)
    refused(world.refunds_of(order, prefix=prefix, transaction_id="4200000000000000000000000000"), 404, NOT_FOUND[prefix])
    for stranger in (direct, world.other_child()):
        refused(world.refunds_of(order, prefix=prefix, party=stranger), 404, NOT_FOUND[prefix])
        answer = world.refunds_of(order, prefix=prefix, party=stranger, transaction_id=None, out_trade_no=order.out_trade_no)
        refused(answer, 404, NOT_FOUND[prefix])


def test_after_a_year_only_by_merchant_number(world, direct, prefix):
    order = world.paid(direct, 1000)
    refund = world.refunded(order, 100)
    world.to(order.paid_at + timedelta(days=365))
    ok(world.refunds_of(order, prefix=prefix))
    world.forward(seconds=1)
    refused(world.refunds_of(order, prefix=prefix), 404, NOT_FOUND[prefix], "out_refund_no")
    ok(world.refund_by_number(direct, refund["out_refund_no"], prefix))


@pytest.mark.parametrize(
    "changed,name",
    [
        ({"offset": None}, "offset"),
        ({"offset": -1}, "offset"),
        ({"offset": "x"}, "offset"),
        ({"count": None}, "count"),
        ({"count": 0}, "count"),
        ({"count": 51}, "count"),
        ({"transaction_id": "4" * 33}, "transaction_id"),
        ({"out_trade_no": "T" * 33}, "out_trade_no"),
    ],
    ids=str,
)
def test_parameters_that_are_wrong(world, party, prefix, changed, name):
    order = world.paid(party, 1000)
    refused_parameter(world.refunds_of(order, prefix=prefix, **changed), name, "query")


def test_an_institution_names_itself_and_its_child(world, institution, prefix):
    order = world.paid(institution, 1000)
    answer = world.refunds_of(order, prefix=prefix, sub_mchid=None)
    refused_parameter(answer, "sub_mchid", "query")
    assert answer.number == 268443704
    stranger = world.new_institution()
    answer = world.refunds_of(order, prefix=prefix, sub_mchid=stranger.sub_mchid)
    refused(answer, *((404, "MCHID_NOT_EXIST") if prefix == "/hk/v3" else (403, "NO_AUTH", "parent-child")))
    refused(world.refunds_of(order, prefix=prefix, sp_mchid=stranger.sponsor), 401, None, "does not match")
