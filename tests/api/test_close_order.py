"""Close an order: POST …/transactions/out-trade-no/{out_trade_no}/close and …/transactions/id/{transaction_id}/close"""

import pytest

from answers import ok, refused, refused_parameter
from control import ControlError

PAID = {"/v3/global": "ORDER_PAID", "/hk/v3": "ORDERPAID"}
CLOSED = {"/v3/global": "ORDER_CLOSED", "/hk/v3": "ORDERCLOSED"}
UNKNOWN = {"/v3/global": "ORDER_NOT_EXIST", "/hk/v3": "ORDERNOTEXIST"}


@pytest.fixture
def placed(world, party):
    number = world.number("T")
    ok(world.native(party, number, 1000))
    return number


def test_nobody_can_pay_it_any_more(world, party, prefix, placed):
    assert world.close(party, placed, prefix).status == 204
    assert ok(world.order_by_number(party, placed, prefix))["trade_state"] == "CLOSED"
    with pytest.raises(ControlError) as problem:
        world.control.pay(placed, mchid=party.sponsor)
    assert 400 <= problem.value.status < 500
    refused(world.native(party, placed, 1000, prefix), 400, CLOSED[prefix])
    world.control.audit()


def test_a_repeat_is_fine(world, party, prefix, placed):
    for _ in range(3):
        assert world.close(party, placed, prefix).status == 204


def test_a_paid_order_is_not_closed(world, party, prefix, placed):
    world.control.pay(placed, mchid=party.sponsor)
    refused(world.close(party, placed, prefix), 400, PAID[prefix], "already paid")
    order = ok(world.order_by_number(party, placed, prefix))
    refused(world.close(party, order["id"], prefix, by="id"), 400, PAID[prefix], "already paid")
    assert ok(world.order_by_number(party, placed, prefix))["trade_state"] == "SUCCESS"


def test_a_refunded_order_was_paid(world, party, prefix):
    order = world.paid(party, 1000)
    world.refunded(order, 1000)
    refused(world.close(party, order.out_trade_no, prefix), 400, PAID[prefix])


def test_an_order_that_was_not_paid_in_time(world, party, placed):
    world.forward(hours=2)
    assert world.close(party, placed).status == 204


def test_no_such_order(world, institution, direct, prefix):
    order = world.paid(institution, 1000)
    refused(world.close(institution, world.number("T"), prefix), 404, UNKNOWN[prefix])
    refused(world.close(institution, "4200000000000000000000000000", prefix, by="id"), 404, UNKNOWN[prefix])
    for stranger in (direct, world.other_child()):
        refused(world.close(stranger, order.out_trade_no, prefix), 404, UNKNOWN[prefix])
        refused(world.close(stranger, order.transaction_id, prefix, by="id"), 404, UNKNOWN[prefix])


def test_parameters_that_are_wrong(world, institution, direct, prefix):
    def field(name):
        return f"/{name}" if prefix == "/v3/global" else f"#/properties/{name}"

    for by in ("out-trade-no", "id"):
        for party, names in ((institution, ("sp_mchid", "sub_mchid")), (direct, ("mchid",))):
            for name in names:
                refused_parameter(world.close(party, "T12345", prefix, by, **{name: None}), field(name), "body")
        refused_parameter(world.close(direct, "T12345", prefix, by, nonsense=1), field("nonsense"), "body")
    refused_parameter(world.close(direct, "T" * 33, prefix), "out_trade_no", "url", "T" * 33)
    refused_parameter(world.close(direct, "4" * 33, prefix, by="id"), "transaction_id", "url", "4" * 33)


def test_merchants(world, institution, prefix, placed):
    stranger = world.new_institution()
    refused(world.close(institution, placed, prefix, sub_mchid=stranger.sub_mchid), 403, "NO_AUTH", "parent-child")
    refused(world.close(institution, placed, prefix, sp_mchid=stranger.sponsor), 401, None, "does not match")
