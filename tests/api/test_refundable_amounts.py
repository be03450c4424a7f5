"""Remaining refundable amount: GET /v3/global/profit-sharing/transactions/{transaction_id}/refundable-amounts

Gross amounts: what can go back to the payer out of the order's own funds, and what only the advance balance can bear.
"""

import pytest

from answers import ok, refused, refused_parameter
from world import FUNDS, ORDER, Order


def test_the_members_of_the_answer(world, party):
    order = world.paid(party, 10000)
    assert ok(world.refundable_amounts(order)) == {
        "transaction_id": order.transaction_id,
        "refundable_amount": 10000,
        "funds_refundable_amount": 0,
        "currency": "CNY",
    }


def test_the_vendor_s_example(world, mode):
    """100.00 at 1 %: 99.00 to distribute. 49.50 outbound: 49.50 to distribute, 50.00 refundable, 50.00 by advance."""
    order = world.paid(world.new_party(mode, fee_rate=100), 10000)
    assert (world.unsplit(order), world.refundable(order)) == (9900, (10000, 0))
    world.send_outbound(order, 4950)
    assert (world.unsplit(order), world.refundable(order)) == (4950, (5000, 5000))


def test_the_example_of_six_tenths_of_a_per_cent(world, party):
    """10 000 fen, fee 60. 2 000 inside China, then 3 000 outbound; each figure the largest whose net the order can bear."""
    order = world.paid(party, 10000)
    account = world.receiver(party)
    assert (world.unsplit(order), world.refundable(order)) == (9940, (10000, 0))
    world.distribute(order, 2000, account=account)
    assert (world.unsplit(order), world.refundable(order)) == (7940, (7988, 2012))
    before = world.advance_balance(party)
    world.send_outbound(order, 3000)
    assert (world.unsplit(order), world.refundable(order)) == (4940, (4970, 5030))
    assert world.advance_balance(party) == before + 3000


def test_a_full_refund_in_seven_odd_parts(world, party):
    """B(R) = floor(0.006 R + 0.5). The fee comes back as 0, 2, 9, 17, 0, 24 and 8: 60 in all, to the fen."""
    order = world.paid(party, 10000)
    left = 10000
    for part, unsplit in zip(
        (1, 333, 1429, 2857, 7, 4001, 1372),
        (9939, 9608, 8188, 5348, 5341, 1364, 0),
    ):
        world.refunded(order, part)
        left -= part
        assert (world.unsplit(order), world.refundable(order)) == (unsplit, (left, 0))


def test_the_same_parts_by_advance(world, party):
    """All went outbound: each part's net is taken from the advance balance, 9 940 in all."""
    order = world.paid(party, 10000)
    world.unfreeze(order)
    balance = world.advance_balance(party)
    left = 10000
    for part, net in zip((1, 333, 1429, 2857, 7, 4001, 1372), (1, 331, 1420, 2840, 7, 3977, 1364)):
        world.refunded(order, part, sources=[(FUNDS, part)])
        left -= part
        balance -= net
        assert world.refundable(order) == (0, left)
        assert world.advance_balance(party) == balance


def test_a_refund_from_both_sources(world, party):
    """7 940 of 9 940 outbound. 2 000 left bear 2 012 gross (fee 12); 3 000 more by advance: B(5 012) = 30, net 2 982."""
    order = world.paid(party, 10000)
    world.send_outbound(order, 7940)
    assert (world.unsplit(order), world.refundable(order)) == (2000, (2012, 7988))
    balance = world.advance_balance(party)
    world.refunded(order, 5012, sources=[(ORDER, 2012), (FUNDS, 3000)])
    assert (world.unsplit(order), world.refundable(order)) == (0, (0, 4988))
    assert world.advance_balance(party) == balance - 2982


def test_with_a_discount(world, party):
    """10 000 with a DISCOUNT of 1 000: S = 9 000, fee 54. Half: 5 000 gross, of it 500 discount and 27 fee: 4 473 net."""
    coupon = {"type": "DISCOUNT", "scope": "GLOBAL", "amount": 1000, "promotion_id": "109519"}
    order = world.paid(party, 10000, coupon=coupon)
    assert (world.unsplit(order), world.refundable(order)) == (8946, (10000, 0))
    world.refunded(order, 5000)
    assert (world.unsplit(order), world.refundable(order)) == (4473, (5000, 0))
    world.refunded(order, 5000)
    assert (world.unsplit(order), world.refundable(order)) == (0, (0, 0))


def test_the_three_amounts_make_up_the_order(world, party):
    order = world.paid(party, 9973)
    account = world.receiver(party)
    refunded = 0
    for amount, slice_amount in ((1, 17), (613, 1009), (29, 5), (101, 251)):
        world.distribute(order, slice_amount, account=account)
        world.refunded(order, amount)
        refunded += amount
        assert sum(world.refundable(order)) + refunded == 9973


def test_after_a_full_refund(world, party):
    order = world.paid(party, 10000)
    world.refunded(order, 10000)
    assert world.refundable(order) == (0, 0)


def test_a_closed_refund_becomes_refundable_again(world, party):
    order = world.paid(party, 10000)
    refund = world.refunded(order, 4321)
    assert world.refundable(order) == (5679, 0)
    world.control.set_outcome(refund["id"], "REFUNDCLOSE")
    assert world.refundable(order) == (10000, 0)


# ---- errors: those of the amounts query ----


def test_an_order_that_was_not_marked(world, party):
    order = world.paid(party, 1000, marked=False)
    refused(world.refundable_amounts(order), 400, "INVALID_REQUEST", "does not support ledger splitting")


def test_an_order_that_does_not_exist(world, party):
    order = Order(party, 1, "4200000000000000000000000000", "none", None)
    refused(world.refundable_amounts(order), 400, "INVALID_REQUEST", "does not support ledger splitting")


def test_an_order_of_another_child(world, institution):
    order = world.paid(institution, 1000)
    answer = world.refundable_amounts(order, party=world.other_child())
    refused(answer, 400, "INVALID_REQUEST", "inconsistent")
    assert answer.number == 268447845


def test_until_the_funds_are_frozen(world, party):
    order = world.paid(party, 1000, frozen=False)
    world.forward(seconds=179)
    refused(world.refundable_amounts(order), 500, "SYSTEM_ERROR", "freeze process")
    world.forward(seconds=120)
    assert world.refundable(order) == (1000, 0)


def test_without_a_contract(world, mode):
    order = Order(world.new_party(mode, contract_date=None), 1, "4200000000000000000000000000", "none", None)
    refused(world.refundable_amounts(order), 403, "NO_AUTH", "has not signed up")


def test_an_institution_has_to_name_its_child(world, institution):
    answer = world.refundable_amounts(world.paid(institution, 1000), sub_mchid=None)
    refused_parameter(answer, "sub_mchid", "query")
    assert answer.number == 268443704


def test_no_child_of_the_caller(world, institution, direct):
    stranger = world.new_institution()
    order = world.paid(institution, 1000)
    refused(world.refundable_amounts(order, sub_mchid=stranger.sub_mchid), 403, "NO_AUTH", "parent-child")
    refused(world.refundable_amounts(world.paid(direct, 1), sub_mchid=stranger.sub_mchid), 403, "NO_AUTH", "parent-child")


@pytest.mark.parametrize("length,status", [(32, "INVALID_REQUEST"), (33, "PARAM_ERROR")])
def test_the_length_of_transaction_id(world, party, length, status):
    refused(world.refundable_amounts(Order(party, 1, "4" * length, "none", None)), 400, status)
