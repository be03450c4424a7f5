"""A long story, told to any server: days of everything that moves money, hundreds of drawn operations over more than a year, a reset.

What it remembers is what whoever lived through it saw: each answer, each bill, each callback opened. What is drawn for each server by itself
(the address, links with their signatures) is left out of it.
"""

import itertools
import json
from datetime import timedelta
from urllib.parse import urlsplit

import bills
from answers import BILL_FILE_PATH, ok, refused
from callbacks import told as callbacks_told
from callbacks import until
from client import Client
from demo_book import DemoBook
from test_model import Player
from test_receivers import current_platform_certificate, sealed
from world import APPID, BALANCE_ARRIVAL, FUNDS, ORDER

RECHARGED = "REFUND_SOURCE_RECHARGE_FUNDS"
ENTERS, GIVES_UP = "9901", "9903"
OPERATIONS = 300


class Remembering(Client):
    """Keeps what every answer said."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.remembered = []

    def accept(self, answer, *arguments, **options):
        path = urlsplit(answer.target).path
        body = answer.body.decode()
        if (answer.header("Content-Type") or "").startswith("application/json"):
            members = answer.json
            members.pop("download_url", None)  # has the server's address and its own signature
            body = json.dumps(members, sort_keys=True, ensure_ascii=False)
        target = path if path == BILL_FILE_PATH else answer.target
        self.remembered.append(f"{answer.method} {target} {answer.status} {body}")
        return super().accept(answer, *arguments, **options)


class Story(DemoBook):
    """One server that the story is told to; `shop` receives its callbacks."""

    def __init__(self, program, shop):
        super().__init__(program)
        self.shop = shop
        shop.received.clear()
        self.client = Remembering(program.api, program.data / "platform")
        self.audits = []

    # ---- what is remembered ----

    def callbacks(self):
        """What the shop was sent, opened, in the order of the numbers that the book gave."""
        keys = {party.sponsor: party.caller.apiv3_key for party in self.parties()}
        opened = []
        for callback in self.shop.received:
            assert callback.is_signed(self.client.platform)
            members = callback.json
            members["resource"] = callback.opened(keys[callback.path.strip("/")])
            opened.append(json.dumps(members, sort_keys=True, ensure_ascii=False))
        return sorted(opened)

    def audit(self):
        self.audits.append(json.dumps(self.control.audit(), sort_keys=True))

    # ---- what happens ----

    def parties(self):
        return [self.institution, self.other_child, self.direct]

    def url(self, party):
        return self.shop.url(f"/{party.sponsor}")

    def all_told(self):
        """A callback that is due is under way at once, and what it did is written a moment later."""
        until(lambda: not callbacks_told(self.control, state="WAITING"), 30)

    def forward(self, *duration, **parts):
        super().forward(*duration, **parts)
        self.all_told()

    def to(self, moment):
        super().to(moment)
        self.all_told()

    def sold(self, party, amount, **members):
        order = self.paid(party, amount, frozen=False, notify_url=self.url(party), **members)
        self.all_told()
        return order

    def given_back(self, order, amount, **options):
        return self.refunded(order, amount, notify_url=self.url(order.party), **options)

    def comes_out(self, refund, status):
        self.control.set_outcome(refund["id"], status)
        self.all_told()

    def placed_in_every_way(self, party):
        """Orders placed through the API: one of each kind paid, one closed, one that is never paid; by code, with and without a password."""
        for kind in ("jsapi", "app", "mweb"):
            number = self.number("T")
            ok(self.place(kind, party, number, 1230, notify_url=self.url(party), attach="第 4 桌"))
            self.control.pay(number, **party.in_control())
            self.all_told()
        marked, closed, expired, cashed, revoked, waiting, given_up = (self.number("T") for _ in range(7))
        assert self.mark(party, marked).status == 204
        ok(self.native(party, marked, 4321, notify_url=self.url(party)))
        self.control.pay(marked, **party.in_control())
        self.all_told()
        ok(self.native(party, closed, 100))
        assert self.close(party, closed).status == 204
        ok(self.native(party, expired, 100))
        ok(self.by_code(party, cashed, 999, self.auth_code()))
        ok(self.by_code(party, revoked, 500, self.auth_code()))
        assert self.reverse(party, revoked).status == 204
        ok(self.by_code(party, waiting, 700, self.auth_code(ENTERS)))
        ok(self.by_code(party, given_up, 700, self.auth_code(GIVES_UP)))
        self.forward(minutes=5)
        for number in (marked, closed, expired, cashed, revoked, waiting, given_up):
            ok(self.order_by_number(party, number))
        refused(self.native(party, cashed, 999), 400, "OUT_TRADE_NO_USED")

    def receivers_of_every_kind(self, party):
        serial, key = current_platform_certificate(self, party)
        headers = {"Wechatpay-Serial": serial}
        letter = ok(self.upload(party, b"a letter with a stamp"))["file_id"]
        assert ok(self.upload(party, b"a letter with a stamp"))["file_id"] == letter
        appid = {"appid": APPID}
        person, company, gone = self.number("o"), self.new_mchid(), self.new_mchid()
        ok(self.add_receiver(party, person, type="PERSONAL_OPENID", **appid))
        ok(self.add_receiver(party, company, name=sealed(key, "深圳市某某供应商"), headers=headers, application_file_id=letter))
        ok(self.add_receiver(party, gone))
        self.forward(minutes=2)
        self.delete_receiver(party, gone)
        for account, members in ((person, {"type": "PERSONAL_OPENID"}), (company, {}), (gone, {})):
            self.query_receiver(party, account, **members)
        order = self.paid(party, 50000)
        number = self.number("D")
        ok(self.distribution(order, [self.slice(person, 3000, type="PERSONAL_OPENID"), self.slice(company, 777)], number, True, **appid))
        self.forward(minutes=2)
        ok(self.query_distribution(order, number))

    def refunds_of_every_sort(self, party):
        """From the order, from the advance balance, from both, from the recharged balance; arrived, closed, abnormal and then either."""
        self.control.recharge(party.sponsor, 5000)
        self.raise_advance_balance(party, 20000)
        vouchers = [{"type": kind, "scope": "GLOBAL", "amount": 777, "promotion_id": "109519"} for kind in ("COUPON", "DISCOUNT")]
        orders = [self.sold(party, 10000, marked=True), self.sold(party, 10000, marked=True, payer="credit"), self.sold(party, 9999, marked=False),
                  *(self.sold(party, 10000, marked=True, coupon=voucher) for voucher in vouchers),
                  self.sold(party, 10001, marked=False, payer_currency="HKD", payment_rate=92000000, coupon=vouchers[0]),
                  self.sold(party, 5000, marked=False, currency="USD")]
        self.forward(minutes=5)
        self.distribute(orders[0], 2000)
        self.send_outbound(orders[0], 3000)
        refunds = [self.given_back(orders[0], 6000, sources=[(ORDER, 4970), (FUNDS, 1030)])]
        refunds += [self.given_back(order, order.amount // 3) for order in orders[1:]]
        refunds += [self.given_back(order, order.amount // 7, reason="售后") for order in orders[1:]]
        refunds.append(self.given_back(orders[2], 500, source=RECHARGED))
        refused(self.refund(orders[0], 3999, self.number("R"), sources=[(ORDER, 3999)]), 403)
        refused(self.refund(orders[1], 10001, self.number("R")), 400)
        for refund, status in zip(refunds[1:], itertools.cycle(["REFUNDCLOSE", "SUCCESS", "ABNORMAL", None])):
            if status:
                self.comes_out(refund, status)
        self.forward(BALANCE_ARRIVAL + timedelta(minutes=1))
        for refund in refunds:
            shown = ok(self.refund_by_id(party, refund["id"]))
            if shown["status"] == "ABNORMAL":
                self.comes_out(refund, "SUCCESS" if refund["amount"]["refund"] % 2 else "REFUNDCLOSE")
            again = ok(self.refund_by_number(party, refund["out_refund_no"]))
            assert again["id"] == refund["id"]
        for order in orders:
            ok(self.refunds_of(order))
        self.unfreeze(orders[1])

    def bills_of(self, party, days):
        """All that there are; of a day without anything it is refused, and that is remembered as well."""
        for day in days:
            for link in (self.refund_bill(party, day), self.distribution_bill(party, day)):
                if link.status == 200:
                    bills.download(self.client, party.caller, link)
            self.statement(party, day)
        for state in ("SETTLED", "UNSETTLE"):
            self.settlements(party, state, days[0], days[-1])

    # ---- the story ----

    def days_of_everything(self):
        self.start_of_scenario()
        days = []
        for _ in range(3):
            days.append(self.today())
            for party in self.parties():
                self.placed_in_every_way(party)
                self.receivers_of_every_kind(party)
                self.refunds_of_every_sort(party)
            self.audit()
            self.to_next_morning()
        for party in self.parties():
            self.bills_of(party, days)

    def a_year_of_drawn_operations(self):
        player = Player(self, 13)
        for _ in range(OPERATIONS):
            player.operate()
        days = [self.today() - timedelta(days=ago) for ago in range(14, 0, -1)]
        for merchant in player.merchants:
            self.bills_of(merchant.party, days)
        self.audit()

    def a_reset_and_another_day(self):
        self.control.reset()
        self._parties.clear()  # they are gone
        self.start_of_scenario()
        day = self.today()
        for party in self.parties():
            self.refunds_of_every_sort(party)
        self.to_next_morning()
        for party in self.parties():
            self.bills_of(party, [day])
        self.audit()
