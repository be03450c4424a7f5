"""Request a distribution and query its result: POST …/profit-sharing/orders, GET …/profit-sharing/orders/{out_order_no}"""

import re
from datetime import timedelta

import pytest

import times
from answers import ok, refused, refused_parameter
from world import AUDIT_DONE, SHARING, USD_RATE, WORK_DONE, Order

FAIL_REASONS = {
    "ACCOUNT_ABNORMAL",
    "NO_RELATION",
    "RECEIVER_HIGH_RISK",
    "RECEIVER_REAL_NAME_NOT_VERIFIED",
    "NO_AUTH",
    "RECEIVER_RECEIPT_LIMIT",
    "PAYER_ACCOUNT_ABNORMAL",
    "INVALID_REQUEST",
}


@pytest.fixture
def order(world, party):
    """10 000 fen, fee 60: 9 940 to distribute, at most 3 000 of it to others."""
    return world.paid(party, 10000)


@pytest.fixture
def receiver(world, party):
    return world.receiver(party)


def request(world, order, amount, account, number=None, **options):
    return world.distribution(order, [world.slice(account, amount)], number or world.number("D"), **options)


# ---- the answer and what becomes of it ----


def test_it_is_accepted_then_finished(world, party, order, receiver):
    number = world.number("D")
    created = world.now()
    answer = ok(request(world, order, 2500, receiver, number))
    assert answer["transaction_id"] == order.transaction_id
    assert answer["out_order_no"] == number
    assert answer.get("sub_mchid") == party.sub_mchid
    assert re.fullmatch(r"[0-9]{1,64}", answer["order_id"])
    assert answer["state"] == "PROCESSING"
    (entry,) = answer["receivers"]
    expected = {"currency": "CNY", "amount": 2500, "description": "its share", "type": "MERCHANT_ID", "account": receiver}
    assert {name: entry[name] for name in expected} == expected
    assert entry["result"] == "PENDING" and "finish_time" not in entry
    assert times.RFC_3339_FRACTION.fullmatch(entry["create_time"])
    assert times.read(entry["create_time"]) == created

    world.forward(WORK_DONE)
    done = ok(world.query_distribution(order, number))
    assert done["state"] == "FINISHED"
    assert (done["order_id"], done["out_order_no"]) == (answer["order_id"], number)
    (entry,) = done["receivers"]
    assert {name: entry[name] for name in expected} == expected
    assert entry["result"] == "SUCCESS"
    assert timedelta(seconds=1) <= times.read(entry["finish_time"]) - created <= timedelta(seconds=60)


def test_all_are_finished_after_a_minute_at_the_latest(world, order, receiver):
    numbers = [world.number("D") for _ in range(20)]
    for number in numbers:
        ok(request(world, order, 10, receiver, number))
    world.forward(seconds=60)
    assert {ok(world.query_distribution(order, number))["state"] for number in numbers} == {"FINISHED"}


def test_several_receivers(world, party, order):
    accounts = [world.receiver(party)] + [world.new_mchid() for _ in range(2)]
    for account in accounts[1:]:
        ok(world.add_receiver(party, account))
    world.forward(minutes=1)
    number = world.number("D")
    slices = [world.slice(account, amount) for account, amount in zip(accounts, (100, 200, 300))]
    ok(world.distribution(order, slices, number))
    world.forward(WORK_DONE)
    done = ok(world.query_distribution(order, number))["receivers"]
    assert sorted((one["account"], one["amount"], one["result"]) for one in done) == sorted(
        (account, amount, "SUCCESS") for account, amount in zip(accounts, (100, 200, 300))
    )
    assert world.unsplit(order) == 9340


def test_the_sponsor_may_be_a_receiver(world, party, order):
    """A fixed part goes outbound, in the sponsor's currency: 65.00 CNY at 6.5 are 10.00 USD. No relation, no ratio."""
    number = world.number("D")
    ok(request(world, order, 6500, party.sponsor, number))
    world.forward(WORK_DONE)
    (entry,) = ok(world.query_distribution(order, number))["receivers"]
    assert (entry["account"], entry["amount"], entry["result"]) == (party.sponsor, 6500, "SUCCESS")
    assert (entry["settlement_currency"], entry["settlement_amount"], entry["rate"]) == ("USD", 1000, USD_RATE)
    assert world.unsplit(order) == 3440


def test_the_rest_is_released_with_the_last_request(world, party, order, receiver):
    number = world.number("D")
    ok(request(world, order, 2500, receiver, number, unfreeze=True))
    assert world.unsplit(order) == 0
    world.forward(WORK_DONE)
    entries = ok(world.query_distribution(order, number))["receivers"]
    assert sorted((one["account"], one["amount"]) for one in entries) == sorted([(receiver, 2500), (party.sponsor, 7440)])
    assert {one["result"] for one in entries} == {"SUCCESS"}


@pytest.mark.parametrize("receivers", [None, []])
def test_only_releasing(world, party, order, receivers):
    number = world.number("D")
    ok(world.distribution(order, receivers, number, unfreeze=True))
    world.forward(WORK_DONE)
    (entry,) = ok(world.query_distribution(order, number))["receivers"]
    assert (entry["account"], entry["amount"]) == (party.sponsor, 9940)


def test_a_slice_that_fails_goes_back_to_the_order(world, party, order):
    account = world.new_mchid()
    ok(world.add_receiver(party, account))
    world.forward(minutes=1)
    number = world.number("D")
    ok(request(world, order, 2500, account, number))
    assert world.unsplit(order) == 7440
    world.control.change_receiver(account, **party.in_control(), penalised=True)
    world.forward(WORK_DONE)
    world.control.change_receiver(account, **party.in_control(), penalised=False)
    done = ok(world.query_distribution(order, number))
    (entry,) = done["receivers"]
    assert (done["state"], entry["result"]) == ("FINISHED", "CLOSED")
    assert entry["fail_reason"] in FAIL_REASONS
    assert world.unsplit(order) == 9940


@pytest.mark.parametrize("reason", sorted(FAIL_REASONS))
def test_every_reason_that_a_slice_can_fail_for(world, party, order, reason):
    account = world.receiver(party)
    number, after = world.number("D"), world.number("D")
    world.control.change_receiver(account, **party.in_control(), fails_with=reason)
    assert ok(request(world, order, 100, account, number))["receivers"][0]["result"] == "PENDING"
    world.forward(WORK_DONE)
    (entry,) = ok(world.query_distribution(order, number))["receivers"]
    assert (entry["result"], entry["fail_reason"]) == ("CLOSED", reason)
    assert world.unsplit(order) == 9940
    world.control.change_receiver(account, **party.in_control(), fails_with=None)
    ok(request(world, order, 100, account, after))
    world.forward(WORK_DONE)
    (entry,) = ok(world.query_distribution(order, after))["receivers"]
    assert entry["result"] == "SUCCESS" and "fail_reason" not in entry


def test_a_merchant_that_loses_the_right_meanwhile(world, mode):
    party = world.new_party(mode)
    order, number = world.paid(party, 10000), world.number("D")
    ok(request(world, order, 100, world.receiver(party), number))
    merchant = party.sub_mchid or party.sponsor
    world.control.change_merchant(merchant, penalised=True)
    world.forward(WORK_DONE)
    world.control.change_merchant(merchant, penalised=False)
    (entry,) = ok(world.query_distribution(order, number))["receivers"]
    assert (entry["result"], entry["fail_reason"]) == ("CLOSED", "NO_AUTH")
    assert world.unsplit(order) == 9940


def test_a_person_gets_200_000_cny_a_month(world, party):
    """What would go beyond is accepted and fails; a merchant has no such limit, and a month is Beijing's."""
    person, shop = "o" + world.number("P"), world.receiver(party)
    ok(world.add_receiver(party, person, type="PERSONAL_OPENID", appid="wx8888888888888888"))
    world.forward(AUDIT_DONE)
    order = world.paid(party, 200_000_000)  # 2 000 000 CNY; 60 000 000 fen of it to others
    left = world.unsplit(order)

    def give(amount, **to):
        number = world.number("D")
        share = world.slice(**{"account": person, "amount": amount, "type": "PERSONAL_OPENID", **to})
        answer = world.distribution(order, [share], number, appid="wx8888888888888888")
        assert ok(answer)["receivers"][0]["result"] == "PENDING"
        world.forward(WORK_DONE)
        (entry,) = ok(world.query_distribution(order, number))["receivers"]
        return entry["result"], entry.get("fail_reason")

    paid, above = ("SUCCESS", None), ("CLOSED", "RECEIVER_RECEIPT_LIMIT")
    assert give(20_000_001) == above
    assert world.unsplit(order) == left
    assert give(12_345_678) == paid
    assert give(20_000_000 - 12_345_678 + 1) == above
    assert give(20_000_000 - 12_345_678) == paid
    assert give(1) == above
    assert world.unsplit(order) == left - 20_000_000
    assert give(20_000_001, account=shop, type="MERCHANT_ID") == paid

    next_month = (world.today().replace(day=1) + timedelta(days=32)).replace(day=1)
    world.to(times.at(next_month, "00:00:00") - timedelta(seconds=90))
    assert give(1) == above
    world.to(times.at(next_month, "00:00:00"))
    assert give(2) == paid
    world.control.audit()


# ---- how much, how often, how long ----


def test_not_more_than_is_left(world, party, order):
    world.refunded(order, 8000)  # 48 of the fee come back: 1 988 are left
    assert world.unsplit(order) == 1988
    answer = request(world, order, 1989, party.sponsor)
    refused(answer, 403, "NOT_ENOUGH", "remaining funds to be distributed")
    assert answer.number == 88430113
    ok(request(world, order, 1988, party.sponsor))
    assert world.unsplit(order) == 0


def test_promised_money_is_not_promised_again(world, party, order):
    ok(request(world, order, 9000, party.sponsor))
    refused(request(world, order, 941, party.sponsor), 403, "NOT_ENOUGH")
    refused(world.refund(order, 947, world.number("R")), 403, "NOT_ENOUGH")  # 6 of the fee come back (5.682): 941 net
    assert world.unsplit(order) == 940


def test_the_ratio_caps_what_goes_to_others(world, party, order, receiver):
    """30 % of the order's 10 000, over all slices."""
    refused(request(world, order, 3001, receiver), 400, "INVALID_REQUEST", "maximum distribution ratio")
    world.distribute(order, 2000, account=receiver)
    refused(request(world, order, 1001, receiver), 400, "INVALID_REQUEST", "maximum distribution ratio")
    world.distribute(order, 1000, account=receiver)
    refused(request(world, order, 1, receiver), 400, "INVALID_REQUEST", "maximum distribution ratio")
    world.send_outbound(order, 6940)
    assert world.unsplit(order) == 0


def test_the_ratio_is_the_merchant_s(world, mode):
    party = world.new_party(mode, distribution_ratio=500)
    order = world.paid(party, 10000)
    account = world.receiver(party)
    refused(request(world, order, 501, account), 400, "INVALID_REQUEST", "maximum distribution ratio")
    ok(request(world, order, 500, account))


def test_a_discount_does_not_lower_the_cap(world, party, receiver):
    """30 % of the order's 10 000, though a DISCOUNT of 5 000 leaves 5 000 less a fee of 30 to distribute: 3 000 to the fen, in parts or at once."""
    coupon = {"type": "DISCOUNT", "scope": "GLOBAL", "amount": 5000, "promotion_id": "109519"}
    whole, parts = (world.paid(party, 10000, coupon=coupon) for _ in range(2))
    assert world.unsplit(whole) == 4970
    refused(request(world, whole, 3001, receiver), 400, "INVALID_REQUEST", "maximum distribution ratio")
    ok(request(world, whole, 3000, receiver))
    for amount in (1500, 1499):
        ok(request(world, parts, amount, receiver))
    refused(request(world, parts, 2, receiver), 400, "INVALID_REQUEST", "maximum distribution ratio")
    ok(request(world, parts, 1, receiver))
    refused(request(world, parts, 1, receiver), 400, "INVALID_REQUEST", "maximum distribution ratio")
    world.control.audit()


def test_the_sponsor_alone_after_the_ratio_was_lowered(world, mode):
    """What went to others under the old ratio stays; it stands in nobody's way but theirs."""
    party = world.new_party(mode)
    order, account = world.paid(party, 10000), world.receiver(party)
    world.distribute(order, 3000, account=account)
    for mchid in {party.sponsor, party.sub_mchid or party.sponsor}:
        world.control.change_merchant(mchid, distribution_ratio=500)
    refused(request(world, order, 1, account), 400, "INVALID_REQUEST", "maximum distribution ratio")
    both = [world.slice(party.sponsor, 1), world.slice(account, 1)]
    refused(world.distribution(order, both, world.number("D")), 400, "INVALID_REQUEST", "maximum distribution ratio")
    world.send_outbound(order, 6940)
    assert world.unsplit(order) == 0
    world.control.audit()


def test_fifty_requests(world, order, receiver):
    """Refused requests do not count."""
    for _ in range(50):
        refused(request(world, order, 5000, receiver), 400, "INVALID_REQUEST")
        ok(request(world, order, 1, receiver))
    refused(request(world, order, 1, receiver), 400, "INVALID_REQUEST", "50 distribution requests")


def test_fifty_receivers(world, party, order):
    accounts = [world.new_mchid() for _ in range(51)]
    for account in accounts:
        ok(world.add_receiver(party, account))
    world.forward(minutes=1)
    slices = [world.slice(account, 1) for account in accounts]
    refused(world.distribution(order, slices, world.number("D")), 400, "PARAM_ERROR")
    assert len(ok(world.distribution(order, slices[:50], world.number("D")))["receivers"]) == 50


def test_after_the_release_nothing_more(world, party, receiver):
    for release in (world.unfreeze, lambda order: world.distribute(order, 1, account=receiver, unfreeze=True)):
        order = world.paid(party, 10000)
        release(order)
        refused(request(world, order, 1, receiver), 400, "INVALID_REQUEST", "have been released")


def test_180_days(world, party):
    order = world.paid(party, 10000)
    end = order.paid_at + timedelta(days=180)
    world.to(end - timedelta(minutes=3))
    world.send_outbound(order, 1)
    world.to(end + timedelta(seconds=1))
    refused(request(world, order, 1, party.sponsor), 400, "INVALID_REQUEST", "have been released")


def test_until_the_funds_are_frozen(world, party, receiver):
    order = world.paid(party, 10000, frozen=False)
    number = world.number("D")
    world.forward(seconds=179)
    refused(request(world, order, 1, receiver, number), 500, "SYSTEM_ERROR", "freeze process")
    world.forward(seconds=120)
    ok(request(world, order, 1, receiver, number))


# ---- the same number again ----


def test_the_same_again_is_the_same_distribution(world, party, order, receiver):
    number = world.number("D")
    first = ok(request(world, order, 2500, receiver, number))
    assert ok(request(world, order, 2500, receiver, number)) == first
    world.forward(WORK_DONE)
    again = ok(request(world, order, 2500, receiver, number))
    assert again == ok(world.query_distribution(order, number))
    assert (again["order_id"], again["state"]) == (first["order_id"], "FINISHED")
    assert world.unsplit(order) == 7440


def test_the_same_number_with_other_content(world, party, order, receiver):
    number = world.number("D")
    ok(request(world, order, 2500, receiver, number))
    changes = [
        request(world, order, 2499, receiver, number),
        request(world, order, 2500, party.sponsor, number),
        request(world, order, 2500, receiver, number, unfreeze=True),
        world.distribution(order, [world.slice(receiver, 2500, description="another")], number),
    ]
    for answer in changes:
        refused(answer, 400, "PARAM_ERROR", "differ from those of the first request")
        assert answer.number == 268498688
    assert world.unsplit(order) == 7440


def test_the_same_number_for_another_transaction(world, party, order, receiver):
    other = world.paid(party, 10000)
    number = world.number("D")
    ok(request(world, order, 2500, receiver, number))
    answer = request(world, other, 2500, receiver, number)
    refused(answer, 400, "INVALID_REQUEST", "inconsistent with that in the original command")
    assert answer.number == 268447845


def test_the_same_number_for_unfreezing(world, order, receiver):
    """Distribution and unfreezing share one space of numbers."""
    number = world.number("D")
    ok(request(world, order, 2500, receiver, number))
    refused(world.unfreezing(order, number), 400, "PARAM_ERROR")
    assert world.unsplit(order) == 7440


def test_a_refused_request_leaves_its_number_free(world, order, receiver):
    number = world.number("D")
    refused(request(world, order, 3001, receiver, number), 400, "INVALID_REQUEST")
    refused(world.query_distribution(order, number), 404, "RESOURCE_NOT_EXISTS")
    ok(request(world, order, 3000, receiver, number))


# ---- receivers ----


def test_a_receiver_that_was_never_added(world, order):
    refused(request(world, order, 1, world.new_mchid()), 400, "INVALID_REQUEST", "no effective relation")


def test_a_receiver_whose_audit_is_not_over(world, party, order):
    account = world.new_mchid()
    ok(world.add_receiver(party, account))
    world.forward(seconds=59)
    refused(request(world, order, 1, account), 400, "INVALID_REQUEST", "no effective relation")
    world.forward(seconds=1)
    ok(request(world, order, 1, account))


def test_a_relation_holds_for_one_child_alone(world, institution):
    account = world.receiver(institution)
    order = world.paid(world.other_child(), 10000)
    refused(request(world, order, 1, account), 400, "INVALID_REQUEST", "no effective relation")


def test_a_receiver_that_is_not_compliant(world, party, order):
    account = world.new_mchid()
    ok(world.add_receiver(party, account))
    world.forward(minutes=1)
    world.control.change_receiver(account, **party.in_control(), penalised=True)
    refused(request(world, order, 1, account), 403, "NO_AUTH", "receiver is legally compliant")
    world.control.change_receiver(account, **party.in_control(), penalised=False)
    ok(request(world, order, 1, account))


def test_the_sponsor_not_together_with_a_release(world, party, order):
    answer = request(world, order, 1, party.sponsor, unfreeze=True)
    refused(answer, 400, "INVALID_REQUEST", "sponsor cannot be a receiver")


@pytest.mark.parametrize("kind,name", [("PERSONAL_OPENID", "appid"), ("PERSONAL_SUB_OPENID", "sub_appid")])
def test_persons_need_an_appid(world, institution, kind, name):
    order = world.paid(institution, 10000)
    openid = "o" + world.number("P")
    appid = {name: "wx8888888888888888"}
    ok(world.add_receiver(institution, openid, type=kind, **appid))
    world.forward(minutes=1)
    slices = [world.slice(openid, 100, type=kind)]
    refused(world.distribution(order, slices, world.number("D")), 400, "INVALID_REQUEST", name)
    ok(world.distribution(order, slices, world.number("D"), **appid))


# ---- the order ----


def test_an_order_that_was_not_marked(world, party, receiver):
    order = world.paid(party, 10000, marked=False)
    refused(request(world, order, 1, receiver), 400, "INVALID_REQUEST", "does not support ledger splitting")


def test_an_order_that_does_not_exist(world, party, receiver):
    order = Order(party, 1, "4200000000000000000000000000", "none", None)
    refused(request(world, order, 1, receiver), 400, "INVALID_REQUEST", "does not support ledger splitting")


def test_an_order_of_another_child(world, institution):
    order = world.paid(institution, 10000)
    other = world.other_child()
    answer = request(world, order, 1, world.receiver(other), party=other)
    refused(answer, 400, "INVALID_REQUEST")
    assert world.unsplit(order) == 9940


# ---- merchants and the contract ----


def test_without_a_contract(world, mode):
    party = world.new_party(mode, contract_date=None)
    order = Order(party, 1, "4200000000000000000000000000", "none", None)
    refused(request(world, order, 1, party.sponsor), 403, "NO_AUTH", "has not signed up")


def test_the_contract_takes_effect_on_the_next_day(world, mode):
    party = world.new_party(mode, contract_date=str(world.today()))
    order = Order(party, 1, "4200000000000000000000000000", "none", None)
    refused(request(world, order, 1, party.sponsor), 403, "NO_AUTH", "waiting for it to take effect")
    world.to(times.midnight(world.today() + timedelta(days=1)))
    refused(request(world, order, 1, party.sponsor), 400, "INVALID_REQUEST")


def test_no_child_of_the_caller(world, institution, direct):
    stranger = world.new_institution()
    for party in (institution, direct):
        answer = request(world, world.paid(party, 1000), 1, party.sponsor, sub_mchid=stranger.sub_mchid)
        refused(answer, 403, "NO_AUTH", "parent-child")


def test_an_institution_has_to_name_its_child(world, institution):
    answer = request(world, world.paid(institution, 1000), 1, institution.sponsor, sub_mchid=None)
    refused_parameter(answer, "/sub_mchid", "body")
    assert answer.number == 268443704


# ---- the query ----


def test_no_such_distribution(world, order):
    refused(world.query_distribution(order, "NONE"), 404, "RESOURCE_NOT_EXISTS", "no distribution or unfreeze")


def test_number_and_transaction_do_not_match(world, party, order, receiver):
    other = world.paid(party, 10000)
    number = world.number("D")
    ok(request(world, order, 1, receiver, number))
    refused(world.query_distribution(other, number), 400, "INVALID_REQUEST", "inconsistent")


def test_another_merchant_s_distribution(world, institution, direct):
    order = world.paid(institution, 10000)
    number = world.distribute(order, 1)
    for stranger in (direct, world.other_child()):
        assert world.query_distribution(order, number, party=stranger).status in (400, 404)


def test_the_parameters_of_the_query(world, party, order):
    refused_parameter(world.query_distribution(order, "NONE", transaction_id=None), "transaction_id", "query")
    refused_parameter(world.query_distribution(order, "NONE", transaction_id="4" * 33), "transaction_id", "query", "4" * 33)
    refused_parameter(world.query_distribution(order, "D" * 65), "out_order_no", "url", "D" * 65)
    refused(world.query_distribution(order, "D" * 64), 404, "RESOURCE_NOT_EXISTS")


# ---- parameters of the request ----


@pytest.mark.parametrize("number", ["", "D" * 65, "a b", "a|b", "a*b", "a@b", "a.b", "分账"])
def test_the_form_of_out_order_no(world, order, receiver, number):
    answer = world.distribution(order, [world.slice(receiver, 1)], number)
    refused_parameter(answer, "/out_order_no", "body")


def test_out_order_no_of_64_characters(world, order, receiver):
    number = "Az09_-" + "D" * 46 + world.number("D")
    assert ok(request(world, order, 1, receiver, number))["out_order_no"] == number
    assert ok(world.query_distribution(order, number))["out_order_no"] == number


@pytest.mark.parametrize(
    "changed,name",
    [
        ({"amount": 0}, "amount"),
        ({"amount": -1}, "amount"),
        ({"amount": "1"}, "amount"),
        ({"amount": 1.5}, "amount"),
        ({"amount": None}, "amount"),
        ({"currency": "USD"}, "currency"),
        ({"currency": None}, "currency"),
        ({"type": "SOMEBODY"}, "type"),
        ({"type": None}, "type"),
        ({"account": ""}, "account"),
        ({"account": "1" * 65}, "account"),
        ({"account": None}, "account"),
        ({"description": ""}, "description"),
        ({"description": "d" * 81}, "description"),
        ({"description": None}, "description"),
        ({"nonsense": 1}, "nonsense"),
    ],
    ids=str,
)
def test_a_receiver_entry_that_is_wrong(world, order, receiver, changed, name):
    entry = world.merged(world.slice(receiver, 1), changed)
    refused_parameter(world.distribution(order, [entry], world.number("D")), f"/receivers/0/{name}", "body")


@pytest.mark.parametrize(
    "changed,pointer",
    [
        ({"transaction_id": "4" * 33}, "/transaction_id"),
        ({"transaction_id": None}, "/transaction_id"),
        ({"unfreeze_unsplit": "false"}, "/unfreeze_unsplit"),
        ({"unfreeze_unsplit": 0}, "/unfreeze_unsplit"),
        ({"unfreeze_unsplit": None}, "/unfreeze_unsplit"),
        ({"receivers": {}}, "/receivers"),
        ({"receivers": [5]}, "/receivers/0"),
        ({"appid": "w" * 33}, "/appid"),
        ({"nonsense": 1}, "/nonsense"),
    ],
    ids=str,
)
def test_members_that_are_wrong(world, party, order, receiver, changed, pointer):
    body = {
        **party.in_distribution(),
        "transaction_id": order.transaction_id,
        "out_order_no": world.number("D"),
        "receivers": [world.slice(receiver, 1)],
        "unfreeze_unsplit": False,
    }
    answer = world.client.post(party.caller, f"{SHARING}/orders", world.merged(body, changed))
    refused_parameter(answer, pointer, "body")


def test_eighty_characters_of_description(world, order, receiver):
    answer = world.distribution(order, [world.slice(receiver, 1, description="费" * 80)], world.number("D"))
    assert ok(answer)["receivers"][0]["description"] == "费" * 80
