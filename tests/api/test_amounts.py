"""Remaining Funds Amount to be Distributed Query: GET /v3/global/profit-sharing/transactions/{transaction_id}/amounts"""

from datetime import timedelta

import pytest

import times
from answers import ok, refused, refused_parameter
from world import FREEZING_AT_LEAST, FREEZING_DONE, SHARING, Order

NOT_DISTRIBUTABLE = "does not support ledger splitting"


def test_the_sample_of_the_document(demo):
    path = f"{SHARING}/transactions/4208450740201411110007820472/amounts"
    answer = demo.client.get(demo.institution.caller, path, {"sub_mchid": "1900000109"})
    assert ok(answer) == {"currency": "CNY", "transaction_id": "4208450740201411110007820472", "unsplit_amount": 1000}


def test_common_mode_has_no_sub_mchid(demo):
    answer = ok(demo.client.get(demo.direct.caller, f"{SHARING}/transactions/{demo['DIRECT_TRANSACTION_ID']}/amounts"))
    assert answer["transaction_id"] == demo["DIRECT_TRANSACTION_ID"]
    assert answer["currency"] == "CNY"
    assert answer["unsplit_amount"] > 0


def test_the_members_of_the_answer(world, party):
    order = world.paid(party, 10000)
    assert ok(world.amounts(order)) == {"transaction_id": order.transaction_id, "unsplit_amount": 9940, "currency": "CNY"}


# ---- the amount ----


@pytest.mark.parametrize(
    "amount,unsplit",
    [
        (10000, 9940),  # fee 60
        (1000, 994),  # 6
        (250, 248),  # 1.5, rounded half up: 2
        (249, 248),  # 1.494: 1
        (83, 83),  # 0.498: 0
        (84, 83),  # 0.504: 1
        (1, 1),
        (10**11, 99_400_000_000),
    ],
)
def test_it_is_net_of_the_fee(world, party, amount, unsplit):
    assert world.unsplit(world.paid(party, amount)) == unsplit


@pytest.mark.parametrize("fee_rate,unsplit", [(0, 10000), (1, 9999), (100, 9900), (1000, 9000)])
def test_the_fee_follows_the_merchant_s_rate(world, mode, fee_rate, unsplit):
    assert world.unsplit(world.paid(world.new_party(mode, fee_rate=fee_rate), 10000)) == unsplit


def test_a_discount_is_not_distributable(world, party):
    """10 000 with a DISCOUNT of 1 000: 9 000 are settled, fee 54."""
    coupon = {"type": "DISCOUNT", "scope": "GLOBAL", "amount": 1000, "promotion_id": "109519"}
    assert world.unsplit(world.paid(party, 10000, coupon=coupon)) == 8946


def test_a_prepaid_coupon_is_distributable(world, party):
    coupon = {"type": "COUPON", "scope": "SINGLE", "amount": 1000, "promotion_id": "109519"}
    assert world.unsplit(world.paid(party, 10000, coupon=coupon)) == 9940


def test_what_is_promised_is_gone_at_once(world, party):
    order = world.paid(party, 10000)
    account = world.receiver(party)
    ok(world.distribution(order, [world.slice(account, 2000)], world.number("D")))
    assert world.unsplit(order) == 7940
    world.forward(minutes=5)
    assert world.unsplit(order) == 7940


def test_each_slice_lowers_it(world, party):
    order = world.paid(party, 10000)
    world.distribute(order, 1000)
    world.distribute(order, 500)
    world.send_outbound(order, 440)
    assert world.unsplit(order) == 8000


def test_a_refund_lowers_it_by_its_net(world, party):
    """5 000 gross come with 30 of the fee."""
    order = world.paid(party, 10000)
    world.refunded(order, 5000)
    assert world.unsplit(order) == 4970


def test_a_full_refund_leaves_nothing(world, party):
    order = world.paid(party, 10000)
    world.refunded(order, 10000)
    assert world.unsplit(order) == 0


def test_nothing_is_left_after_unfreezing(world, party):
    order = world.paid(party, 10000)
    world.unfreeze(order)
    assert world.unsplit(order) == 0


def test_a_closed_refund_is_paid_back(world, party):
    order = world.paid(party, 10000)
    refund = world.refunded(order, 3333)
    assert world.unsplit(order) == 9940 - 3333 + 20  # 3 333 of 10 000 give back 19.998 of the fee: 20
    world.control.set_outcome(refund["id"], "REFUNDCLOSE")
    assert world.unsplit(order) == 9940


# ---- freezing: 180 to 299 seconds after payment ----


def test_until_the_funds_are_frozen(world, party):
    order = world.paid(party, 1000, frozen=False)
    text = "freeze process of the transaction funds"
    refused(world.amounts(order), 500, "SYSTEM_ERROR", text)
    world.forward(FREEZING_AT_LEAST)
    refused(world.amounts(order), 500, "SYSTEM_ERROR", text)
    world.forward(FREEZING_DONE - FREEZING_AT_LEAST)
    assert world.unsplit(order) == 994


def test_freezing_does_not_take_the_same_time_for_all(world, party):
    """Drawn between 180 and 299 s: of forty orders, some are done halfway and some are not."""
    orders = [world.paid(party, 1000, frozen=False) for _ in range(40)]
    world.forward(seconds=240)
    statuses = {world.amounts(order).status for order in orders}
    assert statuses == {200, 500}


# ---- 180 days ----


def test_what_is_left_is_released_after_180_days(world, party):
    order = world.paid(party, 10000)
    end = order.paid_at + timedelta(days=180)
    world.to(end - timedelta(seconds=1))
    assert world.unsplit(order) == 9940
    world.to(end + timedelta(seconds=1))
    assert world.unsplit(order) == 0


# ---- 400 INVALID_REQUEST ----


def test_an_order_that_was_not_marked(world, party):
    order = world.paid(party, 1000, marked=False)
    refused(world.amounts(order), 400, "INVALID_REQUEST", NOT_DISTRIBUTABLE)
    world.forward(FREEZING_DONE)
    refused(world.amounts(order), 400, "INVALID_REQUEST", NOT_DISTRIBUTABLE)


def test_an_order_that_does_not_exist(world, party):
    order = Order(party, 1, "4200000000000000000000000000", "none", None)
    refused(world.amounts(order), 400, "INVALID_REQUEST", NOT_DISTRIBUTABLE)


def test_another_merchant_s_order(world, institution, direct):
    theirs = world.paid(direct, 1000)
    refused(world.amounts(theirs, party=institution), 400, "INVALID_REQUEST", NOT_DISTRIBUTABLE)
    ours = world.paid(institution, 1000)
    refused(world.amounts(ours, party=direct), 400, "INVALID_REQUEST", NOT_DISTRIBUTABLE)


def test_an_order_of_another_child(world, institution):
    order = world.paid(institution, 1000)
    answer = world.amounts(order, party=world.other_child())
    refused(answer, 400, "INVALID_REQUEST", "inconsistent with that in the original command")
    assert answer.number == 268447845


# ---- 403 NO_AUTH ----


def test_without_a_contract(world, mode):
    party = world.new_party(mode, contract_date=None)
    order = Order(party, 1, "4200000000000000000000000000", "none", None)
    refused(world.amounts(order), 403, "NO_AUTH", "has not signed the overseas funds-distribution product")


def test_the_contract_takes_effect_on_the_next_day(world, mode):
    today = world.today()
    party = world.new_party(mode, contract_date=str(today))
    order = Order(party, 1, "4200000000000000000000000000", "none", None)
    world.to(times.midnight(today + timedelta(days=1)) - timedelta(seconds=1))
    refused(world.amounts(order), 403, "NO_AUTH", "is waiting for it to take effect (Usually takes effect the next day)")
    world.to(times.midnight(today + timedelta(days=1)))
    refused(world.amounts(order), 400, "INVALID_REQUEST", NOT_DISTRIBUTABLE)


def test_a_child_with_a_contract_date_of_its_own(world, institution):
    late = world.new_child(institution, contract_date=str(world.today()))
    order = Order(late, 1, "4200000000000000000000000000", "none", None)
    refused(world.amounts(order), 403, "NO_AUTH", "is waiting for it to take effect (Usually takes effect the next day)")
    ok(world.balance(institution))


def test_a_receiver_that_is_not_compliant(world, party):
    order = world.paid(party, 10000)
    account = world.new_mchid()
    ok(world.add_receiver(party, account))
    world.forward(minutes=1)
    world.distribute(order, 100, account=account)
    untouched = world.paid(party, 10000)
    world.control.change_receiver(account, **party.in_control(), penalised=True)
    refused(world.amounts(order), 403, "NO_AUTH", "receiver is legally compliant")
    assert world.unsplit(untouched) == 9940
    world.control.change_receiver(account, **party.in_control(), penalised=False)
    assert world.unsplit(order) == 9840


def test_a_sub_merchant_that_is_penalised(world, institution):
    party = world.new_child(institution)
    order = world.paid(party, 10000)
    world.control.change_merchant(party.sub_mchid, penalised=True)
    refused(world.amounts(order), 403, "NO_AUTH", "legally compliant")
    world.control.change_merchant(party.sub_mchid, penalised=False)
    assert world.unsplit(order) == 9940


def test_no_child_of_the_caller(world, institution):
    stranger = world.new_institution()
    order = world.paid(institution, 1000)
    answer = world.amounts(order, sub_mchid=stranger.sub_mchid)
    refused(answer, 403, "NO_AUTH", "The parent-child relationship of the merchant does not exist. Please use correct sub-merchant ID")
    assert answer.number == 268443701


def test_a_direct_merchant_has_no_children(world, direct, institution):
    order = world.paid(direct, 1000)
    refused(world.amounts(order, sub_mchid=institution.sub_mchid), 403, "NO_AUTH", "parent-child")


def test_a_sub_merchant_that_does_not_exist(world, institution):
    order = world.paid(institution, 1000)
    answer = world.amounts(order, sub_mchid="1000000001")
    refused(answer, 403, "NO_AUTH", "The parent-child relationship of the merchant does not exist. Please use correct sub-merchant ID")


# ---- 400 PARAM_ERROR ----


def test_an_institution_has_to_name_its_child(world, institution):
    answer = world.amounts(world.paid(institution, 1000), sub_mchid=None)
    # None leaves the usual member out
    refused_parameter(answer, "sub_mchid", "query")
    assert answer.number == 268443704


def test_the_length_of_transaction_id(world, party):
    long = Order(party, 1, "4" * 33, "none", None)
    refused_parameter(world.amounts(long), "transaction_id", "url", "4" * 33)
    longest = Order(party, 1, "4" * 32, "none", None)
    refused(world.amounts(longest), 400, "INVALID_REQUEST", NOT_DISTRIBUTABLE)


@pytest.mark.parametrize("sub_mchid", ["", "1" * 33])
def test_the_length_of_sub_mchid(world, institution, sub_mchid):
    order = world.paid(institution, 1000)
    refused_parameter(world.amounts(order, sub_mchid=sub_mchid), "sub_mchid", "query", sub_mchid)


def test_a_doubled_parameter(world, institution):
    order = world.paid(institution, 1000)
    query = [("sub_mchid", institution.sub_mchid), ("sub_mchid", institution.sub_mchid)]
    path = f"{SHARING}/transactions/{order.transaction_id}/amounts"
    refused_parameter(world.client.get(institution.caller, path, query), "sub_mchid", "query")


def test_an_undefined_parameter_is_named(world, party):
    refused_parameter(world.amounts(world.paid(party, 1000), sub_mch_id="1"), "sub_mch_id", "query", "1")


def test_parameters_come_before_relation_contract_and_state(world, institution):
    party = world.new_institution(contract_date=None)
    long = Order(party, 1, "4" * 33, "none", None)
    refused(world.amounts(long, sub_mchid=institution.sub_mchid), 400, "PARAM_ERROR")
    short = Order(party, 1, "4" * 32, "none", None)
    refused(world.amounts(short, sub_mchid=institution.sub_mchid), 403, "NO_AUTH", "parent-child")
    refused(world.amounts(short), 403, "NO_AUTH", "has not signed the overseas")
