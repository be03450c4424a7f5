"""Mark a transaction for distribution: POST /v3/global/profit-sharing/transactions/mark

The mark precedes the order, and repeats its sub_mchid, out_trade_no and currency exactly.
"""

from datetime import timedelta

import pytest

import times
from answers import ok, refused, refused_parameter
from world import FREEZING_DONE, SHARING, Order


def marked_now(answer):
    assert answer.status == 204 and answer.body == b"", str(answer)


def place_and_pay(world, party, number, amount=10000, **options):
    """Places a native order and lets the payer pay it."""
    ok(world.native(party, number, amount, **options))
    world.control.pay(number, mchid=party.sponsor)
    paid_at = world.now()
    world.forward(FREEZING_DONE)
    return Order(party, amount, ok(world.order_by_number(party, number))["id"], number, paid_at)


def test_mark_order_pay_freeze(world, party):
    number = world.number("T")
    marked_now(world.mark(party, number))
    order = place_and_pay(world, party, number)
    assert world.unsplit(order) == 9940


def test_without_a_mark_nothing_is_frozen(world, party):
    order = place_and_pay(world, party, world.number("T"))
    refused(world.amounts(order), 400, "INVALID_REQUEST", "does not support ledger splitting")


def test_marking_twice(world, party):
    number = world.number("T")
    marked_now(world.mark(party, number))
    marked_now(world.mark(party, number))
    assert world.unsplit(place_and_pay(world, party, number)) == 9940


def test_after_the_order_it_is_too_late(world, party):
    number = world.number("T")
    ok(world.native(party, number, 10000))
    refused(world.mark(party, number), 400, "INVALID_REQUEST", "mark has to precede the order")
    world.control.pay(number, mchid=party.sponsor)
    refused(world.mark(party, number), 400, "INVALID_REQUEST", "mark has to precede the order")


def test_a_mark_for_another_child_has_no_effect(world, institution):
    number = world.number("T")
    marked_now(world.mark(world.other_child(), number))
    order = place_and_pay(world, institution, number)
    refused(world.amounts(order), 400, "INVALID_REQUEST", "does not support ledger splitting")


def test_only_cny(world, party):
    for currency in ("USD", "HKD"):
        refused(world.mark(party, world.number("T"), currency=currency), 400, "INVALID_REQUEST", "priced in CNY")


def test_a_mark_has_no_effect_on_an_order_of_another_currency(world, party):
    """The order has to repeat the mark's currency, which can only be CNY; otherwise it is an order like any other."""
    number = world.number("T")
    marked_now(world.mark(party, number))
    ok(world.native(party, number, 1000, currency="USD"))
    refused(world.mark(party, number), 400, "INVALID_REQUEST", "mark has to precede the order")


# ---- 403 ----


def test_without_a_contract(world, mode):
    party = world.new_party(mode, contract_date=None)
    refused(world.mark(party, world.number("T")), 403, "NO_AUTH", "has not signed up")


def test_the_contract_takes_effect_on_the_next_day(world, mode):
    party = world.new_party(mode, contract_date=str(world.today()))
    tomorrow = times.midnight(world.today() + timedelta(days=1))
    world.to(tomorrow - timedelta(seconds=1))
    refused(world.mark(party, world.number("T")), 403, "NO_AUTH", "waiting for it to take effect")
    world.to(tomorrow)
    marked_now(world.mark(party, world.number("T")))


def test_no_child_of_the_caller(world, institution, direct):
    stranger = world.new_institution()
    for party in (institution, direct):
        answer = world.mark(party, world.number("T"), sub_mchid=stranger.sub_mchid)
        refused(answer, 403, "NO_AUTH", "parent-child")
        assert answer.number == 268443701


# ---- 400 ----


def test_an_institution_has_to_name_its_child(world, institution):
    answer = world.mark(institution, world.number("T"), sub_mchid=None)
    refused_parameter(answer, "/sub_mchid", "body")
    assert answer.number == 268443704


@pytest.mark.parametrize("length,accepted", [(5, False), (6, True), (32, True), (33, False)])
def test_the_length_of_out_trade_no(world, party, length, accepted):
    number = world.number("T")[-length:].rjust(length, "T")
    answer = world.mark(party, number)
    if accepted:
        marked_now(answer)
    else:
        refused_parameter(answer, "/out_trade_no", "body", number)


@pytest.mark.parametrize(
    "changed,name",
    [
        ({"out_trade_no": None}, "out_trade_no"),
        ({"out_trade_no": 123456}, "out_trade_no"),
        ({"currency": None}, "currency"),
        ({"currency": ""}, "currency"),
        ({"currency": "C" * 11}, "currency"),
        ({"nonsense": 1}, "nonsense"),
    ],
    ids=str,
)
def test_members_that_are_wrong(world, party, changed, name):
    body = {**party.in_distribution(), "out_trade_no": world.number("T"), "currency": "CNY"}
    answer = world.client.post(party.caller, f"{SHARING}/transactions/mark", world.merged(body, changed))
    refused_parameter(answer, f"/{name}", "body")
