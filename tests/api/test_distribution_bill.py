"""The distribution bill: GET /v3/global/profit-sharing/bill-download-url and its file of 17 columns"""

import re
from datetime import timedelta

import pytest

import bills
import money
import times
from answers import ok, refused, refused_parameter
from bills import yuan
from world import USD_RATE

NO_BILL = (400, "NO_STATEMENT_EXIST", "The requested billing file does not exist")
CREATING = (400, "STATEMENT_CREATING", "Generating the bill")


def bill_of(world, party, day, **query):
    return bills.parse(bills.download(world.client, party.caller, world.distribution_bill(party, day, **query)))


def next_day_s_bill(world, party):
    day = world.today()
    world.to_next_morning()
    return bill_of(world, party, day)


# ---- the file ----


def test_every_cell(world, party):
    order = world.paid(party, 10000)
    account = world.receiver(party)
    created = world.now()
    number = world.distribute(order, 2500, account=account)
    done = ok(world.query_distribution(order, number))
    bill = next_day_s_bill(world, party)
    assert bill.header == bills.DISTRIBUTION_COLUMNS and len(bill.header) == 17
    (line,) = bill.of("out_order_no", number)
    expected = {
        "create_time": times.in_bill(created),
        "initiator": party.sponsor,
        "sponsor": party.sponsor,
        "sub_mchid": party.sub_mchid or "",
        "transaction_id": order.transaction_id,
        "order_id": done["order_id"],
        "out_order_no": number,
        "receiver_account": account,
        "amount": "25.00",
        "currency": "CNY",
        "description": "its share",
    }
    assert {name: line[name] for name in expected} == expected
    assert line["detail_id"] and line["business_type"] and line["status"]


def test_money_that_goes_outbound_is_settled(world, party):
    """99.40 CNY at 6.5 are 15.29 USD."""
    order = world.paid(party, 10000)
    number = world.unfreeze(order)
    (line,) = next_day_s_bill(world, party).of("out_order_no", number)
    assert (line["receiver_account"], line["amount"], line["currency"]) == (party.sponsor, "99.40", "CNY")
    assert line["settlement_amount"] == yuan(money.converted(9940, USD_RATE)) == "15.29"
    assert (line["settlement_currency"], line["exchange_rate"]) == ("USD", str(USD_RATE))


def test_one_line_a_slice(world, mode):
    party = world.new_party(mode)
    order = world.paid(party, 10000)
    account = world.receiver(party)
    first = world.distribute(order, 1000, account=account)
    second = world.send_outbound(order, 500)
    third = world.distribute(order, 400, account=account, unfreeze=True)
    bill = next_day_s_bill(world, party)
    told = sorted((line["out_order_no"], line["receiver_account"], line["amount"]) for line in bill.lines)
    assert told == sorted(
        [
            (first, account, "10.00"),
            (second, party.sponsor, "5.00"),
            (third, account, "4.00"),
            (third, party.sponsor, "80.40"),
        ]
    )
    ids = [line["detail_id"] for line in bill.lines]
    assert len(set(ids)) == 4 and all(re.fullmatch(r"[0-9]+", one) for one in ids)


def test_only_what_succeeded(world, mode):
    party = world.new_party(mode)
    order = world.paid(party, 10000)
    account = world.receiver(party)
    good = world.distribute(order, 100, account=account)
    failing = world.number("D")
    ok(world.distribution(order, [world.slice(account, 200)], failing))
    world.control.change_receiver(account, **party.in_control(), penalised=True)
    world.forward(minutes=2)
    bill = next_day_s_bill(world, party)
    assert [line["out_order_no"] for line in bill.lines] == [good]


def test_the_automatic_release_is_the_system_s(world, mode):
    party = world.new_party(mode)
    order = world.paid(party, 10000)
    world.to(order.paid_at + timedelta(days=180, minutes=5))
    bill = next_day_s_bill(world, party)
    (line,) = bill.of("transaction_id", order.transaction_id)
    assert (line["initiator"], line["receiver_account"], line["amount"]) == ("system", party.sponsor, "99.40")


def test_a_description_is_as_it_was_sent_and_does_not_break_the_file(world, mode):
    party = world.new_party(mode)
    order = world.paid(party, 10000)
    account = world.receiver(party)
    number = world.number("D")
    ok(world.distribution(order, [world.slice(account, 100, description="CO.,LIMITED\r\n`c`,d")], number))
    world.forward(minutes=2)
    bill = next_day_s_bill(world, party)  # the reader checks the number of cells
    assert [(line["out_order_no"], line["description"]) for line in bill.lines] == [(number, "CO.,LIMITED  `c`,d")]


def test_a_line_of_the_overview_for_each_settlement_currency(world, mode):
    """5.00 CNY at 6.5 are 0.77 USD; at 0.05 they are 100 yen."""
    party = world.new_party(mode)
    world.send_outbound(world.paid(party, 10000), 500)
    world.control.change_merchant(party.sponsor, settlement_currency="JPY")
    world.send_outbound(world.paid(party, 10000, settlement_rate=5000000), 500)
    bill = next_day_s_bill(world, party)
    assert bill.blocks == [bills.DISTRIBUTION_COLUMNS, bills.DISTRIBUTION_SUMMARY_COLUMNS]
    assert [list(line.values()) for line in bill.overview] == [["USD", "1", "5.00", "0.77"], ["JPY", "1", "5.00", "100.00"]]


def test_the_file_is_the_same_whenever_it_is_made(world, mode):
    party = world.new_party(mode)
    world.send_outbound(world.paid(party, 10000), 5000)
    day = world.today()
    world.to_next_morning()
    first = bills.download(world.client, party.caller, world.distribution_bill(party, day))
    for made in (world.program.data / "bills").rglob("*"):
        if made.is_file():
            made.unlink()
    world.forward(days=3)
    assert bills.download(world.client, party.caller, world.distribution_bill(party, day)) == first


# ---- which day, and when ----


def test_a_day_is_out_from_10_on_the_next(world, party):
    world.send_outbound(world.paid(party, 1000), 10)
    day = world.today()
    refused(world.distribution_bill(party, day), *CREATING)
    ten = times.at(day + timedelta(days=1))
    world.to(ten - timedelta(seconds=1))
    refused(world.distribution_bill(party, day), *CREATING)
    world.to(ten)
    assert set(ok(world.distribution_bill(party, day))) == {"download_url"}


def test_an_empty_day(world, mode):
    party = world.new_party(mode)
    day = world.today()
    world.to_next_morning()
    refused(world.distribution_bill(party, day), *NO_BILL)


def test_bills_of_the_last_90_days(world, party):
    world.send_outbound(world.paid(party, 1000), 10)
    day = world.today()
    world.to(times.at(day + timedelta(days=90), "23:59:59"))
    ok(world.distribution_bill(party, day))
    world.forward(seconds=1)
    refused(world.distribution_bill(party, day), 400, "NO_STATEMENT_EXIST", "bills within 90 days")


@pytest.mark.parametrize("bill_date", ["", "20260105", "2026-02-30", "2026-1-005"])
def test_the_form_of_bill_date(world, party, bill_date):
    refused_parameter(world.distribution_bill(party, bill_date), "bill_date", "query", bill_date)


def test_the_link_is_valid_for_30_seconds(world, party):
    world.send_outbound(world.paid(party, 1000), 10)
    day = world.today()
    world.to_next_morning()
    target = bills.link_target(world.distribution_bill(party, day))
    world.forward(seconds=29)
    assert world.client.send(party.caller, "GET", target).status == 200
    world.forward(seconds=2)
    refused(world.client.send(party.caller, "GET", target), 403, "INVALID_REQUEST", "30 seconds")


# ---- whose bill ----


def test_an_institution_has_to_name_its_child(world, institution):
    answer = world.distribution_bill(institution, world.today(), sub_mchid=None)
    refused_parameter(answer, "sub_mchid", "query")
    assert answer.number == 268443704


def test_one_child_s_bill_has_nothing_of_another(world):
    first = world.new_institution()
    second = world.new_child(first)
    numbers = [world.send_outbound(world.paid(party, 1000), 10) for party in (first, second)]
    day = world.today()
    world.to_next_morning()
    for party, number in zip((first, second), numbers):
        assert [line["out_order_no"] for line in bill_of(world, party, day).lines] == [number]


def test_no_child_of_the_caller(world, institution, direct):
    stranger = world.new_institution()
    for party in (institution, direct):
        answer = world.distribution_bill(party, world.today(), sub_mchid=stranger.sub_mchid)
        refused(answer, 403, "NO_AUTH", "parent-child")


def test_without_a_contract(world, mode):
    party = world.new_party(mode, contract_date=None)
    refused(world.distribution_bill(party, world.today()), 403, "NO_AUTH", "has not signed up")
