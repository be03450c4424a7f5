"""Settlement details: GET /v3/global/settle/settlements and /hk/v3/settle/settlements, and what they have to agree with."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

import bills
import money
import times
from answers import ok, refused, refused_parameter
from world import BALANCE_ARRIVAL, FUNDS, ORDER

ENOUGH = 1000000  # 10 000.00 CNY: 1 538.46 USD


def date(day):
    return f"{day:%Y%m%d}"


def waiting(world, party, **query):
    return ok(world.settlements(party, "UNSETTLE", **query))["data"]


def paid_out(world, party, start, end=None, **query):
    return ok(world.settlements(party, "SETTLED", start, end or start + timedelta(days=30), **query))["data"]


@pytest.fixture
def weekday(world):
    """A Tuesday forenoon: its trades can be paid out on Wednesday."""
    world.to(times.at(times.next_weekday(world.today(), 2)))
    return world.today()


@pytest.fixture
def sold(world, mode, weekday):
    """(party, day): a new party has sold for enough on that Tuesday; it is Wednesday, five past ten."""
    party = world.new_party(mode)
    world.paid(party, ENOUGH, marked=False)
    world.to_next_morning("10:05:00")
    return party, weekday


# ---- one batch ----


def test_a_batch(world, sold, prefix):
    """10 000.00 at 0.60 %, in USD at 6.5: 1 538.46; net 9 940.00 are 1 529.23, so the fee is 9.23."""
    party, day = sold
    (batch,) = paid_out(world, party, day, prefix=prefix)
    assert batch == {
        "batch_id": f"{date(day + timedelta(days=1))}001",
        "settlement_date": date(day + timedelta(days=1)),
        "trade_start_date": date(day),
        "trade_end_date": date(day),
        "amount": {
            "settled": 152923,
            "unsettle": 0,
            "currency": "USD",
            "pay": 153846,
            "refund": 0,
            "net": 153846,
            "fee": 923,
        },
        "wallet_region": "CHINA_MAINLAND",
        "split_amount": {"settled": 0, "unsettle": 0, "currency": "USD", "pay": 0, "refund": 0},
    }


def test_before_the_payout(world, mode, weekday):
    """Converted at midnight, paid out at ten; before that there is neither a batch nor a date."""
    party = world.new_party(mode)
    order = world.paid(party, ENOUGH, marked=False)
    world.refunded(order, ENOUGH // 2)
    assert waiting(world, party) == []
    world.to(times.midnight(weekday + timedelta(days=1)))
    (batch,) = waiting(world, party)
    assert (batch["batch_id"], batch["settlement_date"]) == ("", "")
    assert (batch["trade_start_date"], batch["trade_end_date"]) == (date(weekday), date(weekday))
    amount = batch["amount"]
    assert (amount["pay"], amount["refund"], amount["net"]) == (153846, 76923, 76923)
    assert (amount["settled"], amount["unsettle"], amount["fee"]) == (0, 76461, 462)  # 764.615 cents of each 497 000, rounded
    assert paid_out(world, party, weekday) == []


def test_after_the_payout_nothing_waits(world, sold):
    party, _ = sold
    assert waiting(world, party) == []
    assert ok(world.settlements(party, "UNSETTLE"))["total_count"] == 0


def test_split_amount(world, mode, weekday):
    """6 000.00 released outbound and 1 024 fen of net drawn from it in advance: 923.08 USD and 1.58; its fee was paid before."""
    party = world.new_party(mode)
    world.raise_advance_balance(party, 600000)
    order = world.paid(party, 10000)
    world.distribute(order, 2000)
    world.send_outbound(order, 3000)
    world.refunded(order, 6000, sources=[(ORDER, 4970), (FUNDS, 1030)])
    world.to_next_morning("10:05:00")
    (batch,) = paid_out(world, party, weekday)
    assert batch["split_amount"] == {
        "settled": 92308 + 462 - 158,
        "unsettle": 0,
        "currency": "USD",
        "pay": 92308 + 462,
        "refund": 158,
    }
    amount = batch["amount"]
    assert (amount["pay"], amount["refund"], amount["fee"]) == (92308 + 462, 158, 0)
    assert amount["settled"] == amount["net"] == batch["split_amount"]["settled"]


def test_without_a_contract_there_is_no_split_amount(world, mode, weekday):
    party = world.new_party(mode, contract_date=None)
    world.paid(party, ENOUGH, marked=False)
    world.to_next_morning("10:05:00")
    (batch,) = paid_out(world, party, weekday)
    assert "split_amount" not in batch


# ---- when it is paid out ----


def test_800_usd_are_needed(world, mode, weekday):
    """In CNY of a merchant that pays no fee: 5 199.99 wait, 5 200.00 do not, and then the whole is one batch."""
    party = world.new_party(mode, fee_rate=0, settlement_currency="CNY")
    world.paid(party, 519999, marked=False)
    world.to_next_morning("10:05:00")
    assert waiting(world, party)[0]["amount"]["unsettle"] == 519999
    world.paid(party, 1, marked=False)
    world.to_next_morning("09:59:59")
    assert waiting(world, party)[0]["amount"]["unsettle"] == 520000
    world.forward(seconds=1)
    (batch,) = paid_out(world, party, weekday)
    assert batch["amount"]["settled"] == 520000
    assert (batch["trade_start_date"], batch["trade_end_date"]) == (date(weekday), date(weekday + timedelta(days=1)))
    assert batch["settlement_date"] == date(weekday + timedelta(days=2))


def test_payouts_keep_working_days(world, mode):
    """Friday to Sunday are paid out on Monday."""
    party = world.new_party(mode)
    world.to(times.at(times.next_weekday(world.today(), 5)))
    friday = world.today()
    for _ in range(3):
        world.paid(party, ENOUGH, marked=False)
        world.to_next_morning("10:05:00")
    assert world.today() == friday + timedelta(days=3)
    (batch,) = paid_out(world, party, friday)
    assert (batch["trade_start_date"], batch["trade_end_date"]) == (date(friday), date(friday + timedelta(days=2)))
    assert batch["settlement_date"] == date(friday + timedelta(days=3))
    assert batch["amount"]["settled"] == 3 * 152923


# ---- asking ----


def test_dates_and_pages(world, sold):
    party, day = sold
    for _ in range(2):
        world.paid(party, ENOUGH, marked=False)
        world.to_next_morning("10:05:00")
    days = [day + timedelta(days=number) for number in (1, 2, 3)]

    def dates(start, end, **query):
        return [batch["settlement_date"] for batch in paid_out(world, party, start, end, **query)]

    assert dates(days[0], days[2]) == [date(one) for one in days]
    assert dates(days[0], days[1]) == [date(one) for one in days[:2]]  # both ends belong to it
    assert dates(days[2], days[2] + timedelta(days=1)) == [date(days[2])]
    assert dates(days[2] + timedelta(days=1), days[2] + timedelta(days=9)) == []
    assert dates(days[0], days[2], limit=2) == [date(one) for one in days[:2]]
    page = ok(world.settlements(party, "SETTLED", days[0], days[2], limit=2, offset=2))
    assert [batch["settlement_date"] for batch in page["data"]] == [date(days[2])]
    assert (page["total_count"], page["offset"], page["limit"]) == (3, 2, 1)


def test_unsettled_funds_have_no_dates(world, mode, weekday):
    """The dates are of no effect."""
    party = world.new_party(mode)
    world.paid(party, 1000, marked=False)
    world.to_next_morning()
    with_dates = ok(world.settlements(party, "UNSETTLE", weekday - timedelta(days=30), weekday - timedelta(days=40)))
    assert with_dates["data"] == waiting(world, party) != []


def test_parameters(world, party):
    day = world.today()
    refused_parameter(world.settlements(party, None, day, day + timedelta(days=1)), "settle_state", "query")
    refused_parameter(world.settlements(party, "settled", day, day + timedelta(days=1)), "settle_state", "query", "settled")
    refused_parameter(world.settlements(party, "SETTLED", None, day), "settle_start_date", "query")
    refused_parameter(world.settlements(party, "SETTLED", day, None), "settle_end_date", "query")
    for end in (day, day - timedelta(days=1)):
        refused_parameter(world.settlements(party, "SETTLED", day, end), "settle_end_date", "query", date(end))
    refused_parameter(world.settlements(party, "SETTLED", "2026-01-05", day), "settle_start_date", "query", "2026-01-05")
    for limit in (0, 31, None):
        refused_parameter(world.settlements(party, "UNSETTLE", limit=limit), "limit", "query")
    for offset in (-1, None):
        refused_parameter(world.settlements(party, "UNSETTLE", offset=offset), "offset", "query")


def test_relations(world, institution, direct):
    stranger = world.new_institution()
    for party in (institution, direct):
        refused(world.settlements(party, "UNSETTLE", sub_mchid=stranger.sub_mchid), 403, "NO_AUTH", "parent-child")
    refused(world.settlements(institution, "UNSETTLE", sub_mchid="1000000001"), 404, "MCH_NOT_EXISTS")


def test_a_child_s_share(world, weekday):
    """Settled with is the institution; of each batch a child's share can be asked for."""
    first = world.new_institution()
    second, third = world.new_child(first), world.new_child(first)
    world.paid(first, ENOUGH, marked=False)
    world.paid(second, 10000, marked=False)
    world.to_next_morning("10:05:00")
    (whole,) = paid_out(world, first, weekday, sub_mchid=None)
    (one,) = paid_out(world, first, weekday)
    (other,) = paid_out(world, second, weekday)
    assert paid_out(world, third, weekday) == []
    assert one["batch_id"] == other["batch_id"] == whole["batch_id"]
    assert other["amount"]["settled"] == 1529  # 9 940 at 6.5
    for name in ("settled", "pay", "refund", "net", "fee"):
        assert whole["amount"][name] == one["amount"][name] + other["amount"][name]


# ---- statement, bills and details agree ----


class Books:
    """What a merchant knows beside the files: which of its orders are distributed, and with which DISCOUNT; which refunds were recharged ones."""

    def __init__(self, world, parties):
        self.world = world
        self.parties = parties
        self.marked = set()
        self.discounts = {}  # transaction number -> (order amount, voucher)
        self.refunded = Counter()  # transaction number -> what the bills have told so far, in fen
        self.recharged = set()
        self.days = []

    def sell(self, party, amount, **members):
        return self.world.paid(party, amount, marked=False, **members)

    def mark(self, party, amount, **members):
        order = self.world.paid(party, amount, **members)
        self.marked.add(order.transaction_id)
        coupon = members.get("coupon", {})
        if coupon.get("type") == money.DISCOUNT:
            self.discounts[order.transaction_id] = (amount, coupon["amount"])
        return order

    def drawn(self, line):
        """What the source of this line of the refund bill paid, in fen: gross and fee together, without the DISCOUNT's share."""
        order = line["Wechat order number(transaction_id)"]
        gross = self.hundredths(line["Refund source amount"])
        before, after = self.refunded[order], self.refunded[order] + gross
        self.refunded[order] = after
        amount, voucher = self.discounts.get(order, (1, 0))
        discount = voucher * after // amount - voucher * before // amount
        return gross + self.hundredths(line["Refund source fee in CNY"]) - discount

    def hundredths(self, text):
        value = Decimal(text) * 100
        assert value == int(value)
        return int(value)

    def lines(self, answer):
        if answer.status == 400:
            assert answer.json["code"] == "NO_STATEMENT_EXIST"
            return []
        assert answer.status == 200, str(answer)
        return bills.parse(answer.body).lines

    def billed(self, party, answer):
        if answer.status == 400:
            assert answer.json["code"] == "NO_STATEMENT_EXIST"
            return []
        return bills.parse(bills.download(self.world.client, party.caller, answer)).lines

    def expected(self, party, day):
        """What the three files of a day come to, in hundredths of the settlement currency."""
        sums = Counter()
        for line in self.lines(self.world.statement(party, day)):
            if line["WeChat order No."] in self.marked or line["WeChat refund No."] in self.recharged:
                continue
            assert line["Settlement currency"] == "USD"
            sums["pay"] += self.hundredths(line["Settlement order amount"])
            sums["refund"] += self.hundredths(line["Refund settlement amount"])
            sums["fee"] += self.hundredths(line["Service fee"])
        for line in self.billed(party, self.world.distribution_bill(party, day)):
            if line["receiver_account"] == party.sponsor:
                sums["split pay"] += self.hundredths(line["settlement_amount"])
        for line in self.billed(party, self.world.refund_bill(party, day)):
            net = self.drawn(line)
            if line["Refund source"] == FUNDS:
                sums["split refund"] += money.converted(net, int(line["Refund exchange rate"]))
        return sums

    @staticmethod
    def told(batch):
        amount, split = batch["amount"], batch["split_amount"]
        assert amount["net"] == amount["pay"] - amount["refund"]
        assert amount["settled"] + amount["unsettle"] == amount["net"] - amount["fee"]
        assert split["settled"] + split["unsettle"] == split["pay"] - split["refund"]
        return Counter(
            {
                "pay": amount["pay"] - split["pay"],
                "refund": amount["refund"] - split["refund"],
                "fee": amount["fee"],
                "split pay": split["pay"],
                "split refund": split["refund"],
            }
        )


def trade(books, party, number):
    """A day of everything, other amounts each day."""
    world = books.world
    coupon = {"type": "COUPON", "scope": "GLOBAL", "amount": 777, "promotion_id": "109519"}
    discount = {"type": "DISCOUNT", "scope": "SINGLE", "amount": 333, "promotion_id": "109520"}
    world.raise_advance_balance(party, 20001 + number)
    shared = books.mark(party, 30011 + 7 * number)
    world.distribute(shared, 1999 + number)
    world.send_outbound(shared, 5003 + number)
    world.unfreeze(books.mark(party, 4001 + 13 * number, settlement_rate=640000000))
    own, advance = world.refundable(shared)
    world.refunded(shared, own, sources=[(ORDER, own)])
    world.refunded(shared, min(advance, 3001 + number), sources=[(FUNDS, min(advance, 3001 + number))])
    for voucher in (coupon, discount):
        order = books.mark(party, 20011 + 17 * number, coupon={**voucher, "amount": 7001 + 3 * number})
        world.send_outbound(order, 5501 + number)
        own, advance = world.refundable(order)
        world.refunded(order, 1001 + number, sources=[(ORDER, 1001 + number)])
        own -= 1001 + number
        world.refunded(order, own + advance - 777, sources=[(FUNDS, advance - 777), (ORDER, own)])
        world.refunded(order, 333, sources=[(FUNDS, 333)])
    plain = books.sell(party, 600007 + 1001 * number)
    world.refunded(plain, 3331 + number)
    world.refunded(plain, 17)
    with_coupon = books.sell(party, 10007, coupon=coupon)
    world.refunded(with_coupon, 5001)
    with_discount = books.sell(party, 20003, coupon=discount, settlement_rate=655500000)
    world.refunded(with_discount, 20003)
    dollars = books.sell(party, 12345 + number, currency="USD")
    world.refunded(dollars, 4321)
    in_hkd = books.sell(party, 8888, payer_currency="HKD", payment_rate=83333333)
    world.refunded(in_hkd, 888)
    world.control.recharge(party.sponsor, 5000)
    recharged = world.refunded(plain, 1000, source="REFUND_SOURCE_RECHARGE_FUNDS")
    books.recharged.add(recharged["id"])
    world.forward(BALANCE_ARRIVAL)


def agree_on_refunds(books, party, day):
    """Every refund on the bill is told by the statement alike: what is settled of it, and the vouchers' share."""
    statement = {line["WeChat refund No."]: line for line in books.lines(books.world.statement(party, day))}
    bill = books.billed(party, books.world.refund_bill(party, day))
    settled = Counter()
    for line in bill:
        settled[line["Wechat refund number(refund_id)"]] += books.hundredths(line["Refund source settlement amount"])
    assert settled
    for refund, amount in settled.items():
        assert amount == books.hundredths(statement[refund]["Refund settlement amount"])
    for line in bill:
        told = statement[line["Wechat refund number(refund_id)"]]
        shares = (told["Top-up voucher refund amount"], told["Voucher refund amount"])
        assert sum(map(Decimal, shares)) == Decimal(line["Coupon refund amount"])


def mark_all(books, party, day):
    """The orders of raise_advance_balance are distributed too: their slices say so."""
    for line in books.billed(party, books.world.distribution_bill(party, day)):
        books.marked.add(line["transaction_id"])


def test_statement_bills_and_settlement_details_agree(world, mode):
    """By (sub_mchid, currency), day by day over a week, to the last cent; and the whole week is what the bank got."""
    world.to(times.at(times.next_weekday(world.today(), 1), "08:00:00"))
    monday = world.today()
    first = world.new_party(mode)
    parties = [first, world.new_child(first)] if mode == "institution" else [first]
    books = Books(world, parties)
    for number in range(5):
        for party in parties:
            trade(books, party, number)
        world.to_next_morning("08:00:00")
    world.to(times.at(monday + timedelta(days=8)))
    days = [monday + timedelta(days=number) for number in range(5)]
    got = 0
    for party in parties:
        batches = {batch["trade_start_date"]: batch for batch in paid_out(world, party, monday)}
        for day in days:
            mark_all(books, party, day)
            batch = batches[date(day)]
            assert batch["trade_end_date"] == date(day)
            agree_on_refunds(books, party, day)
            expected = books.expected(party, day)
            assert all(expected[name] > 0 for name in ("pay", "refund", "fee", "split pay", "split refund"))
            assert books.told(batch) == expected, day
            got += batch["amount"]["settled"]
    whole = paid_out(world, first, monday, sub_mchid=None)
    assert len(whole) == 5
    assert sum(batch["amount"]["settled"] for batch in whole) == got
    assert waiting(world, first, sub_mchid=None) == []
    assert world.control.audit()["findings"] == 0


@pytest.mark.parametrize(
    "voucher,own,advance,settled,statement,fee",
    [
        # 50.00 are settled, the fee is 0.30. 19.52: 9.76 less 0.06 is the 9.70 that the order has left. 80.48: 40.24 less 0.24.
        ("DISCOUNT", 1952, 8048, ["1.50", "6.19"], "7.69", ["-0.01", "-0.04"]),
        # 100.00 are settled, the fee is 0.60. 59.76 less 0.36 is the 59.40 that the order has left. 40.24 less 0.24.
        ("COUPON", 5976, 4024, ["9.19", "6.19"], "15.38", ["-0.06", "-0.04"]),
    ],
)
def test_a_voucher_in_a_distributed_order(world, mode, weekday, voucher, own, advance, settled, statement, fee):
    """100.00 with a voucher of 50.00, 40.00 of it sent outbound, refunded whole: the advance balance pays the 40.00 back, 6.15 USD, whatever
    the voucher is."""
    party = world.new_party(mode)
    coupon = {"type": voucher, "scope": "GLOBAL", "amount": 5000, "promotion_id": "109519"}
    books = Books(world, [party])
    order = books.mark(party, 10000, coupon=coupon)
    world.send_outbound(order, 4000)
    assert world.refundable(order) == (own, advance)
    refund = world.refunded(order, 10000, sources=[(ORDER, own), (FUNDS, advance)])
    assert world.advance_balance(party) == 0
    world.to_next_morning("10:05:00")
    bill = books.billed(party, world.refund_bill(party, weekday))
    assert [line["Refund source settlement amount"] for line in bill] == settled
    assert [line["Refund source fee in settlement currency type"] for line in bill] == fee
    (told,) = [one for one in books.lines(world.statement(party, weekday)) if one["WeChat refund No."] == refund["id"]]
    assert told["Refund settlement amount"] == statement == str(sum(map(Decimal, settled)))
    (batch,) = waiting(world, party)  # nothing of it is the merchant's: 6.15 came, 6.15 went
    assert (batch["split_amount"]["pay"], batch["split_amount"]["refund"], batch["amount"]["net"]) == (615, 615, 0)
    assert books.expected(party, weekday) == books.told(batch)
    assert world.control.audit()["findings"] == 0


def test_a_refund_that_is_closed_later_comes_back_on_that_day(world, mode, weekday):
    """The one movement that no file of the day has: the statement tells refunds when they are accepted."""
    party = world.new_party(mode)
    order = world.paid(party, ENOUGH, marked=False, payer="credit")
    refund = world.refunded(order, 100000)
    world.to_next_morning("10:05:00")
    world.control.set_outcome(refund["id"], "REFUNDCLOSE")
    (first,) = paid_out(world, party, weekday)
    assert first["amount"]["refund"] == 15385
    refused(world.statement(party, world.today()), 400, "STATEMENT_CREATING")
    closed_on = world.today()
    world.to_next_morning("10:05:00")
    (second,) = waiting(world, party)  # 153 USD are not enough
    assert second["amount"]["refund"] == -15385
    assert second["amount"]["unsettle"] == 15292  # net 994.00: the fee of 6.00 is charged again
    refused(world.statement(party, closed_on), 400, "NO_STATEMENT_EXIST")
