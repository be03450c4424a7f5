"""Unfreeze the remaining funds: POST /v3/global/profit-sharing/orders/unfreeze"""

import re
from datetime import timedelta

import pytest

import times
from answers import ok, refused, refused_parameter
from world import SHARING, USD_RATE, WORK_DONE, Order


def test_it_is_accepted_then_finished(world, party):
    """One entry, the sponsor: 99.40 CNY at 6.5 are 15.29 USD (1 529.23 cents)."""
    order = world.paid(party, 10000)
    number = world.number("U")
    created = world.now()
    answer = ok(world.unfreezing(order, number))
    assert (answer["transaction_id"], answer["out_order_no"]) == (order.transaction_id, number)
    assert answer.get("sub_mchid") == party.sub_mchid
    assert re.fullmatch(r"[0-9]{1,64}", answer["order_id"])
    assert answer["state"] == "PROCESSING"
    assert [(one["account"], one["amount"], one["result"]) for one in answer["receivers"]] == [
        (party.sponsor, 9940, "PENDING")
    ]
    assert world.unsplit(order) == 0
    world.forward(WORK_DONE)
    done = ok(world.query_distribution(order, number))
    (entry,) = done["receivers"]
    assert (done["state"], entry["result"], entry["description"]) == ("FINISHED", "SUCCESS", "the rest")
    assert (entry["settlement_currency"], entry["settlement_amount"], entry["rate"]) == ("USD", 1529, USD_RATE)
    assert timedelta(seconds=1) <= times.read(entry["finish_time"]) - created <= timedelta(seconds=60)


def test_what_was_distributed_and_refunded_before_stays(world, party):
    order = world.paid(party, 10000)
    world.distribute(order, 2000)
    world.refunded(order, 1000)  # 994 net
    answer = ok(world.unfreezing(order, world.number("U")))
    assert [one["amount"] for one in answer["receivers"]] == [6946]


def test_nothing_is_left_to_release(world, party):
    order = world.paid(party, 10000)
    world.unfreeze(order)
    assert world.unfreezing(order, world.number("U")).json["code"] in ("NOT_ENOUGH", "INVALID_REQUEST")
    spent = world.paid(party, 10000)
    world.refunded(spent, 10000)
    refused(world.unfreezing(spent, world.number("U")), 403, "NOT_ENOUGH")


def test_no_distribution_follows_it(world, party):
    order = world.paid(party, 10000)
    world.unfreeze(order)
    answer = world.distribution(order, [world.slice(party.sponsor, 1)], world.number("D"))
    refused(answer, 400, "INVALID_REQUEST", "have been released")


def test_released_money_refunds_no_more_from_the_order(world, party):
    order = world.paid(party, 10000)
    world.unfreeze(order)
    assert world.refundable(order) == (0, 10000)


def test_the_same_again_is_the_same(world, party):
    order = world.paid(party, 10000)
    number = world.number("U")
    first = ok(world.unfreezing(order, number))
    assert ok(world.unfreezing(order, number)) == first
    world.forward(WORK_DONE)
    again = ok(world.unfreezing(order, number))
    assert (again["order_id"], again["state"]) == (first["order_id"], "FINISHED")


def test_the_same_number_with_other_content(world, party):
    order, other = world.paid(party, 10000), world.paid(party, 10000)
    number = world.number("U")
    ok(world.unfreezing(order, number))
    answer = world.unfreezing(order, number, description="another")
    refused(answer, 400, "PARAM_ERROR", "differ from those of the first request")
    assert answer.number == 268498688
    refused(world.unfreezing(other, number), 400, "INVALID_REQUEST", "inconsistent")
    assert world.unsplit(other) == 9940


def test_a_distribution_s_number_is_taken(world, party):
    order = world.paid(party, 10000)
    number = world.distribute(order, 100)
    refused(world.unfreezing(order, number), 400, "PARAM_ERROR")
    assert world.unsplit(order) == 9840


def test_until_the_funds_are_frozen(world, party):
    order = world.paid(party, 1000, frozen=False)
    world.forward(seconds=179)
    refused(world.unfreezing(order, world.number("U")), 500, "SYSTEM_ERROR", "freeze process")
    world.forward(seconds=120)
    ok(world.unfreezing(order, world.number("U")))


def test_an_order_that_cannot_be_distributed(world, party):
    unmarked = world.paid(party, 1000, marked=False)
    unknown = Order(party, 1, "4200000000000000000000000000", "none", None)
    for order in (unmarked, unknown):
        refused(world.unfreezing(order, world.number("U")), 400, "INVALID_REQUEST", "does not support ledger splitting")


def test_an_order_of_another_child(world, institution):
    order = world.paid(institution, 1000)
    refused(world.unfreezing(order, world.number("U"), party=world.other_child()), 400, "INVALID_REQUEST")
    assert world.unsplit(order) == 994


def test_without_a_contract(world, mode):
    order = Order(world.new_party(mode, contract_date=None), 1, "4200000000000000000000000000", "none", None)
    refused(world.unfreezing(order, world.number("U")), 403, "NO_AUTH", "has not signed up")


def test_no_child_of_the_caller(world, institution):
    stranger = world.new_institution()
    answer = world.unfreezing(world.paid(institution, 1000), world.number("U"), sub_mchid=stranger.sub_mchid)
    refused(answer, 403, "NO_AUTH", "parent-child")


def test_an_institution_has_to_name_its_child(world, institution):
    answer = world.unfreezing(world.paid(institution, 1000), world.number("U"), sub_mchid=None)
    refused_parameter(answer, "/sub_mchid", "body")
    assert answer.number == 268443704


@pytest.mark.parametrize(
    "changed,name",
    [
        ({"transaction_id": None}, "transaction_id"),
        ({"transaction_id": "4" * 33}, "transaction_id"),
        ({"out_order_no": None}, "out_order_no"),
        ({"out_order_no": "U" * 65}, "out_order_no"),
        ({"out_order_no": "a*b"}, "out_order_no"),
        ({"description": None}, "description"),
        ({"description": ""}, "description"),
        ({"description": "d" * 81}, "description"),
        ({"nonsense": 1}, "nonsense"),
    ],
    ids=str,
)
def test_members_that_are_wrong(world, party, changed, name):
    order = world.paid(party, 1000)
    body = {
        **party.in_distribution(),
        "transaction_id": order.transaction_id,
        "out_order_no": world.number("U"),
        "description": "the rest",
    }
    answer = world.client.post(party.caller, f"{SHARING}/orders/unfreeze", world.merged(body, changed))
    refused_parameter(answer, f"/{name}", "body")
    assert world.unsplit(order) == 994
