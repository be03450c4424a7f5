"""States that stand in somebody's way, set by control calls: a payer's account, a merchant's papers and scenes, its pools of CNY."""

import pytest

from answers import ok, refused
from control import ControlError
from world import BALANCE_ARRIVAL, FUNDS, ORDER


# ---- the payer's account ----


@pytest.mark.parametrize("marked", [True, False])
def test_no_refund_to_an_account_that_was_closed(world, party, prefix, marked):
    order = world.paid(party, 5000, marked=marked)
    told = world.control.change_payment(order.out_trade_no, payer_account="closed")
    assert told == {"out_trade_no": order.out_trade_no, "payer_account": "closed"}
    number = world.number("R")
    refused(world.refund(order, 1000, number, prefix=prefix), 403, "USER_ACCOUNT_ABNORMAL", "Refund by other means")
    refused(world.refund_by_number(party, number, prefix), 404)
    world.control.change_payment(order.out_trade_no, payer_account="open")
    assert ok(world.refund(order, 1000, number, prefix=prefix))["out_refund_no"] == number


def test_a_refund_on_its_way_does_not_arrive_in_an_account_that_was_closed_meanwhile(world, party):
    order = world.paid(party, 5000)
    number = world.number("R")
    world.refunded(order, 1000, number=number)
    world.control.change_payment(order.out_trade_no, payer_account="closed")
    world.forward(BALANCE_ARRIVAL)
    assert ok(world.refund_by_number(party, number))["status"] == "ABNORMAL"
    assert ok(world.refund_by_number(party, number, "/hk/v3"))["status"] == "PROCESSING"  # the only word it has for it
    assert world.control.audit()


def test_the_same_number_again_is_no_new_refund(world, party):
    order = world.paid(party, 5000)
    number = world.number("R")
    world.refunded(order, 1000, number=number)
    world.control.change_payment(order.out_trade_no, payer_account="closed")
    assert ok(world.refund(order, 1000, number))["out_refund_no"] == number


def test_a_frozen_account_takes_refunds_that_do_not_arrive(world, party):
    order = world.paid(party, 5000)
    world.control.change_payment(order.out_trade_no, payer_account="frozen")
    number = world.number("R")
    accepted = world.refunded(order, 1000, number=number)
    world.forward(BALANCE_ARRIVAL)
    answer = ok(world.refund_by_number(party, number))
    assert answer["status"] == "ABNORMAL" and "success_time" not in answer
    world.control.set_outcome(accepted["id"], "SUCCESS", channel="OTHER_BANKCARD", recv_account="China Merchants Bank Credit Card 0403")
    assert ok(world.refund_by_number(party, number))["status"] == "SUCCESS"
    assert world.control.audit()


def test_other_orders_are_not_concerned(world, party):
    order, other = world.paid(party, 5000), world.paid(party, 5000)
    world.control.change_payment(order.out_trade_no, payer_account="closed")
    ok(world.refund(other, 1000, world.number("R")))


def test_an_order_is_named_by_its_merchant_where_its_number_is_not_unique(world, institution, direct):
    number = world.number("P")
    orders = [world.paid(party, 5000, out_trade_no=number) for party in (institution, direct)]
    with pytest.raises(ControlError) as problem:
        world.control.change_payment(number, payer_account="closed")
    assert problem.value.status == 409
    world.control.change_payment(number, payer_account="closed", mchid=direct.sponsor)
    refused(world.refund(orders[1], 1000, world.number("R")), 403, "USER_ACCOUNT_ABNORMAL")
    ok(world.refund(orders[0], 1000, world.number("R")))


def test_calls_that_make_no_sense(world, direct):
    order = world.paid(direct, 5000, frozen=False)
    for status, number, members in (
        (404, "NOSUCHORDER1", {"payer_account": "closed"}),
        (400, order.out_trade_no, {}),
        (400, order.out_trade_no, {"payer_account": "lost"}),
        (400, order.out_trade_no, {"payer_account": "closed", "amount": 1}),
    ):
        with pytest.raises(ControlError) as problem:
            world.control.change_payment(number, **members)
        assert problem.value.status == status


# ---- the pools of CNY ----


def test_an_empty_pool_pays_no_refund(world, mode):
    """A refund of an unmarked order draws the day's sales: with none left, NOT_ENOUGH, and later the same number goes through."""
    party = world.new_party(mode)
    order = world.paid(party, 5000, marked=False)
    assert world.control.change_merchant(party.sponsor, cny_pool="empty")["cny_pool"] == "empty"
    number = world.number("R")
    refused(world.refund(order, 1000, number), 403, "NOT_ENOUGH", "Keep the same out_refund_no")
    assert world.control.audit()
    assert world.control.change_merchant(party.sponsor, cny_pool="open")["cny_pool"] == "open"
    ok(world.refund(order, 1000, number))
    assert world.control.audit()


def test_an_empty_pool_has_no_advance_balance(world, mode):
    party = world.new_party(mode)
    order = world.paid(party, 10000)
    world.send_outbound(order, 3000)
    world.control.change_merchant(party.sponsor, cny_pool="empty")
    assert world.advance_balance(party) == 0
    refused(world.refund(order, 1000, world.number("R"), sources=[(FUNDS, 1000)]), 403, "NOT_ENOUGH")
    ok(world.refund(order, 1000, world.number("R"), sources=[(ORDER, 1000)]))  # the order's own money is not in the pool
    world.control.change_merchant(party.sponsor, cny_pool="open")
    assert world.advance_balance(party) == 3000  # nothing had moved
    assert world.control.audit()


# ---- papers and scenes ----


def test_without_its_papers_a_merchant_takes_no_payments(world, mode, prefix):
    party = world.new_party(mode)
    seller = party.sub_mchid or party.sponsor
    placed = world.number("N")
    ok(world.native(party, placed, 1000, prefix))
    assert world.control.change_merchant(seller, papers="missing")["papers"] == "missing"
    answer = refused(world.native(party, world.number("N"), 1000, prefix), 403, "NO_AUTH", "complete its papers")
    assert answer.number == 268443838
    ok(world.native(party, placed, 1000, prefix))  # what was placed stays placed
    with pytest.raises(ControlError) as problem:
        world.paid(party, 1000)
    assert problem.value.status == 403
    world.control.change_merchant(seller, papers="complete")
    ok(world.native(party, world.number("N"), 1000, prefix))


def test_a_scene_that_a_merchant_may_not_use(world, mode, prefix):
    party = world.new_party(mode)
    seller = party.sub_mchid or party.sponsor
    assert world.control.change_merchant(seller, refused_scenes=["NATIVE", "APP"])["refused_scenes"] == ["NATIVE", "APP"]
    for refused_one in (world.native(party, world.number("N"), 1000, prefix), world.place("app", party, world.number("N"), 1000, prefix)):
        assert refused(refused_one, 403, "NO_AUTH", "scene").number == 268449304
    ok(world.place("jsapi", party, world.number("N"), 1000, prefix))
    world.control.change_merchant(seller, refused_scenes=[])
    ok(world.native(party, world.number("N"), 1000, prefix))


def test_a_sibling_may_sell(world):
    party = world.new_institution()
    sibling = world.new_child(party)
    world.control.change_merchant(party.sub_mchid, papers="missing", refused_scenes=["NATIVE"])
    ok(world.native(sibling, world.number("N"), 1000))


def test_merchants_tell_what_hinders_them(world):
    party = world.new_institution(cny_pool="empty")
    world.control.change_merchant(party.sub_mchid, papers="missing", refused_scenes=["MWEB"])
    world.control.change_merchant(party.sub_mchid, penalised=False)  # another change leaves them
    listed = {merchant["mchid"]: merchant for merchant in world.control.get("/merchants")["merchants"]}
    assert listed[party.sponsor]["cny_pool"] == "empty" and "papers" not in listed[party.sponsor]
    child = listed[party.sub_mchid]
    assert (child["papers"], child["refused_scenes"]) == ("missing", ["MWEB"]) and "cny_pool" not in child


@pytest.mark.parametrize(
    "kind,members",
    [
        ("sub", {"cny_pool": "empty"}),
        ("institution", {"papers": "missing"}),
        ("institution", {"refused_scenes": ["NATIVE"]}),
        ("direct", {"papers": "lost"}),
        ("direct", {"cny_pool": 0}),
        ("direct", {"refused_scenes": "NATIVE"}),
        ("direct", {"refused_scenes": ["NATIVE", "CASH"]}),
        ("direct", {"refused_scenes": [1]}),
    ],
    ids=str,
)
def test_hindrances_that_make_no_sense(world, institution, direct, kind, members):
    mchid = {"sub": institution.sub_mchid, "institution": institution.sponsor, "direct": direct.sponsor}[kind]
    with pytest.raises(ControlError) as problem:
        world.control.change_merchant(mchid, **members)
    assert problem.value.status == 400
