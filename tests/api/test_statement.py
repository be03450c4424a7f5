"""The transaction statement: GET /v3/global/statements and /hk/v3/statements.

answers.check verifies of every one that the header's SHA-1 is the file's and that the signature covers {"sha1":"…"}.
"""

import gzip
import hashlib
import zlib
from datetime import timedelta
from decimal import Decimal

import pytest
import requests

import bills
import client
import times
from answers import Answer, check, refused, refused_parameter
from bills import yuan
from world import BALANCE_ARRIVAL, FUNDS, ORDER

NONE = (400, "NO_STATEMENT_EXIST", "no payment and no refund on that day")
CREATING = (400, "STATEMENT_CREATING", "Generating the bill")
ORDER_NO, REFUND_NO = "WeChat order No.", "WeChat refund No."


def statement_of(world, party, day, **query):
    answer = world.statement(party, day, **query)
    assert answer.status == 200, str(answer)
    return bills.parse(answer.body)


def next_day_s(world, party, **query):
    """The statement of today, fetched tomorrow at ten."""
    day = world.today()
    world.to_next_morning()
    return statement_of(world, party, day, **query)


def fetched_raw(world, party, day, method="GET", **headers):
    """(answer as an Answer, bytes as they came over the wire): what requests decompresses by itself is left as it is."""
    target = client.target_of("/v3/global/statements", {**party.in_payment(), "date": f"{day:%Y%m%d}"})
    sent = {"Accept": "*/*", "User-Agent": "raw", "Authorization": client.authorization(party.caller, method, target)}
    sent["Accept-Encoding"] = headers.get("encoding", "identity")
    with requests.request(method, world.program.api + target, headers=sent, stream=True, timeout=30) as response:
        wire = response.raw.read(decode_content=False)
        plain = gzip.decompress(wire) if response.headers.get("Content-Encoding") == "gzip" and wire else wire
        answer = Answer(method, target, response.status_code, list(response.raw.headers.items()), plain)
    check(answer, world.client.platform)
    return answer, wire


@pytest.fixture
def traded(world, mode):
    """(party, day): a new party's only trade was a payment of yesterday; it is 10:00."""
    party = world.new_party(mode)
    world.paid(party, 1000, marked=False)
    day = world.today()
    world.to_next_morning()
    return party, day


# ---- the file ----


def test_the_layout(world, traded, prefix):
    party, day = traded
    bill = statement_of(world, party, day, prefix=prefix)
    assert bill.blocks == [bills.STATEMENT_COLUMNS, bills.STATEMENT_SUMMARY_COLUMNS]
    assert len(bill.header) == 38
    assert len(bill.lines) == 1


def test_every_cell_of_a_payment(world, party):
    """1 000 fen at 0.60 % settled in USD at 6.5: 153.85 cents, 154; net of the fee of 6 fen 152.92, 153: so 1 cent of fee."""
    made = world.now()
    order = world.paid(party, 1000, marked=False, out_trade_no=world.number("ORDER"))
    lines = next_day_s(world, party).of(ORDER_NO, order.transaction_id)
    assert lines == [
        {
            "Transaction time": times.in_bill(made),
            "Official Account ID": "",
            "Vendor ID": party.sponsor,
            "Sub vendor ID": party.sub_mchid or "",
            "Device No.": "",
            "WeChat order No.": order.transaction_id,
            "Vendor order No.": order.out_trade_no,
            "User identifier": "",
            "Transaction type": "NATIVE",
            "Transaction status": "SUCCESS",
            "Payment bank": "OTHERS",
            "Top-up voucher currency": "",
            "Top-up voucher amount": "0.00",
            "Voucher currency": "",
            "Voucher amount": "0.00",
            "WeChat refund No.": "",
            "Merchant refund No.": "",
            "Refund type": "",
            "Refund status": "",
            "Commodity name": "Sandbox payment",
            "Merchant data package": "",
            "Service fee": "0.01",
            "Rate": "0.60%",
            "Priced currency": "CNY",
            "Order amount (priced currency)": "10.00",
            "User payment currency": "CNY",
            "User payment amount": "10.00",
            "Settlement currency": "USD",
            "Settlement order amount": "1.54",
            "Payment exchange rate": "650000000",
            "Refund exchange rate": "",
            "Requested refund amount": "0.00",
            "User refund currency": "",
            "User refund amount": "0.00",
            "Refund settlement currency": "",
            "Refund settlement amount": "0.00",
            "Top-up voucher refund amount": "0.00",
            "Voucher refund amount": "0.00",
        }
    ]


def test_what_was_ordered_through_the_api_is_told(world, party):
    number = world.number("ORDER")
    assert world.native(party, number, 700, description="a cup, of tea", attach="table 4").status == 200
    world.control.pay(number, mchid=party.sponsor)
    (line,) = next_day_s(world, party).of("Vendor order No.", number)
    assert line["Official Account ID"] == "wx8888888888888888"
    assert (line["Commodity name"], line["Merchant data package"]) == ("a cup, of tea", "table 4")


def test_every_cell_of_a_refund(world, party):
    """888 of those 1 000 fen: 136.62 cents, 137; fee 5 of the 883 + 5: 883 are 135.85, 136, so 1 cent of fee comes back."""
    order = world.paid(party, 1000, marked=False)
    world.forward(minutes=1)
    accepted = world.now()
    refund = world.refunded(order, 888)
    world.forward(BALANCE_ARRIVAL)
    (line,) = next_day_s(world, party).of(REFUND_NO, refund["id"])
    assert {name: value for name, value in line.items() if value not in ("", "0.00")} == {
        "Transaction time": times.in_bill(accepted),
        "Vendor ID": party.sponsor,
        **({"Sub vendor ID": party.sub_mchid} if party.sub_mchid else {}),
        "WeChat order No.": order.transaction_id,
        "Vendor order No.": order.out_trade_no,
        "Transaction type": "NATIVE",
        "Transaction status": "REFUND",
        "Payment bank": "OTHERS",
        "WeChat refund No.": refund["id"],
        "Merchant refund No.": refund["out_refund_no"],
        "Refund type": "ORIGINAL",
        "Refund status": "SUCCESS",
        "Commodity name": "Sandbox payment",
        "Service fee": "-0.01",
        "Rate": "0.60%",
        "Priced currency": "CNY",
        "User payment currency": "CNY",
        "Settlement currency": "USD",
        "Refund exchange rate": "650000000",
        "Requested refund amount": "8.88",
        "User refund currency": "CNY",
        "User refund amount": "8.88",
        "Refund settlement currency": "USD",
        "Refund settlement amount": "1.37",
    }


@pytest.mark.parametrize("kind,columns", [("COUPON", "Top-up voucher"), ("DISCOUNT", "Voucher")])
def test_vouchers(world, party, kind, columns):
    """10.00 off 100.00, half of it refunded: 5.00 of the voucher. A DISCOUNT is not settled: 90.00 and 45.00 at 6.5."""
    coupon = {"type": kind, "scope": "GLOBAL", "amount": 1000, "promotion_id": "109519"}
    order = world.paid(party, 10000, marked=False, coupon=coupon)
    refund = world.refunded(order, 5000)
    payment, back = next_day_s(world, party).of(ORDER_NO, order.transaction_id)
    other = {"Top-up voucher": "Voucher", "Voucher": "Top-up voucher"}[columns]
    assert back[REFUND_NO] == refund["id"]
    assert (payment[f"{columns} currency"], payment[f"{columns} amount"]) == ("CNY", "10.00")
    assert (payment[f"{other} currency"], payment[f"{other} amount"]) == ("", "0.00")
    assert (back[f"{columns} currency"], back[f"{columns} amount"]) == ("CNY", "0.00")
    assert (back[f"{other} currency"], back[f"{other} amount"]) == ("", "0.00")
    assert payment["User payment amount"] == "90.00"
    assert (back[f"{columns} refund amount"], back[f"{other} refund amount"]) == ("5.00", "0.00")
    assert back["User refund amount"] == "45.00"
    settled = {"COUPON": ("15.38", "7.69"), "DISCOUNT": ("13.85", "6.92")}[kind]
    assert (payment["Settlement order amount"], back["Refund settlement amount"]) == settled


def test_an_order_in_yen(world, mode):
    """1 000 yen at 0.05 are 50.00 CNY; fee 0.30; settled in yen again: 1 000, and 994 without the fee. No yen has hundredths."""
    party = world.new_party(mode, settlement_currency="JPY")
    order = world.paid(party, 1000, marked=False, currency="JPY", payer_currency="JPY", settlement_rate=5000000)
    (line,) = next_day_s(world, party).of(ORDER_NO, order.transaction_id)
    assert (line["Priced currency"], line["Order amount (priced currency)"]) == ("JPY", "1000.00")
    assert (line["Settlement currency"], line["Settlement order amount"], line["Service fee"]) == ("JPY", "1000.00", "6.00")
    assert line["Payment exchange rate"] == "100000000"  # priced as settled


def test_a_refund_from_two_sources_is_one_line(world, party):
    order = world.paid(party, 10000)
    world.send_outbound(order, 4970)
    refund = world.refunded(order, 8000, sources=[(ORDER, 5000), (FUNDS, 3000)])
    (line,) = next_day_s(world, party).of(REFUND_NO, refund["id"])
    assert line["Requested refund amount"] == "80.00"


# ---- which trades, and when ----


def test_all_orders_are_in_it_marked_or_not(world, mode):
    party = world.new_party(mode)
    orders = [world.paid(party, 1000, marked=marked, frozen=False) for marked in (True, False)]
    unpaid = world.number("ORDER")
    assert world.native(party, unpaid, 500).status == 200
    bill = next_day_s(world, party)
    assert [line[ORDER_NO] for line in bill.lines] == [order.transaction_id for order in orders]


def test_a_payment_belongs_to_the_day_it_succeeded(world, mode):
    party = world.new_party(mode)
    number = world.number("ORDER")
    day = world.today()
    world.to(times.at(day, "23:30:00"))
    assert world.native(party, number, 500).status == 200
    world.to(times.midnight(day + timedelta(days=1)) - timedelta(seconds=1))
    last = world.paid(party, 100, marked=False)
    world.to(times.midnight(day + timedelta(days=1)))
    world.control.pay(number, mchid=party.sponsor)
    world.to(times.at(day + timedelta(days=2)))
    assert [line[ORDER_NO] for line in statement_of(world, party, day).lines] == [last.transaction_id]
    assert [line["Vendor order No."] for line in statement_of(world, party, day + timedelta(days=1)).lines] == [number]


def test_a_refund_belongs_to_the_day_of_its_acceptance_and_its_state_is_that_at_the_end_of_it(world, mode):
    """Twenty minutes to arrive: at 23:39:59 it is over in time, at 23:40:00 it is not; and that is never told otherwise."""
    party = world.new_party(mode)
    orders = [world.paid(party, 1000, marked=False, frozen=False) for _ in range(2)]
    day = world.today()
    refunds = []
    for order, clock in zip(orders, ("23:39:59", "23:40:00")):
        world.to(times.at(day, clock))
        refunds.append(world.refunded(order, 1000))
    world.to(times.at(day + timedelta(days=5)))
    states = {line[REFUND_NO]: line["Refund status"] for line in statement_of(world, party, day).lines}
    assert [states[refund["id"]] for refund in refunds] == ["SUCCESS", "PROCESSING"]
    refused(world.statement(party, day + timedelta(days=1)), *NONE)


def test_closed_and_abnormal_refunds_as_they_stood_at_the_end_of_the_day(world, mode):
    party = world.new_party(mode)
    orders = [world.paid(party, 1000, marked=False, payer="debit") for _ in range(4)]
    refunds = [world.refunded(order, 500) for order in orders]
    early, stuck, late, mended = refunds
    world.control.set_outcome(early["id"], "REFUNDCLOSE")
    world.control.set_outcome(stuck["id"], "ABNORMAL")
    world.control.set_outcome(mended["id"], "ABNORMAL")
    day = world.today()
    world.to_next_morning()
    world.control.set_outcome(late["id"], "REFUNDCLOSE")
    world.control.set_outcome(mended["id"], "SUCCESS", channel="OTHER_BANKCARD")
    lines = {line[REFUND_NO]: line for line in statement_of(world, party, day).lines if line[REFUND_NO]}
    told = [lines[refund["id"]]["Refund status"] for refund in refunds]
    assert told == ["REFUNDCLOSE", "ABNORMAL", "PROCESSING", "ABNORMAL"]
    assert lines[mended["id"]]["Refund type"] == "ORIGINAL"  # that it was a card is a later day's news


def test_how_a_refund_was_paid_back(world, mode):
    party = world.new_party(mode)
    refund = world.refunded(world.paid(party, 1000, marked=False), 500)
    world.control.set_outcome(refund["id"], "SUCCESS", channel="BALANCE")
    (line,) = next_day_s(world, party).of(REFUND_NO, refund["id"])
    assert (line["Refund type"], line["Refund status"]) == ("BALANCE", "SUCCESS")


def test_a_day_is_out_from_10_on_the_next(world, mode):
    party = world.new_party(mode)
    world.paid(party, 1000, marked=False)
    day = world.today()
    refused(world.statement(party, day), *CREATING)
    ten = times.at(day + timedelta(days=1))
    world.to(ten - timedelta(seconds=1))
    refused(world.statement(party, day), *CREATING)
    world.to(ten)
    assert world.statement(party, day).status == 200


def test_a_day_without_trades(world, mode, prefix):
    party = world.new_party(mode)
    day = world.today()
    world.to(times.at(day + timedelta(days=1)) - timedelta(seconds=1))
    refused(world.statement(party, day, prefix=prefix), *CREATING)
    world.forward(seconds=1)
    refused(world.statement(party, day, prefix=prefix), *NONE)


def test_statements_of_the_last_180_days(world, traded):
    party, day = traded
    world.to(times.at(day + timedelta(days=180), "23:59:59"))
    assert world.statement(party, day).status == 200
    world.forward(seconds=1)
    refused(world.statement(party, day), 400, "NO_STATEMENT_EXIST", "statements within 180 days")


def test_tomorrow_has_no_statement(world, party):
    tomorrow = f"{world.today() + timedelta(days=1):%Y%m%d}"
    refused_parameter(world.statement(party, tomorrow), "date", "query", tomorrow)


@pytest.mark.parametrize("date", ["", "2026-01-05", "2026015", "20260230", "20261301", "2026010x", "202601051"])
def test_the_form_of_date(world, party, date):
    refused_parameter(world.statement(party, date), "date", "query", date)


def test_date_is_required(world, party):
    refused_parameter(world.statement(party, "", date=None), "date", "query")


# ---- whose ----


def test_an_institution_s_statement_has_all_its_children(world):
    first = world.new_institution()
    second, third = world.new_child(first), world.new_child(first)
    orders = [world.paid(party, 1000, marked=False) for party in (first, second)]
    day = world.today()
    world.to_next_morning()
    whole = statement_of(world, first, day, sub_mchid=None)
    assert {(line["Sub vendor ID"], line[ORDER_NO]) for line in whole.lines} == {
        (order.party.sub_mchid, order.transaction_id) for order in orders
    }
    for order in orders:
        assert [line[ORDER_NO] for line in statement_of(world, order.party, day).lines] == [order.transaction_id]
    refused(world.statement(third, day), *NONE)


def test_another_merchant_s_trades_are_not_in_it(world, mode, traded):
    _, day = traded
    refused(world.statement(world.new_party(mode), day), *NONE)


def test_relations(world, institution, direct):
    day = world.today() - timedelta(days=1)
    stranger = world.new_institution()
    refused(world.statement(institution, day, sub_mchid=stranger.sub_mchid), 403, "NO_AUTH", "parent-child")
    refused(world.statement(institution, day, sp_mchid=stranger.sponsor), 401, "SIGN_ERROR")
    refused(world.statement(direct, day, mchid=None, sp_mchid=direct.sponsor), 403, "NO_AUTH", "parent-child")
    refused_parameter(world.statement(direct, day, mchid=None), "mchid", "query")
    refused_parameter(world.statement(institution, day, sp_mchid=None, sub_mchid=None), "sp_mchid", "query")
    alone = world.statement(institution, day, sp_mchid=None, sub_mchid=None, mchid=institution.sponsor)
    refused_parameter(alone, "sp_mchid", "query")
    refused_parameter(world.statement(direct, day, sp_mchid="1900000001"), "mchid", "query")


def test_no_distribution_contract_is_needed(world, mode):
    party = world.new_party(mode, contract_date=None)
    order = world.paid(party, 1000, marked=False)
    assert next_day_s(world, party).lines[0][ORDER_NO] == order.transaction_id


# ---- over the wire ----


def test_the_sha1_is_signed_and_is_the_file_s(world, traded):
    """By hand, beside what is checked of every answer."""
    party, day = traded
    answer, wire = fetched_raw(world, party, day)
    assert answer.header("Content-Type").startswith("text/plain")
    assert answer.header("Content-Encoding") is None
    assert wire.startswith(bills.BYTE_ORDER_MARK)
    assert answer.header("Wechatpay-Statement-Sha1") == hashlib.sha1(wire).hexdigest()
    assert int(answer.header("Content-Length")) == len(wire)


@pytest.mark.parametrize(
    "encoding,compressed",
    [("gzip", True), ("deflate, GZIP;q=0.5", True), ("gzip;q=0", False), ("br", False), ("*", False)],
)
def test_gzip_for_who_asks_for_it(world, traded, encoding, compressed):
    """SHA-1 and signature stay those of the text."""
    party, day = traded
    plain, _ = fetched_raw(world, party, day)
    answer, wire = fetched_raw(world, party, day, encoding=encoding)
    assert answer.header("Content-Encoding") == ("gzip" if compressed else None)
    assert answer.body == plain.body
    assert answer.header("Wechatpay-Statement-Sha1") == plain.header("Wechatpay-Statement-Sha1")
    assert (wire != plain.body) == compressed
    assert int(answer.header("Content-Length")) == len(wire)


def test_a_refusal_is_not_compressed(world, party):
    target = client.target_of("/v3/global/statements", {**party.in_payment(), "date": f"{world.today():%Y%m%d}"})
    answer = world.client.send(party.caller, "GET", target, headers={"Accept-Encoding": "gzip"})
    refused(answer, *CREATING)
    assert answer.header("Content-Encoding") is None and answer.header("Wechatpay-Statement-Sha1") is None


def test_bills_are_never_compressed(world, party):
    """The pages on bills know of no gzip."""
    refund = world.refunded(world.paid(party, 1000), 1000)
    world.forward(BALANCE_ARRIVAL)
    day = world.today()
    world.to_next_morning()
    target = bills.link_target(world.refund_bill(party, day))
    answer = world.client.send(party.caller, "GET", target, headers={"Accept-Encoding": "gzip"})
    assert answer.header("Content-Encoding") is None and refund["id"].encode() in answer.body


def test_the_file_is_the_same_whenever_it_is_made(world, mode):
    """Refunds that arrive, are closed and closed again in between change nothing; nor does the compressed file change."""
    party = world.new_party(mode)
    orders = [world.paid(party, 1000, marked=False, payer="credit") for _ in range(3)]
    refunds = [world.refunded(order, 100) for order in orders]
    day = world.today()
    world.to_next_morning()
    first = [fetched_raw(world, party, day, encoding=encoding) for encoding in ("identity", "gzip")]
    world.control.set_outcome(refunds[0]["id"], "REFUNDCLOSE")
    world.control.set_outcome(refunds[1]["id"], "ABNORMAL")
    world.refunded(orders[0], 50)
    for made in (world.program.data / "bills").rglob("*"):
        if made.is_file():
            made.unlink()
    world.forward(days=20)
    second = [fetched_raw(world, party, day, encoding=encoding) for encoding in ("gzip", "identity")]
    assert [wire for _, wire in second] == [wire for _, wire in reversed(first)]
    assert zlib.crc32(first[0][1]) == int.from_bytes(first[1][1][-8:-4], "little")


def test_a_file_that_was_replaced_by_hand_has_its_own_sum(world, mode):
    """Neither the SHA-1 that was kept nor the compressed file is that of another text: answers.check looks at both."""
    party = world.new_party(mode)
    world.paid(party, 1000, marked=False)
    day = world.today()
    world.to_next_morning()
    _, first = fetched_raw(world, party, day, encoding="gzip")
    assert fetched_raw(world, party, day, encoding="gzip")[1] == first
    (made,) = (world.program.data / "bills").rglob(f"trades-{party.caller.mchid}-*.csv")
    other = made.read_bytes().replace(b"`10.00", b"`99.00")
    made.write_bytes(other)
    for encoding in ("gzip", "identity"):
        answer, wire = fetched_raw(world, party, day, encoding=encoding)
        assert (gzip.decompress(wire) if encoding == "gzip" else wire) == other


# ---- sums ----


def test_the_summary_and_that_columns_add_up(world, mode):
    party = world.new_party(mode)
    for amount in (1000, 9973, 50):
        order = world.paid(party, amount, marked=False)
        world.refunded(order, amount // 3)
    bill = next_day_s(world, party)

    def total(name):
        return sum(Decimal(line[name]) for line in bill.lines)

    assert bill.summary.pop("Settlement currency") == "USD"
    assert {name: Decimal(value) for name, value in bill.summary.items()} == {
        "Total payment count": 3,
        "Total refund count": 3,
        "Total settlement order amount": total("Settlement order amount"),
        "Total refund settlement amount": total("Refund settlement amount"),
        "Total service fee": total("Service fee"),
    }
    assert total("Order amount (priced currency)") == Decimal(yuan(1000 + 9973 + 50))
    assert total("Requested refund amount") == Decimal(yuan(333 + 3324 + 16))


def test_a_line_of_the_overview_for_each_settlement_currency(world, mode):
    """10.00 CNY at 6.5 are 1.54 USD, net 9.94 are 1.53; at 0.05 they are 200 yen, net 199 (198.8)."""
    party = world.new_party(mode)
    world.paid(party, 1000, marked=False)
    world.control.change_merchant(party.sponsor, settlement_currency="JPY")
    order = world.paid(party, 1000, marked=False, settlement_rate=5000000)
    world.refunded(order, 500)
    assert [list(line.values()) for line in next_day_s(world, party).overview] == [
        ["USD", "1", "0", "1.54", "0.00", "0.01"],
        ["JPY", "1", "1", "200.00", "100.00", "0.00"],
    ]


def test_values_are_those_of_the_trade(world, mode):
    """Commas stay, and are not quoted; only line ends become blanks."""
    party = world.new_party(mode)
    number = world.number("COMMA")
    name, attach = "WALMART HONG KONG CO.,LIMITED", '{"shop":7,"till":"a,b"}'
    assert world.native(party, number, 1000, description=name + "\r\nkettle", attach=attach).status == 200
    world.control.pay(number, mchid=party.sponsor)
    (line,) = next_day_s(world, party).lines
    assert (line["Commodity name"], line["Merchant data package"]) == (name + "  kettle", attach)


def test_a_reversal_is_revoked(world, party):
    """Paid by code and reversed on the same day: the payment, and the whole of it back."""
    number = world.number("CODE")
    assert world.by_code(party, number, 1000, f"134567{number[-11:]}0").status == 200
    assert world.reverse(party, number).status == 204
    paid, back = next_day_s(world, party).of("Vendor order No.", number)
    assert (paid["Transaction type"], paid["Transaction status"]) == ("MICROPAY", "SUCCESS")
    assert (back["Transaction status"], back["Refund status"], back["Requested refund amount"]) == ("REVOKED", "SUCCESS", "10.00")
