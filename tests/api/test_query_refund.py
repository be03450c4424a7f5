"""Query Single Refund: GET …/refunds/id/{id} and …/refunds/out-refund-no/{out_refund_no}, under /hk/v3 and /v3/global"""

import re
from datetime import timedelta

import pytest

import times
from answers import ok, refused, refused_parameter
from raw import RawConnection, request_bytes
from world import BALANCE_ARRIVAL, FUNDS, USD_RATE, Party

NOT_FOUND = {"/v3/global": "RESOURCE_NOT_EXISTS", "/hk/v3": "REFUNDNOTEXIST"}
NO_MERCHANT = {"/v3/global": "MCH_NOT_EXISTS", "/hk/v3": "MCHID_NOT_EXIST"}
SIGNATURE = {"/v3/global": "SIGN_ERROR", "/hk/v3": "SIGNERROR"}

BALANCE = "The balance of the paying user"
MINI_FUND = "The Mini Fund of the paying user"


BY = ["id", "out_refund_no"]


@pytest.fixture(params=BY)
def by(request):
    return request.param


def query(world, party, refund, prefix="/v3/global", by="out_refund_no", **changed):
    if by == "id":
        return world.refund_by_id(party, refund["id"], prefix, **changed)
    return world.refund_by_number(party, refund["out_refund_no"], prefix, **changed)


# ---- the document's own example ----


def test_the_example_of_the_document(demo, mode, prefix, by):
    party = demo.party(mode)
    refund = {"id": demo.of(mode, "REFUND_ID"), "out_refund_no": demo.of(mode, "OUT_REFUND_NO")}
    answer = ok(query(demo, party, refund, prefix, by))
    assert (answer["id"], answer["out_refund_no"]) == (refund["id"], refund["out_refund_no"])


def test_the_number_of_the_document(demo, prefix, by):
    number = "1217752501201407033233368018"
    answer = ok(query(demo, demo.institution, {"id": number, "out_refund_no": number}, prefix, by))
    assert answer["id"] == number and answer["out_refund_no"] == number


# ---- the members ----


def test_all_members(world, party, prefix, by):
    order = world.paid(party, 1000)
    refund = world.refunded(order, 888)
    created = world.now()
    accepted = {
        "id": refund["id"],
        "out_refund_no": refund["out_refund_no"],
        "transaction_id": order.transaction_id,
        "out_trade_no": order.out_trade_no,
        "channel": "ORIGINAL",
        "recv_account": BALANCE,
        "fund_source": "REFUND_SOURCE_UNSETTLED_FUNDS",
        "create_time": times.written(created),
        "status": "PROCESSING",
        "amount": {
            "refund": 888,
            "currency": "CNY",
            "payer_refund": 888,
            "payer_currency": "CNY",
            "exchange_rate": {"type": "SETTLEMENT_RATE", "rate": USD_RATE},
        },
    }
    assert ok(query(world, party, refund, prefix, by)) == accepted
    world.forward(BALANCE_ARRIVAL)
    arrived = {**accepted, "status": "SUCCESS", "success_time": times.written(created + BALANCE_ARRIVAL)}
    assert ok(query(world, party, refund, prefix, by)) == arrived


def test_lengths_and_forms(world, party):
    refund = ok(query(world, party, world.refunded(world.paid(party, 1000), 1)))
    for name, longest in (("id", 32), ("out_refund_no", 64), ("transaction_id", 32), ("out_trade_no", 64), ("channel", 16)):
        assert 1 <= len(refund[name]) <= longest
    assert re.fullmatch(r"[0-9]+", refund["id"])
    assert times.RFC_3339.fullmatch(refund["create_time"])


def test_both_ways_and_both_prefixes_tell_the_same(world, party):
    refund = world.refunded(world.paid(party, 1000), 300)
    world.forward(BALANCE_ARRIVAL)
    answers = [ok(query(world, party, refund, prefix, by)) for prefix in ("/v3/global", "/hk/v3") for by in ("id", "number")]
    assert answers == [answers[0]] * 4


def test_a_refund_by_advance_is_shown_alike(world, party):
    """fund_source names the account, not the source within a distributed order."""
    order = world.paid(party, 10000)
    world.unfreeze(order)
    refund = world.refunded(order, 100, sources=[(FUNDS, 100)])
    assert ok(query(world, party, refund))["fund_source"] == "REFUND_SOURCE_UNSETTLED_FUNDS"


# ---- arrival ----


@pytest.mark.parametrize("payer,account", [("balance", BALANCE), ("mini_fund", MINI_FUND)])
def test_balance_and_mini_fund_arrive_within_20_minutes(world, party, prefix, payer, account):
    refund = world.refunded(world.paid(party, 1000, payer=payer), 1000)
    created = world.now()
    world.to(created + BALANCE_ARRIVAL - timedelta(seconds=1))
    early = ok(query(world, party, refund, prefix))
    assert early["status"] == "PROCESSING" and "success_time" not in early
    world.to(created + BALANCE_ARRIVAL)
    late = ok(query(world, party, refund, prefix))
    assert (late["status"], late["success_time"]) == ("SUCCESS", times.written(created + BALANCE_ARRIVAL))
    assert late["recv_account"] == early["recv_account"] == account


@pytest.mark.parametrize("payer,kind", [("credit", "Credit"), ("debit", "Debit")])
@pytest.mark.parametrize("weekday,days", [(1, 3), (2, 3), (3, 5), (4, 5), (5, 5), (6, 4), (7, 3)])
def test_cards_arrive_after_3_business_days(world, direct, payer, kind, weekday, days):
    """Refunded on a Monday it is there on Thursday, on a Wednesday on Monday, on a Saturday on Wednesday; same time of day."""
    world.to(times.at(times.next_weekday(world.today(), weekday)))
    refund = world.refunded(world.paid(direct, 1000, payer=payer), 1000)
    arrival = world.now() + timedelta(days=days)
    world.to(arrival - timedelta(seconds=1))
    early = ok(query(world, direct, refund))
    assert early["status"] == "PROCESSING"
    world.to(arrival)
    late = ok(query(world, direct, refund))
    assert (late["status"], late["success_time"]) == ("SUCCESS", times.written(arrival))
    assert re.fullmatch(rf"[A-Z].* {kind} Card [0-9]{{4}}", late["recv_account"])
    assert late["recv_account"] == early["recv_account"] and len(late["recv_account"]) <= 64


# ---- what becomes of it ----


def test_closed(world, party, prefix):
    refund = world.refunded(world.paid(party, 1000), 1000)
    world.control.set_outcome(refund["id"], "REFUNDCLOSE")
    closed = ok(query(world, party, refund, prefix))
    assert closed["status"] == "REFUNDCLOSE" and "success_time" not in closed
    world.forward(BALANCE_ARRIVAL)
    assert ok(query(world, party, refund, prefix)) == closed


def test_abnormal_is_a_newer_word(world, party, prefix):
    """The older document knows SUCCESS, REFUNDCLOSE and PROCESSING."""
    refund = world.refunded(world.paid(party, 1000, payer="debit"), 1000)
    world.control.set_outcome(refund["id"], "ABNORMAL")
    shown = ok(query(world, party, refund, prefix))
    assert shown["status"] == {"/v3/global": "ABNORMAL", "/hk/v3": "PROCESSING"}[prefix]
    assert "success_time" not in shown


@pytest.mark.parametrize("end", ["SUCCESS", "REFUNDCLOSE"])
def test_abnormal_lasts_until_somebody_sees_to_it(world, party, end):
    refund = world.refunded(world.paid(party, 1000, payer="debit"), 1000)
    world.control.set_outcome(refund["id"], "ABNORMAL")
    world.forward(days=14)
    assert ok(query(world, party, refund))["status"] == "ABNORMAL"
    world.control.set_outcome(refund["id"], end)
    assert ok(query(world, party, refund))["status"] == end


def test_success_before_its_time(world, party, prefix):
    refund = world.refunded(world.paid(party, 1000, payer="credit"), 1000)
    world.forward(seconds=90)
    world.control.set_outcome(refund["id"], "SUCCESS")
    shown = ok(query(world, party, refund, prefix))
    assert (shown["status"], shown["success_time"]) == ("SUCCESS", times.written(world.now()))


@pytest.mark.parametrize("channel", ["BALANCE", "OTHER_BALANCE", "OTHER_BANKCARD"])
def test_channel_and_account_as_they_turn_out(world, party, prefix, channel):
    account = "China Merchants Bank Credit Card 0403"
    refund = world.refunded(world.paid(party, 1000, payer="credit"), 1000)
    world.control.set_outcome(refund["id"], "SUCCESS", channel=channel, recv_account=account)
    shown = ok(query(world, party, refund, prefix))
    assert (shown["channel"], shown["recv_account"]) == (channel, account)


@pytest.mark.parametrize(
    "channel,account",
    [
        ("ORIGINAL", "China Merchants Bank Credit Card 0403"),
        ("BALANCE", BALANCE),
        ("OTHER_BALANCE", BALANCE),
        ("OTHER_BANKCARD", "Bank of China Debit Card 1234"),
    ],
)
def test_the_channel_decides_the_account(world, party, prefix, channel, account):
    refund = world.refunded(world.paid(party, 1000, payer="credit"), 1000)
    told = world.control.set_outcome(refund["id"], "SUCCESS", channel=channel)
    shown = ok(query(world, party, refund, prefix))
    assert (shown["channel"], shown["recv_account"]) == (told["channel"], told["recv_account"]) == (channel, account)


# ---- exchange rates: CNY for one unit of foreign currency, times 10^8 ----


def rate_of(answer):
    return answer["amount"]["exchange_rate"]["type"], answer["amount"]["exchange_rate"]["rate"]


def test_settled_in_the_price_currency(world, mode, prefix):
    """If the exchange ratio is 1, then rate = 100000000."""
    party = world.new_party(mode, settlement_currency="CNY")
    refund = world.refunded(world.paid(party, 1000, settlement_rate=None), 1000)
    assert rate_of(ok(query(world, party, refund, prefix))) == ("SETTLEMENT_RATE", 100000000)


def test_paid_in_the_price_currency(world, party, prefix):
    """If the exchange ratio is 6.5, then rate = 650000000."""
    refund = world.refunded(world.paid(party, 1000, settlement_rate=650000000), 1000)
    assert rate_of(ok(query(world, party, refund, prefix))) == ("SETTLEMENT_RATE", 650000000)


def test_paid_in_another_currency(world, party, prefix):
    """Priced at 10.00 CNY, paid in HKD at 0.92: the payment's own rate. 500 / 0.92 = 543.48."""
    order = world.paid(party, 1000, marked=False, payer_currency="HKD", payment_rate=92000000)
    assert ok(query(world, party, world.refunded(order, 500), prefix))["amount"] == {
        "refund": 500,
        "currency": "CNY",
        "payer_refund": 543,
        "payer_currency": "HKD",
        "exchange_rate": {"type": "USERPAYMENT_RATE", "rate": 92000000},
    }


def test_a_currency_without_decimals(world, party, prefix):
    """100.00 CNY at 0.05 CNY for a yen: 2 000 yen, whose smallest unit is the yen itself."""
    order = world.paid(party, 10000, marked=False, payer_currency="JPY", payment_rate=5000000)
    amount = ok(query(world, party, world.refunded(order, 10000), prefix))["amount"]
    assert (amount["payer_refund"], amount["payer_currency"]) == (2000, "JPY")


def test_the_rate_is_frozen_at_acceptance(world, party, prefix):
    refund = world.refunded(world.paid(party, 1000, payer="credit"), 1000)
    accepted = rate_of(ok(query(world, party, refund, prefix)))
    world.forward(days=30)
    assert rate_of(ok(query(world, party, refund, prefix))) == accepted


# ---- vouchers ----


def voucher(kind, amount, scope="GLOBAL"):
    return {"type": kind, "scope": scope, "amount": amount, "promotion_id": "109519"}


def test_without_a_voucher_there_is_no_detail(world, party, prefix):
    assert "detail" not in ok(query(world, party, world.refunded(world.paid(party, 1000), 1000), prefix))


@pytest.mark.parametrize("kind", ["COUPON", "DISCOUNT"])
@pytest.mark.parametrize("scope", ["GLOBAL", "SINGLE"])
def test_a_voucher_is_refunded_proportionally(world, party, prefix, kind, scope):
    """100 with a voucher of 5: half gives back 2 (2.5 rounded down), the payer gets 48; the other half 3 and 47."""
    order = world.paid(party, 100, coupon=voucher(kind, 5, scope))
    for share in (2, 3):
        shown = ok(query(world, party, world.refunded(order, 50), prefix))
        assert shown["detail"] == [
            {
                "promotion_id": "109519",
                "scope": scope,
                "type": kind,
                "amount": 5,
                "refund_amount": share,
                "currency": "CNY",
            }
        ]
        assert (shown["amount"]["refund"], shown["amount"]["payer_refund"]) == (50, 50 - share)


def test_a_full_refund_in_parts_gives_back_the_whole_voucher(world, party, prefix):
    """1 000 with a voucher of 7, in parts of 1, 142, 143, 285, 143, 285 and 1: floor(7 R / 1000) grows 0 1 2 3 4 6 7."""
    order = world.paid(party, 1000, coupon=voucher("COUPON", 7))
    parts, shares = (1, 142, 143, 285, 143, 285, 1), []
    for part in parts:
        shares.append(ok(query(world, party, world.refunded(order, part), prefix))["detail"][0]["refund_amount"])
    assert shares == [0, 1, 1, 1, 1, 2, 1]


@pytest.mark.parametrize("kind,currency", [("COUPON", "HKD"), ("DISCOUNT", "CNY")])
def test_the_voucher_s_currency(world, party, prefix, kind, currency):
    """COUPON: the payment's currency; DISCOUNT: the price's."""
    order = world.paid(party, 1000, marked=False, payer_currency="HKD", payment_rate=92000000, coupon=voucher(kind, 5))
    shown = ok(query(world, party, world.refunded(order, 1000), prefix))
    assert (shown["detail"][0]["currency"], shown["detail"][0]["type"]) == (currency, kind)


# ---- orders completed one year ago ----


def test_after_a_year_only_by_merchant_number(world, party, prefix):
    order = world.paid(party, 1000)
    refund = world.refunded(order, 1000)
    year = order.paid_at + timedelta(days=365)
    world.to(year)
    ok(query(world, party, refund, prefix, "id"))
    world.to(year + timedelta(seconds=1))
    answer = query(world, party, refund, prefix, "id")
    refused(answer, 404, NOT_FOUND[prefix], "out-refund-no")
    assert ok(query(world, party, refund, prefix, "out_refund_no"))["id"] == refund["id"]


# ---- 404: no such refund ----


def test_no_such_refund(world, party, prefix, by):
    refund = {"id": "50000000000000000000000000", "out_refund_no": "NONE"}
    refused(query(world, party, refund, prefix, by), 404, NOT_FOUND[prefix], "Failed to view the refund order")


def test_the_number_of_an_order_is_none_of_a_refund(world, party, prefix):
    order = world.paid(party, 1000)
    refused(world.refund_by_id(party, order.transaction_id, prefix), 404, NOT_FOUND[prefix])
    refused(world.refund_by_number(party, order.out_trade_no, prefix), 404, NOT_FOUND[prefix])


def test_another_merchant_s_refund(world, institution, direct, prefix, by):
    ours = world.refunded(world.paid(institution, 1000), 1)
    for stranger in (direct, world.other_child()):
        refused(query(world, stranger, ours, prefix, by), 404, NOT_FOUND[prefix])


def test_two_children_may_use_the_same_number(world, institution):
    number = world.number("R")
    other = world.other_child()
    first = world.refunded(world.paid(institution, 1000), 10, number=number)
    second = world.refunded(world.paid(other, 1000), 20, number=number)
    assert first["id"] != second["id"]
    assert ok(world.refund_by_number(institution, number))["id"] == first["id"]
    assert ok(world.refund_by_number(other, number))["id"] == second["id"]


def test_a_refused_refund_is_not_there(world, party, prefix):
    number = world.number("R")
    refused(world.refund(world.paid(party, 1000), 1001, number), 400, "INVALID_REQUEST")
    refused(world.refund_by_number(party, number, prefix), 404, NOT_FOUND[prefix])


# ---- 400: parameters ----


def test_the_length_of_id(world, party, prefix):
    answer = world.refund_by_id(party, "5" * 33, prefix)
    refused(answer, 400, "PARAM_ERROR")
    assert (answer.detail["location"], answer.detail["value"]) == ("url", "5" * 33)
    refused(world.refund_by_id(party, "5" * 32, prefix), 404, NOT_FOUND[prefix])


def test_the_length_of_out_refund_no(world, party, prefix):
    refused_parameter(world.refund_by_number(party, "R" * 65, prefix), "out_refund_no", "url", "R" * 65)
    refused(world.refund_by_number(party, "R" * 64, prefix), 404, NOT_FOUND[prefix])


def test_a_number_of_64_characters_of_all_kinds(world, party, prefix):
    """Digits, letters, _ - | * @; in the path as they are or escaped."""
    number = ("Az09_-|*@" * 8)[: 64 - 12] + world.number("R")
    refund = world.refunded(world.paid(party, 1000), 1, number=number)
    plain = f"{prefix}/refunds/out-refund-no/{number}"
    escaped = plain.replace("|", "%7C").replace("*", "%2a").replace("@", "%40")
    query_text = "?" + "&".join(f"{name}={value}" for name, value in party.in_payment().items())
    with RawConnection(world.program.api) as connection:
        for target in (plain + query_text, escaped + query_text):
            connection.send(request_bytes(party.caller, "GET", target))
            answer = world.client.accept(connection.answer("GET", target), party.caller)
            assert (ok(answer)["id"], answer.json["out_refund_no"]) == (refund["id"], number)


@pytest.mark.parametrize("left_out", ["sp_mchid", "sub_mchid"])
def test_an_institution_sends_both_numbers(world, institution, prefix, by, left_out):
    refund = {"id": "5", "out_refund_no": "R"}
    answer = query(world, institution, refund, prefix, by, **{left_out: None})
    refused_parameter(answer, left_out, "query")
    if left_out == "sub_mchid":
        assert answer.number == 268443704


def test_a_direct_merchant_sends_its_number(world, direct, prefix, by):
    refused_parameter(query(world, direct, {"id": "5", "out_refund_no": "R"}, prefix, by, mchid=None), "mchid", "query")


def test_not_both_modes_at_once(world, institution, prefix, by):
    answer = query(world, institution, {"id": "5", "out_refund_no": "R"}, prefix, by, mchid=institution.sponsor)
    refused(answer, 400, "PARAM_ERROR")
    assert answer.detail["location"] == "query"


@pytest.mark.parametrize("value", ["", "1" * 33])
def test_the_length_of_merchant_numbers(world, institution, direct, prefix, value):
    refund = {"id": "5", "out_refund_no": "R"}
    refused_parameter(query(world, institution, refund, prefix, sub_mchid=value), "sub_mchid", "query", value)
    refused_parameter(query(world, direct, refund, prefix, mchid=value), "mchid", "query", value)


# ---- merchants ----


def test_a_merchant_that_does_not_exist(world, institution, direct, prefix):
    refund = {"id": "5", "out_refund_no": "R"}
    for party, name in ((institution, "sub_mchid"), (institution, "sp_mchid"), (direct, "mchid")):
        answer = query(world, party, refund, prefix, **{name: "1000000001"})
        refused(answer, 404, NO_MERCHANT[prefix], "MCHID does not exist.")


def is_no_child(answer, prefix):
    """The document's table, under /hk/v3, has one row for a wrong merchant number, and no NO_AUTH."""
    if prefix == "/hk/v3":
        refused(answer, 404, "MCHID_NOT_EXIST", "MCHID does not exist.")
    else:
        refused(answer, 403, "NO_AUTH", "parent-child relationship does not exist")


def test_a_merchant_number_that_is_not_the_signer_s(world, institution, direct, prefix):
    refund = {"id": "5", "out_refund_no": "R"}
    text = "does not match the mchid in the payload"
    refused(query(world, institution, refund, prefix, sp_mchid=direct.sponsor), 401, SIGNATURE[prefix], text)
    refused(query(world, direct, refund, prefix, mchid=institution.sponsor), 401, SIGNATURE[prefix], text)


def test_no_child_of_the_caller(world, institution, prefix):
    stranger = world.new_institution()
    for by in BY:
        for other in (stranger.sub_mchid, institution.sponsor):
            is_no_child(query(world, institution, {"id": "5", "out_refund_no": "R"}, prefix, by, sub_mchid=other), prefix)


def test_a_direct_merchant_in_the_other_mode(world, direct, institution, prefix):
    pretender = Party(direct.caller, institution.sub_mchid)
    is_no_child(query(world, pretender, {"id": "5", "out_refund_no": "R"}, prefix), prefix)


def test_no_distribution_contract_is_needed(world, mode, prefix, by):
    party = world.new_party(mode, contract_date=None)
    refund = world.refunded(world.paid(party, 1000, marked=False), 1)
    ok(query(world, party, refund, prefix, by))
