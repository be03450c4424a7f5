"""The refund bill's file: every cell against the refund it tells of, sums with Decimal."""

from datetime import timedelta
from decimal import Decimal

import pytest

import bills
import money
import times
from answers import ok
from bills import negative_yuan, yuan
from world import BALANCE_ARRIVAL, FUNDS, ORDER, SHARING, USD_RATE

ID = "Wechat refund number(refund_id)"
SOURCE = "Refund source"
SOURCE_AMOUNT = "Refund source amount"
FEE = "Refund source fee in CNY"
SETTLED = "Refund source settlement amount"
SETTLED_FEE = "Refund source fee in settlement currency type"


def bill_of(world, party, day, **query):
    return bills.parse(bills.download(world.client, party.caller, world.refund_bill(party, day, **query)))


def next_day_s_bill(world, party, **query):
    """The bill of today, fetched tomorrow at ten."""
    day = world.today()
    world.to_next_morning()
    return bill_of(world, party, day, **query)


# ---- the layout ----


def test_the_layout(world, party):
    world.refunded(world.paid(party, 1000), 1000)
    world.forward(BALANCE_ARRIVAL)
    bill = next_day_s_bill(world, party)
    assert bill.blocks == [bills.REFUND_COLUMNS, bills.REFUND_SUMMARY_COLUMNS]  # details first
    assert len(bill.header) == 20


# ---- the cells ----


def test_every_cell_of_a_plain_refund(world, party):
    """888 of 1 000 fen at 0.60 %: the fee is 6, 5.328 of it comes back: 5. In USD at 6.5: 1.37 and 0.01 (0.77 cents)."""
    order = world.paid(party, 1000)
    applied = world.now()
    refund = world.refunded(order, 888)
    world.forward(BALANCE_ARRIVAL)
    lines = next_day_s_bill(world, party).of(ID, refund["id"])
    assert lines == [
        {
            "Refund apply time": times.in_bill(applied),
            "Refund success time": times.in_bill(applied + BALANCE_ARRIVAL),
            "Wechat refund number(refund_id)": refund["id"],
            "Vendor refund number(out_refund_no)": refund["out_refund_no"],
            "Wechat order number(transaction_id)": order.transaction_id,
            "Vendor order number(out_transaction_id)": order.out_trade_no,
            "Refund amount(refund_fee)": "8.88",
            "Currency type": "CNY",
            "Coupon refund amount": "0.00",
            "Payer's refund amount": "8.88",
            "Payer's refund currency type": "CNY",
            "Rate": "0.60%",
            "Refund source": "ORDER_REFUNDABLE_BALANCE",
            "Refund source type": "PACKAGE",
            "Refund source amount": "8.88",
            "Refund source fee in CNY": "-0.05",
            "Refund settlement currency type": "USD",
            "Refund exchange rate": "650000000",
            "Refund source settlement amount": "1.37",
            "Refund source fee in settlement currency type": "-0.01",
        }
    ]


def test_a_refund_from_two_sources_has_two_lines(world, mode):
    """The vendor's 1 %: 80.00 of 100.00, 50.00 from the order (fee 0.50) and 30.00 by advance (fee 0.30); USD at 7.0."""
    party = world.new_party(mode, fee_rate=100)
    order = world.paid(party, 10000, settlement_rate=700000000)
    world.send_outbound(order, 4950)
    refund = world.refunded(order, 8000, sources=[(FUNDS, 3000), (ORDER, 5000)])
    world.forward(BALANCE_ARRIVAL)
    lines = next_day_s_bill(world, party).of(ID, refund["id"])
    assert [line[SOURCE] for line in lines] == [ORDER, FUNDS]
    assert [line[SOURCE_AMOUNT] for line in lines] == ["50.00", "30.00"]
    assert [line[FEE] for line in lines] == ["-0.50", "-0.30"]
    assert [line[SETTLED] for line in lines] == ["7.14", "4.29"]  # 714.29 and 428.57 cents
    assert [line[SETTLED_FEE] for line in lines] == ["-0.07", "-0.04"]  # 7.14 and 4.29 cents
    repeated = bills.REFUND_COLUMNS[:12]
    assert [lines[0][name] for name in repeated] == [lines[1][name] for name in repeated]
    assert lines[0]["Refund amount(refund_fee)"] == "80.00" and lines[0]["Rate"] == "1.00%"


def test_a_refund_by_advance_alone(world, party):
    order = world.paid(party, 10000)
    world.unfreeze(order)
    refund = world.refunded(order, 5000, sources=[(FUNDS, 5000)])
    world.forward(BALANCE_ARRIVAL)
    (line,) = next_day_s_bill(world, party).of(ID, refund["id"])
    assert (line[SOURCE], line[SOURCE_AMOUNT], line[FEE]) == (FUNDS, "50.00", "-0.30")


def test_settled_in_cny_is_as_in_cny(world, mode):
    party = world.new_party(mode, settlement_currency="CNY")
    refund = world.refunded(world.paid(party, 10000, settlement_rate=None), 3333)
    world.forward(BALANCE_ARRIVAL)
    (line,) = next_day_s_bill(world, party).of(ID, refund["id"])
    assert line["Refund settlement currency type"] == "CNY"
    assert (line[SOURCE_AMOUNT], line[FEE]) == (line[SETTLED], line[SETTLED_FEE]) == ("33.33", "-0.20")


def test_a_settlement_currency_without_decimals(world, mode):
    """33.33 CNY at 0.05 for a yen: 666.6 yen; the fee 0.20: 4 yen. All amounts have two decimals in the file."""
    party = world.new_party(mode, settlement_currency="JPY")
    refund = world.refunded(world.paid(party, 10000, settlement_rate=5000000), 3333)
    world.forward(BALANCE_ARRIVAL)
    (line,) = next_day_s_bill(world, party).of(ID, refund["id"])
    assert (line["Refund settlement currency type"], line["Refund exchange rate"]) == ("JPY", "5000000")
    assert (line[SETTLED], line[SETTLED_FEE]) == ("667.00", "-4.00")


def test_zero_is_written_only_where_it_is_zero(world, party):
    """1 fen of 1 000: no fee comes back, and 0.15 cents are none."""
    refund = world.refunded(world.paid(party, 1000), 1)
    world.forward(BALANCE_ARRIVAL)
    (line,) = next_day_s_bill(world, party).of(ID, refund["id"])
    assert (line[SOURCE_AMOUNT], line[FEE], line[SETTLED], line[SETTLED_FEE]) == ("0.01", "-0.00", "0.00", "-0.00")


@pytest.mark.parametrize("kind,source_fee", [("COUPON", "-0.30"), ("DISCOUNT", "-0.27")])
def test_a_refund_with_a_voucher(world, party, kind, source_fee):
    """Half of 100.00 with a voucher of 10.00: 5.00 of the voucher and 45.00 to the payer. A DISCOUNT bears no fee."""
    coupon = {"type": kind, "scope": "GLOBAL", "amount": 1000, "promotion_id": "109519"}
    refund = world.refunded(world.paid(party, 10000, coupon=coupon), 5000)
    world.forward(BALANCE_ARRIVAL)
    (line,) = next_day_s_bill(world, party).of(ID, refund["id"])
    assert line["Refund amount(refund_fee)"] == "50.00"
    assert line["Coupon refund amount"] == "5.00"
    assert (line["Payer's refund amount"], line["Payer's refund currency type"]) == ("45.00", "CNY")
    assert (line[SOURCE_AMOUNT], line[FEE]) == ("50.00", source_fee)


def test_a_discount_is_refunded_and_never_settled(world, mode):
    """100.00 with a DISCOUNT of 50.00 at 0.6 %: 50.00 are settled, the fee is 0.30, and 40.00 go outbound. The refund of all takes 19.52 from the
    order, 9.76 of it settled with a fee of 0.06, and 80.48 by advance, 40.24 of it settled with a fee of 0.24. 9.76 are 1.50 USD, 40.24 are 6.19:
    the 50.00 that were 7.69 USD when they were paid."""
    party = world.new_party(mode)
    coupon = {"type": "DISCOUNT", "scope": "SINGLE", "amount": 5000, "promotion_id": "109520"}
    order = world.paid(party, 10000, coupon=coupon)
    world.send_outbound(order, 4000)
    refund = world.refunded(order, 10000, sources=[(ORDER, 1952), (FUNDS, 8048)])
    world.forward(BALANCE_ARRIVAL)
    bill = next_day_s_bill(world, party)
    told = [[line[name] for name in (SOURCE_AMOUNT, FEE, SETTLED, SETTLED_FEE)] for line in bill.of(ID, refund["id"])]
    assert told == [["19.52", "-0.06", "1.50", "-0.01"], ["80.48", "-0.24", "6.19", "-0.04"]]
    assert list(bill.summary.values()) == ["USD", "1", "100.00", "50.00", "100.00", "-0.30", "7.69", "-0.05"]


def test_what_was_all_discount_is_settled_with_nothing(world, mode):
    """An order of 100.00, of which a DISCOUNT paid 100.00 but a fen: half of it gives 50.00 of the voucher back, and 0.00 of money."""
    party = world.new_party(mode, settlement_currency="CNY")
    coupon = {"type": "DISCOUNT", "scope": "SINGLE", "amount": 9999, "promotion_id": "109520"}
    refund = world.refunded(world.paid(party, 10000, coupon=coupon, settlement_rate=None), 5000)
    world.forward(BALANCE_ARRIVAL)
    (line,) = next_day_s_bill(world, party).of(ID, refund["id"])
    assert (line["Coupon refund amount"], line["Payer's refund amount"]) == ("49.99", "0.01")
    assert [line[name] for name in (SOURCE_AMOUNT, FEE, SETTLED, SETTLED_FEE)] == ["50.00", "-0.00", "0.01", "-0.00"]


def test_a_line_of_the_overview_for_each_settlement_currency(world, mode):
    """Paid in USD at 6.5, then the merchant changes to JPY at 0.05: 10.00 CNY are 1.54 USD or 200 yen; the fee is 0.06: 0.01 USD or 1.2 yen."""
    party = world.new_party(mode)
    world.refunded(world.paid(party, 1000), 1000)
    world.control.change_merchant(party.sponsor, settlement_currency="JPY")
    world.refunded(world.paid(party, 1000, settlement_rate=5000000), 1000)
    world.refunded(world.paid(party, 1000, settlement_rate=5000000), 500)
    world.forward(BALANCE_ARRIVAL)
    bill = next_day_s_bill(world, party)
    assert [list(line.values()) for line in bill.overview] == [
        ["USD", "1", "10.00", "0.00", "10.00", "-0.06", "1.54", "-0.01"],
        ["JPY", "2", "15.00", "0.00", "15.00", "-0.09", "300.00", "-2.00"],
    ]


# ---- which refunds ----


def test_the_day_of_success_counts_not_that_of_the_application(world, party):
    order = world.paid(party, 1000)
    world.to(times.at(world.today(), "23:50:00"))
    evening = world.refunded(order, 400)
    day = world.today()
    world.to(times.at(day + timedelta(days=1), "00:15:00"))
    morning = world.refunded(order, 600)
    world.to(times.at(day + timedelta(days=2)))
    bill = bill_of(world, party, day + timedelta(days=1))
    assert {line[ID] for line in bill.lines} >= {evening["id"], morning["id"]}
    assert bill.of(ID, evening["id"])[0]["Refund apply time"] == f"{day} 23:50:00"
    assert bill.of(ID, evening["id"])[0]["Refund success time"] == f"{day + timedelta(days=1)} 00:10:00"


@pytest.mark.parametrize("clock,days", [("23:39:59", 0), ("23:40:00", 1)])
def test_a_beijing_day_ends_at_midnight(world, mode, clock, days):
    """Success at 23:59:59 is this day's, at 00:00:00 the next one's."""
    party = world.new_party(mode)
    order = world.paid(party, 1000)
    day = world.today()
    world.to(times.at(day, clock))
    refund = world.refunded(order, 1000)
    world.to(times.at(day + timedelta(days=2)))
    assert [line[ID] for line in bill_of(world, party, day + timedelta(days=days)).lines] == [refund["id"]]
    assert world.refund_bill(party, day + timedelta(days=1 - days)).json["code"] == "NO_STATEMENT_EXIST"


def test_only_what_succeeded_and_only_of_marked_orders(world, mode):
    party = world.new_party(mode)
    arrived = world.refunded(world.paid(party, 1000), 1000)
    closed = world.refunded(world.paid(party, 1000), 1000)
    world.control.set_outcome(closed["id"], "REFUNDCLOSE")
    abnormal = world.refunded(world.paid(party, 1000, payer="debit"), 1000)
    world.control.set_outcome(abnormal["id"], "ABNORMAL")
    on_its_way = world.refunded(world.paid(party, 1000, payer="credit"), 1000)
    unmarked = world.refunded(world.paid(party, 1000, marked=False), 1000)
    world.forward(BALANCE_ARRIVAL)
    for refund in (arrived, unmarked):
        assert ok(world.refund_by_number(party, refund["out_refund_no"]))["status"] == "SUCCESS"
    assert ok(world.refund_by_number(party, on_its_way["out_refund_no"]))["status"] == "PROCESSING"
    assert [line[ID] for line in next_day_s_bill(world, party).lines] == [arrived["id"]]


def test_a_card_refund_is_in_the_bill_of_its_arrival(world, mode):
    party = world.new_party(mode)
    world.to(times.at(times.next_weekday(world.today(), 1)))
    monday = world.today()
    refund = world.refunded(world.paid(party, 1000, payer="credit"), 1000)
    thursday = monday + timedelta(days=3)
    world.to(times.at(thursday + timedelta(days=1)))
    assert [line[ID] for line in bill_of(world, party, thursday).lines] == [refund["id"]]
    assert world.refund_bill(party, monday).json["code"] == "NO_STATEMENT_EXIST"


# ---- sums ----


def varied_refunds(world, party):
    """Refunds of many kinds that all arrive today. Gives what to expect: id -> (source, share) parts, voucher share."""
    expected = {}

    def refund(order, account, order_gross, funds_gross=0):
        shares = list(zip((ORDER, FUNDS), account.refund(order_gross, funds_gross)))
        parts = [(source, share) for source, share in shares if share.gross]
        made = world.refunded(order, order_gross + funds_gross, sources=[(source, share.gross) for source, share in parts])
        expected[made["id"]] = (parts, sum(share.voucher for _, share in parts))

    for amount, pieces in ((1000, (1, 333, 666)), (9973, (17, 4001, 29)), (50, (50,))):
        order, account = world.paid(party, amount), money.Account(amount, 60)
        for piece in pieces:
            refund(order, account, piece)
    for kind in (money.COUPON, money.DISCOUNT):
        coupon = {"type": kind, "scope": "SINGLE", "amount": 777, "promotion_id": "109520"}
        order, account = world.paid(party, 10007, coupon=coupon), money.Account(10007, 60, 777, kind)
        refund(order, account, 3331)
        refund(order, account, 5)
    order, account = world.paid(party, 20000), money.Account(20000, 60)
    world.send_outbound(order, 15000)
    account.distributable -= 15000
    refund(order, account, 4000, 6001)
    refund(order, account, 0, 1499)
    return expected


def test_every_line_and_the_summary_by_an_independent_reckoning(world, mode):
    party = world.new_party(mode)
    expected = varied_refunds(world, party)
    world.forward(BALANCE_ARRIVAL)
    bill = next_day_s_bill(world, party)
    assert {line[ID] for line in bill.lines} == set(expected)
    total = dict.fromkeys(bills.REFUND_SUMMARY_COLUMNS[1:], Decimal(0))
    for refund_id, (parts, voucher) in expected.items():
        lines = bill.of(ID, refund_id)
        assert [(line[SOURCE], line[SOURCE_AMOUNT], line[FEE]) for line in lines] == [
            (source, yuan(share.gross), negative_yuan(share.fee)) for source, share in parts
        ]
        for line, (_, share) in zip(lines, parts):
            assert line["Refund amount(refund_fee)"] == yuan(sum(part.gross for _, part in parts))
            assert line["Coupon refund amount"] == yuan(voucher)
            assert line[SETTLED] == yuan(money.converted(share.settled, USD_RATE))
            assert line[SETTLED_FEE] == negative_yuan(money.converted(share.fee, USD_RATE))
        total["Total refund count"] += 1
        total["Total refund amount"] += Decimal(lines[0]["Refund amount(refund_fee)"])
        total["Total coupon refund amount"] += Decimal(lines[0]["Coupon refund amount"])
        total["Total refund source amount"] += sum(Decimal(line[SOURCE_AMOUNT]) for line in lines)
        total["Total refund source fee in CNY"] += sum(Decimal(line[FEE]) for line in lines)
        total["Total refund source settlement amount"] += sum(Decimal(line[SETTLED]) for line in lines)
        total["Total refund source fee in settlement currency"] += sum(Decimal(line[SETTLED_FEE]) for line in lines)
    assert bill.summary.pop("Settlement currency type") == "USD"
    assert {name: Decimal(value) for name, value in bill.summary.items()} == total
    assert bill.summary["Total refund count"] == str(len(expected))  # two sources count once


def test_the_bill_agrees_with_the_refund_query(demo, mode):
    """Each line of the demo book's bill against what the query of that refund says."""
    party = demo.party(mode)
    bill = bill_of(demo, party, demo["BILL_DATE"], sub_mchid=None)
    assert bill.lines
    for line in bill.lines:
        shown = find_refund(demo, party, line)
        amount = shown["amount"]
        assert line["Refund apply time"] == times.in_bill(times.read(shown["create_time"]))
        assert line["Refund success time"] == times.in_bill(times.read(shown["success_time"]))
        assert line["Refund success time"].startswith(demo["BILL_DATE"])
        assert line["Wechat order number(transaction_id)"] == shown["transaction_id"]
        assert line["Vendor order number(out_transaction_id)"] == shown["out_trade_no"]
        assert line["Refund amount(refund_fee)"] == yuan(amount["refund"])
        assert line["Currency type"] == amount["currency"] == "CNY"
        assert line["Payer's refund currency type"] == amount["payer_currency"]
        assert line["Coupon refund amount"] == yuan(sum(one["refund_amount"] for one in shown.get("detail", [])))
        parts = [Decimal(one[SOURCE_AMOUNT]) for one in bill.of(ID, line[ID])]
        assert sum(parts) == Decimal(amount["refund"]) / 100


def find_refund(demo, party, line):
    """The refund of this line, under whichever child it is."""
    candidates = [party] if party.mode == "direct" else [demo.institution, demo.other_child]
    found = [demo.refund_by_number(one, line["Vendor refund number(out_refund_no)"]) for one in candidates]
    matching = [answer.json for answer in found if answer.status == 200 and answer.json["id"] == line[ID]]
    assert len(matching) == 1
    return matching[0]


def test_the_demo_bill_has_all_kinds(demo):
    """Both children, a refund from two sources, one with a voucher."""
    bill = bill_of(demo, demo.institution, demo["BILL_DATE"], sub_mchid=None)
    for child in (demo.institution, demo.other_child):
        assert bill_of(demo, child, demo["BILL_DATE"]).lines
    assert any({line[SOURCE] for line in bill.of(ID, one[ID])} == {ORDER, FUNDS} for one in bill.lines)
    assert any(Decimal(line["Coupon refund amount"]) > 0 for line in bill.lines)
    assert {line["Refund source type"] for line in bill.lines} == {"PACKAGE"}


def test_the_link_needs_no_child_but_may_name_one(demo):
    path = f"{SHARING}/refunds/bill-download-url"
    whole = ok(demo.client.get(demo.institution.caller, path, {"bill_date": demo["BILL_DATE"]}))
    part = ok(demo.client.get(demo.institution.caller, path, {"bill_date": demo["BILL_DATE"], "sub_mchid": demo["SUB_MCHID"]}))
    assert whole["download_url"] != part["download_url"]
