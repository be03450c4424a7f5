"""The recharged refund balance: GET /v3/global/refund/recharge-balance (direct merchants),
GET /v3/global/refund/partner/recharge-balance/sub-mchid/{sub_mchid} (institutions), and refunds with source REFUND_SOURCE_RECHARGE_FUNDS"""

import pytest

import bills
from answers import ok, refused, refused_parameter
from control import ControlError
from world import BALANCE_ARRIVAL

RECHARGE = "REFUND_SOURCE_RECHARGE_FUNDS"
SHORT = {"/v3/global": "NOT_ENOUGH", "/hk/v3": "NOTENOUGH"}


@pytest.fixture
def fresh(world, mode):
    """A new party, settled in USD at 6.5 and charged 0.6 %: nobody else uses its balance."""
    return world.new_party(mode)


def remaining(world, party):
    answer = ok(world.recharged(party))
    assert list(answer) == ["remaining_amount", "currency"]
    assert answer["currency"] == "USD"
    return answer["remaining_amount"]


def test_what_was_paid_in(world, fresh):
    assert remaining(world, fresh) == 0
    made = world.control.recharge(fresh.sponsor, 1500, currency="USD")
    assert made == {"mchid": fresh.sponsor, "remaining_amount": 1500, "currency": "USD"}
    assert world.control.recharge(fresh.sponsor, 500)["remaining_amount"] == 2000
    assert remaining(world, fresh) == 2000
    world.control.audit()


@pytest.mark.parametrize("marked", [True, False])
def test_a_refund_draws_its_net_in_the_settlement_currency(world, fresh, prefix, marked):
    """65.00 CNY give back a fee of 0.39: 64.61 are 9.94 USD. The order's own funds, or the day's sales, stay."""
    world.control.recharge(fresh.sponsor, 2000)
    order = world.paid(fresh, 10000, marked=marked)
    refund = world.refunded(order, 6500, source=RECHARGE, prefix=prefix)
    assert remaining(world, fresh) == 1006
    if marked:
        assert world.unsplit(order) == 9940
        assert world.refundable(order) == (3500, 0)
    shown = ok(world.refund_by_id(fresh, refund["id"], prefix))
    assert (shown["fund_source"], shown["status"]) == (RECHARGE, "PROCESSING")
    assert shown["amount"]["payer_refund"] == 6500
    world.forward(BALANCE_ARRIVAL)
    assert ok(world.refund_by_id(fresh, refund["id"], prefix))["status"] == "SUCCESS"
    world.refunded(order, 3500)  # the rest from the usual source
    world.control.audit()


def test_not_more_than_it_holds(world, fresh, prefix):
    """100.00 CNY less 0.60 are 15.2923 USD."""
    order = world.paid(fresh, 10000)
    number = world.number("R")
    refused(world.refund(order, 10000, number, source=RECHARGE, prefix=prefix), 403, SHORT[prefix], "does not hold enough")
    world.control.recharge(fresh.sponsor, 1528)
    refused(world.refund(order, 10000, number, source=RECHARGE, prefix=prefix), 403, SHORT[prefix])
    assert remaining(world, fresh) == 1528
    world.control.recharge(fresh.sponsor, 1)
    ok(world.refund(order, 10000, number, source=RECHARGE, prefix=prefix))
    assert remaining(world, fresh) == 0
    world.control.audit()


def test_when_own_funds_and_sales_are_gone(world, fresh):
    """GSKILL: with NOT_ENOUGH, recharge and refund from there."""
    order = world.paid(fresh, 10000)
    world.unfreeze(order)
    world.to_next_morning()
    refused(world.refund(order, 6500, world.number("R")), 403, "NOT_ENOUGH")
    world.control.recharge(fresh.sponsor, 994)
    world.refunded(order, 6500, source=RECHARGE)
    assert remaining(world, fresh) == 0


def test_a_closed_refund_is_paid_back(world, fresh):
    world.control.recharge(fresh.sponsor, 2000)
    order = world.paid(fresh, 10000)
    refund = world.refunded(order, 6500, source=RECHARGE)
    world.to_next_morning()  # no day ends for it
    assert remaining(world, fresh) == 1006
    card = world.refunded(world.paid(fresh, 10000, payer="credit"), 6500, source=RECHARGE)
    assert remaining(world, fresh) == 12
    world.control.set_outcome(card["id"], "REFUNDCLOSE")
    assert remaining(world, fresh) == 1006
    assert ok(world.refund_by_id(fresh, refund["id"]))["status"] == "SUCCESS"
    world.control.audit()


def test_a_refund_is_repeated_once(world, fresh):
    world.control.recharge(fresh.sponsor, 2000)
    order = world.paid(fresh, 10000)
    number = world.number("R")
    first = ok(world.refund(order, 6500, number, source=RECHARGE))
    assert ok(world.refund(order, 6500, number, source=RECHARGE.lower())) == first
    refused(world.refund(order, 6500, number), 400, "OUT_REFUND_NO_USED")
    assert remaining(world, fresh) == 1006


def test_it_is_not_on_the_refund_bill(world, fresh):
    """The bill's sources are the order's own funds and the advance balance."""
    world.control.recharge(fresh.sponsor, 2000)
    order = world.paid(fresh, 10000)
    world.refunded(order, 100, source=RECHARGE)
    world.refunded(order, 200)
    world.forward(BALANCE_ARRIVAL)
    day = world.today()
    world.to_next_morning()
    bill = bills.parse(bills.download(world.client, fresh.caller, world.refund_bill(fresh, day)))
    assert [line["Refund amount(refund_fee)"] for line in bill.lines] == ["2.00"]


def test_all_children_share_the_institution_s_balance(world):
    party = world.new_institution()
    sibling = world.new_child(party)
    world.control.recharge(party.sponsor, 2000)
    assert remaining(world, sibling) == 2000
    world.refunded(world.paid(sibling, 10000), 6500, source=RECHARGE)
    assert remaining(world, party) == 1006


def test_each_mode_has_its_path(world, institution, direct):
    answer = world.recharged(institution, sub_mchid=None)
    refused_parameter(answer, "sub_mchid", "url")
    assert answer.number == 268443704
    refused(world.recharged(direct, sub_mchid=institution.sub_mchid), 403, "NO_AUTH", "parent-child")
    stranger = world.new_institution()
    refused(world.recharged(institution, sub_mchid=stranger.sub_mchid), 403, "NO_AUTH", "parent-child")
    refused(world.recharged(institution, sub_mchid="1" * 32), 404, "MCH_NOT_EXISTS")
    refused_parameter(world.recharged(institution, sub_mchid="1" * 33), "sub_mchid", "url", "1" * 33)


def test_no_contract_is_needed(world, mode):
    assert remaining(world, world.new_party(mode, contract_date=None)) == 0


@pytest.mark.parametrize(
    "members",
    [{}, {"amount": 0}, {"amount": -1}, {"amount": "1"}, {"amount": 1, "currency": "EUR"}, {"amount": 1, "nonsense": 1}],
    ids=str,
)
def test_recharges_that_cannot_be(world, direct, members):
    with pytest.raises(ControlError) as problem:
        world.control.post(f"/merchants/{direct.sponsor}/recharge", members)
    assert problem.value.status == 400


def test_who_can_recharge(world, institution):
    for mchid, status, word in (("1000000001", 404, "GET /merchants"), (institution.sub_mchid, 400, institution.sponsor)):
        with pytest.raises(ControlError) as problem:
            world.control.recharge(mchid, 100)
        assert problem.value.status == status and word in problem.value.text
