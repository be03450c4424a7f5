"""Query the Real-time Balance Available for Advance Refund: GET /v3/global/profit-sharing/refunds/refundable-balance"""

from datetime import timedelta

import pytest

import times
from answers import ok, refused, refused_parameter
from world import FUNDS, ORDER, SHARING, WORK_DONE


def test_the_sample_of_the_document(demo):
    assert ok(demo.balance(demo.institution)) == {"sponsor_mchid": "1900000100", "balance": 1000, "currency": "CNY"}


def test_the_sponsor_of_a_direct_merchant_is_itself(demo):
    answer = ok(demo.balance(demo.direct))
    assert answer["sponsor_mchid"] == demo["DIRECT_MCHID"]
    assert answer["currency"] == "CNY"
    assert type(answer["balance"]) is int


def test_a_new_merchant_has_nothing(world, mode):
    party = world.new_party(mode)
    assert ok(world.balance(party)) == {"sponsor_mchid": party.sponsor, "balance": 0, "currency": "CNY"}


# ---- what raises it: money released outbound today ----


def test_unfreezing_adds_what_was_left(world, party):
    order = world.paid(party, 10000)  # fee 60
    before = world.advance_balance(party)
    world.unfreeze(order)
    assert world.advance_balance(party) == before + 9940


def test_a_slice_to_the_sponsor_adds_that_slice(world, party):
    order = world.paid(party, 10000)
    before = world.advance_balance(party)
    world.send_outbound(order, 3000)
    assert world.advance_balance(party) == before + 3000


def test_a_slice_to_another_merchant_adds_nothing(world, party):
    order = world.paid(party, 10000)
    account = world.receiver(party)
    before = world.advance_balance(party)
    world.distribute(order, 2000, account=account)
    assert world.advance_balance(party) == before


def test_unfreeze_unsplit_adds_the_rest_alone(world, party):
    order = world.paid(party, 10000)
    account = world.receiver(party)
    before = world.advance_balance(party)
    world.distribute(order, 2000, account=account, unfreeze=True)
    assert world.advance_balance(party) == before + 7940


def test_sales_without_distribution_add_nothing(world, party):
    before = world.advance_balance(party)
    world.paid(party, 10000, marked=False)
    assert world.advance_balance(party) == before


def test_all_children_share_the_institution_s_balance(world, institution):
    before = world.advance_balance(institution)
    world.raise_advance_balance(world.other_child(), 700)
    assert world.advance_balance(institution) == before + 700


def test_another_institution_s_balance_is_its_own(world, institution):
    other = world.new_institution()
    world.raise_advance_balance(institution, 500)
    assert world.advance_balance(other) == 0


# ---- what lowers it: advance refunds, and the end of the day ----


def test_an_advance_refund_draws_its_net(world, party):
    """Fee of 10 000 at 0.60 % is 60. All 9 940 went outbound; 5 000 gross come with 30 of the fee: 4 970 net."""
    order = world.paid(party, 10000)
    world.unfreeze(order)
    before = world.advance_balance(party)
    world.refunded(order, 5000, sources=[(FUNDS, 5000)])
    assert world.advance_balance(party) == before - 4970


def test_a_refund_from_the_order_leaves_it_alone(world, party):
    order = world.paid(party, 10000)
    world.raise_advance_balance(party, 100)
    before = world.advance_balance(party)
    world.refunded(order, 5000, sources=[(ORDER, 5000)])
    assert world.advance_balance(party) == before


def test_a_refund_of_an_unmarked_order_leaves_it_alone(world, party):
    order = world.paid(party, 10000, marked=False)
    before = world.advance_balance(party)
    world.refunded(order, 5000)
    assert world.advance_balance(party) == before


def test_a_closed_advance_refund_is_paid_back(world, party):
    order = world.paid(party, 10000)
    world.unfreeze(order)
    before = world.advance_balance(party)
    refund = world.refunded(order, 5000, sources=[(FUNDS, 5000)])
    world.control.set_outcome(refund["id"], "REFUNDCLOSE")
    assert world.advance_balance(party) == before


def test_a_refund_closed_on_another_day_is_paid_to_that_day(world, party):
    """Yesterday's money is converted and cannot take any back."""
    order = world.paid(party, 10000, payer="debit")
    world.unfreeze(order)
    refund = world.refunded(order, 5000, sources=[(FUNDS, 5000)])
    world.to_next_morning()
    assert world.advance_balance(party) == 0
    world.control.set_outcome(refund["id"], "REFUNDCLOSE")
    assert world.advance_balance(party) == 4970


def test_what_comes_back_to_a_released_order_goes_outbound(world, party):
    """1 000 gross with 6 of the fee were refunded from the order; after the release their 994 are paid back."""
    order = world.paid(party, 10000, payer="debit")
    refund = world.refunded(order, 1000, sources=[(ORDER, 1000)])
    world.unfreeze(order)
    before = world.advance_balance(party)
    world.control.set_outcome(refund["id"], "REFUNDCLOSE")
    world.forward(WORK_DONE)
    assert world.unsplit(order) == 0
    assert world.advance_balance(party) == before + 994
    assert world.refundable(order) == (0, 10000)


def test_an_advance_refund_that_the_balance_cannot_bear(world, mode):
    """50 fen are there; 51 gross of an order with a fee of 0 need 51."""
    party = world.new_party(mode, fee_rate=0)
    spent = world.paid(party, 1000)
    world.distribute(spent, 200)  # 30 % may go to others
    world.raise_advance_balance(party, 50)
    refused(world.refund(spent, 51, world.number("R"), sources=[(FUNDS, 51)]), 403, "NOT_ENOUGH")
    assert world.advance_balance(party) == 50
    world.refunded(spent, 50, sources=[(FUNDS, 50)])
    assert world.advance_balance(party) == 0


def test_it_belongs_to_one_beijing_day(world, party):
    world.raise_advance_balance(party, 800)
    balance = world.advance_balance(party)
    assert balance >= 800
    tomorrow = times.midnight(world.today() + timedelta(days=1))
    world.to(tomorrow - timedelta(seconds=1))
    assert world.advance_balance(party) == balance
    world.to(tomorrow)
    assert world.advance_balance(party) == 0


def test_yesterday_s_balance_refunds_nothing_today(world, party):
    order = world.paid(party, 10000)
    world.unfreeze(order)
    world.to_next_morning()
    refused(world.refund(order, 1, world.number("R"), sources=[(FUNDS, 1)]), 403, "NOT_ENOUGH")


def test_release_after_midnight_counts_for_the_new_day(world, party):
    order = world.paid(party, 10000)
    world.to(times.midnight(world.today() + timedelta(days=1)))
    world.unfreeze(order)
    assert world.advance_balance(party) == 9940


def test_it_is_real_time(world, party):
    """A released amount is there as soon as its distribution is finished, not before."""
    order = world.paid(party, 1000, settlement_rate=650000000)
    before = world.advance_balance(party)
    number = world.number("U")
    ok(world.unfreezing(order, number))
    world.forward(WORK_DONE)
    assert ok(world.query_distribution(order, number))["state"] == "FINISHED"
    assert world.advance_balance(party) == before + 994


# ---- parameters ----


def test_it_takes_no_parameter_but_sub_mchid(world, party):
    for name in ("mchid", "sponsor_mchid", "whatever"):
        refused_parameter(world.balance(party, **{name: "1"}), name, "query", "1")


def test_a_child_of_the_caller_may_be_named(world, institution):
    assert ok(world.balance(institution, sub_mchid=institution.sub_mchid)) == ok(world.balance(institution))


def test_no_child_of_the_caller(world, institution):
    stranger = world.new_institution()
    answer = world.balance(institution, sub_mchid=stranger.sub_mchid)
    refused(answer, 403, "NO_AUTH", "parent-child relationship does not exist")
    assert answer.number == 268443701


def test_a_direct_merchant_has_no_children(world, direct, institution):
    answer = world.balance(direct, sub_mchid=institution.sub_mchid)
    refused(answer, 403, "NO_AUTH", "parent-child relationship does not exist")


def test_a_merchant_that_does_not_exist(world, institution):
    answer = world.balance(institution, sub_mchid="1000000001")
    refused(answer, 403, "NO_AUTH", "parent-child relationship does not exist. Initiate the request with the correct Sub-Merchant ID.")


@pytest.mark.parametrize("sub_mchid", ["", "1" * 33])
def test_the_length_of_sub_mchid(world, institution, sub_mchid):
    refused_parameter(world.balance(institution, sub_mchid=sub_mchid), "sub_mchid", "query", sub_mchid)


def test_a_doubled_parameter(world, institution):
    child = institution.sub_mchid
    answer = world.client.get(
        institution.caller, f"{SHARING}/refunds/refundable-balance", [("sub_mchid", child), ("sub_mchid", child)]
    )
    refused_parameter(answer, "sub_mchid", "query")


# ---- the contract ----


def test_without_a_contract(world, mode):
    party = world.new_party(mode, contract_date=None)
    refused(world.balance(party), 403, "NO_AUTH", "has not signed up for the overseas funds-distribution function")


def test_the_contract_takes_effect_on_the_next_day(world, mode):
    today = world.today()
    party = world.new_party(mode, contract_date=str(today))
    waiting = "is waiting for it to take effect"
    refused(world.balance(party), 403, "NO_AUTH", waiting)
    tomorrow = times.midnight(today + timedelta(days=1))
    world.to(tomorrow - timedelta(seconds=1))
    refused(world.balance(party), 403, "NO_AUTH", waiting)
    world.to(tomorrow)
    assert ok(world.balance(party))["balance"] == 0


def test_a_contract_signed_later(world, mode):
    party = world.new_party(mode, contract_date=None)
    refused(world.balance(party), 403, "NO_AUTH", "has not signed up")
    world.control.change_merchant(party.sponsor, contract_date=str(world.today()))
    refused(world.balance(party), 403, "NO_AUTH", "waiting")
    world.to_next_morning()
    ok(world.balance(party))


# ---- the order of checks: parameters, relation, contract ----


def test_parameters_come_before_the_contract(world):
    party = world.new_institution(contract_date=None)
    refused(world.balance(party, sub_mchid="1" * 33), 400, "PARAM_ERROR")


def test_the_relation_comes_before_the_contract(world, institution):
    party = world.new_institution(contract_date=None)
    refused(world.balance(party, sub_mchid=institution.sub_mchid), 403, "NO_AUTH", "parent-child")
