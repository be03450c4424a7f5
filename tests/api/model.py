"""A model of the book, written from the documents alone: what every request of test_model has to answer.

It knows the rules, not how the program keeps them. Where the documents leave the order of two checks open, it allows either
refusal: refusals are sets of (status, code). An empty set means that the request has to succeed.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

import times
from money import Account, Share
from world import BALANCE_ARRIVAL, FUNDS

YEAR = timedelta(days=365)
HALF_YEAR = timedelta(days=180)
CARD_DAYS = 3

RULE = (400, "INVALID_REQUEST")
SHORT = (403, "NOT_ENOUGH")
FREEZING = (500, "SYSTEM_ERROR")
OVERDUE = (400, "TRADE_OVERDUE")
NUMBER_USED = (400, "OUT_REFUND_NO_USED")
DISTRIBUTION_NUMBER_USED = (400, "PARAM_ERROR")
NO_REFUND = (404, "RESOURCE_NOT_EXISTS")

OLD_SPELLING = {"NOT_ENOUGH": "NOTENOUGH", "OUT_REFUND_NO_USED": "REFUND_FEE_MISMATCH", "RESOURCE_NOT_EXISTS": "REFUNDNOTEXIST"}


@dataclass
class Merchant:
    """A party with what its contract says. Children of one institution share the sponsor."""

    party: object
    fee_rate: int
    ratio: int
    settlement_rate: int
    receivers: list = field(default_factory=list)

    @property
    def sponsor(self):
        return self.party.sponsor


@dataclass
class Order:
    placed: object  # world.Order
    merchant: Merchant
    marked: bool
    account: Account
    coupon: dict | None
    payer: str
    ended: bool = False
    to_others: int = 0
    refunds: int = 0
    distributions: int = 0

    @property
    def paid_at(self):
        return self.placed.paid_at


@dataclass
class Distribution:
    order: Order
    number: str
    request: dict  # what to send to do the same again
    slices: list  # (account, amount), the sponsor's rest included
    order_id: str = ""


@dataclass
class Refund:
    order: Order
    number: str
    gross: int
    sources: list | None
    order_part: Share
    funds_part: Share
    created_at: object
    arrives_at: object
    status: str = "PROCESSING"
    success_at: object = None
    id: str = ""
    answer: dict = field(default_factory=dict)


class Book:
    def __init__(self):
        self.now = None
        self.orders = []
        self.refunds = []
        self.distributions = []
        self.outbound = defaultdict(int)  # (sponsor, day): released money; today's is the advance balance
        self.sales = defaultdict(int)  # (sponsor, day): sales without distribution

    # ---- time ----

    def move_to(self, now):
        """Lets happen what is due in between."""
        self.now = now
        for refund in self.refunds:
            if refund.status == "PROCESSING" and refund.arrives_at <= now:
                refund.status, refund.success_at = "SUCCESS", refund.arrives_at
        for order in self.orders:
            if order.marked and not order.ended and order.paid_at + HALF_YEAR <= now:
                self._release(order, order.paid_at + HALF_YEAR)

    def _release(self, order, moment):
        order.ended = True
        self.outbound[order.merchant.sponsor, moment.date()] += order.account.distributable
        order.account.distributable = 0

    def today(self, order):
        return order.merchant.sponsor, self.now.date()

    # ---- what is asked ----

    def balance(self, merchant):
        return self.outbound[merchant.sponsor, self.now.date()]

    def freezing(self, order):
        """True or False; None in the two minutes in which it may be either."""
        age = self.now - order.paid_at
        if age < timedelta(seconds=180):
            return True
        return None if age < timedelta(seconds=299) else False

    def amounts_refusals(self, order):
        if not order.marked:
            return {RULE}
        return {FREEZING} if self.freezing(order) else set()

    # ---- payments ----

    def paid(self, placed, merchant, marked, coupon, payer):
        voucher = coupon["amount"] if coupon else 0
        account = Account(placed.amount, merchant.fee_rate, voucher, coupon["type"] if coupon else None)
        order = Order(placed, merchant, marked, account, coupon, payer)
        self.orders.append(order)
        if not marked:
            self.sales[self.today(order)] += account.distributable
            account.distributable = 0
        return order

    # ---- distributions ----

    def distribution_refusals(self, order, slices, unfreeze):
        if not order.marked:
            return {RULE}
        refusals = set()
        if self.freezing(order):
            refusals.add(FREEZING)
        others = sum(amount for account, amount in slices if account != order.merchant.sponsor)
        to_sponsor = any(account == order.merchant.sponsor for account, _ in slices)
        if order.ended or (unfreeze and to_sponsor):
            refusals.add(RULE)
        if (order.to_others + others) * 10000 > order.account.paid * order.merchant.ratio:
            refusals.add(RULE)
        if sum(amount for _, amount in slices) > order.account.distributable:
            refusals.add(SHORT)
        return refusals

    def distributed(self, order, number, request, slices, unfreeze):
        """Accepted: the money leaves the order now. finished() brings it where it goes."""
        order.account.distributable -= sum(amount for _, amount in slices)
        order.to_others += sum(amount for account, amount in slices if account != order.merchant.sponsor)
        order.distributions += 1
        slices = list(slices)
        if unfreeze:
            order.ended = True
            if order.account.distributable:
                slices.append((order.merchant.sponsor, order.account.distributable))
            order.account.distributable = 0
        made = Distribution(order, number, request, slices)
        self.distributions.append(made)
        return made

    def finished(self, distribution):
        sponsor = distribution.order.merchant.sponsor
        released = sum(amount for account, amount in distribution.slices if account == sponsor)
        self.outbound[self.today(distribution.order)] += released

    def unfreeze_refusals(self, order):
        if not order.marked:
            return {RULE}
        refusals = set()
        if self.freezing(order):
            refusals.add(FREEZING)
        if order.ended:
            refusals |= {RULE, SHORT}
        if order.account.distributable == 0:
            refusals.add(SHORT)
        return refusals

    # ---- refunds ----

    @staticmethod
    def split(gross, sources):
        """(from the order or the day's sales, from the advance balance)"""
        funds = sum(part for source, part in sources or [] if source == FUNDS)
        return gross - funds, funds

    def refund_refusals(self, order, gross, sources):
        refusals = set()
        if self.now - order.paid_at > YEAR:
            refusals.add(OVERDUE)
        if sources is not None and not order.marked:
            refusals.add(RULE)
        if gross > order.account.left:
            return refusals | {RULE, SHORT}
        order_gross, funds_gross = self.split(gross, sources)
        first, second = order.account.parts(order_gross, funds_gross)
        if not order.marked:
            if (first + second).net > self.sales[self.today(order)]:
                refusals.add(SHORT)
        elif (
            order_gross > order.account.refundable()
            or funds_gross > order.account.funds_refundable()
            or second.net > self.outbound[self.today(order)]
        ):
            refusals.add(SHORT)
        return refusals

    def refunded(self, order, number, gross, sources):
        order_gross, funds_gross = self.split(gross, sources)
        first, second = order.account.parts(order_gross, funds_gross)
        order.account.taken += first + second
        order.refunds += 1
        if order.marked:
            order.account.distributable -= first.net
            self.outbound[self.today(order)] -= second.net
        else:
            self.sales[self.today(order)] -= first.net
        if order.payer in ("balance", "mini_fund"):
            arrives_at = self.now + BALANCE_ARRIVAL
        else:
            arrives_at = times.business_days_later(self.now, CARD_DAYS)
        refund = Refund(order, number, gross, sources, first, second, self.now, arrives_at)
        self.refunds.append(refund)
        return refund

    def came_out(self, refund, status):
        """The bank says what became of it. A closed one is reversed; pools get theirs back on the day of closing."""
        refund.status = status
        if status == "SUCCESS":
            refund.success_at = self.now
        if status != "REFUNDCLOSE":
            return
        order = refund.order
        order.account.taken -= refund.order_part + refund.funds_part
        self.outbound[self.today(order)] += refund.funds_part.net
        if not order.marked:
            self.sales[self.today(order)] += refund.order_part.net
        else:
            order.account.distributable += refund.order_part.net
            if order.ended:
                self._release(order, self.now)

    def refund_query_refusals(self, refund, by):
        return {NO_REFUND} if by == "id" and self.now - refund.order.paid_at > YEAR else set()

    # ---- answers ----

    def amount_members(self, refund):
        whole = refund.order_part + refund.funds_part
        return {
            "refund": refund.gross,
            "currency": "CNY",
            "payer_refund": whole.payer,
            "payer_currency": "CNY",
            "exchange_rate": {"type": "SETTLEMENT_RATE", "rate": refund.order.merchant.settlement_rate},
        }

    def detail(self, refund):
        coupon = refund.order.coupon
        if coupon is None:
            return {}
        share = (refund.order_part + refund.funds_part).voucher
        return {"detail": [{**coupon, "refund_amount": share, "currency": "CNY"}]}

    def submit_answer(self, refund):
        return {
            "id": refund.id,
            "out_refund_no": refund.number,
            "create_time": times.written(refund.created_at),
            "amount": self.amount_members(refund),
            **self.detail(refund),
        }

    def query_answer(self, refund, prefix):
        """The members that do not depend on the payer's bank."""
        status = refund.status
        if status == "ABNORMAL" and prefix == "/hk/v3":
            status = "PROCESSING"
        answer = {
            **self.submit_answer(refund),
            "transaction_id": refund.order.placed.transaction_id,
            "out_trade_no": refund.order.placed.out_trade_no,
            "fund_source": "REFUND_SOURCE_UNSETTLED_FUNDS",
            "channel": "ORIGINAL",
            "status": status,
        }
        if refund.status == "SUCCESS":
            answer["success_time"] = times.written(refund.success_at)
        return answer

    # ---- the model's own invariants ----

    def check(self):
        for order in self.orders:
            account = order.account
            assert account.distributable >= 0 and 0 <= account.taken.gross <= account.paid
            assert account.refundable() + account.funds_refundable() + account.taken.gross == account.paid
        assert all(balance >= 0 for balance in self.outbound.values())
        assert all(balance >= 0 for balance in self.sales.values())
