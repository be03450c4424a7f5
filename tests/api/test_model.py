"""Two thousand random operations against a model of the book written separately: every answer is compared, the book audited.

FENZHANG_SEED=N repeats a run (a failure prints its seed); FENZHANG_OPERATIONS sets another number of operations.
"""

import os
import random
import secrets
from datetime import timedelta

import money
import times
from answers import ok
from model import DISTRIBUTION_NUMBER_USED, NUMBER_USED, OLD_SPELLING, Book, Merchant
from program import Program
from world import FUNDS, ORDER, PREFIXES, WORK_DONE, World

OPERATIONS = int(os.environ.get("FENZHANG_OPERATIONS", "2000"))


class Player:
    """Draws operations, lets both the program and the model do them, and compares."""

    def __init__(self, world, seed):
        self.world = world
        self.random = random.Random(seed)
        self.book = Book()
        self.history = []
        self.done = dict.fromkeys(self.operations(), 0)
        world.start_of_scenario()
        self.merchants = self.make_merchants()
        self.book.move_to(world.now())

    def make_merchants(self):
        """An institution with two children, another with an odd fee, and a direct merchant."""
        world = self.world
        first = world.new_institution()
        parties = [
            Merchant(first, 60, 3000, 650000000),
            Merchant(world.new_child(first), 60, 3000, 650000000),
            Merchant(world.new_institution(fee_rate=37, distribution_ratio=5000), 37, 5000, 712345678),
            Merchant(world.new_direct(fee_rate=100, settlement_currency="HKD"), 100, 3000, 92000000),
        ]
        for merchant in parties:
            merchant.receivers = [world.new_mchid() for _ in range(2)]
            for account in merchant.receivers:
                ok(world.add_receiver(merchant.party, account))
        world.forward(minutes=1)
        return parties

    # ---- comparing ----

    def compare(self, answer, refusals, expected=None, prefix="/v3/global"):
        """True if the request was to succeed and did; False if it was to be refused and was, for a right reason."""
        if refusals:
            codes = {(status, OLD_SPELLING.get(code, code) if prefix == "/hk/v3" else code) for status, code in refusals}
            found = (answer.status, answer.json.get("code"))
            assert found in codes, f"expected one of {sorted(codes)}: {answer}"
            return False
        members = ok(answer)
        if expected is not None:
            different = {
                name: (members.get(name), value) for name, value in expected.items() if members.get(name) != value
            }
            assert not different, f"(answer, model) of {different} in {answer}"
        return True

    def check_order(self, order):
        """Remaining distributable and refundable amounts."""
        self.leave_the_uncertain_minutes(order)
        refusals = self.book.amounts_refusals(order)
        numbers = {"transaction_id": order.placed.transaction_id, "currency": "CNY"}
        account = order.account
        self.compare(self.world.amounts(order.placed), refusals, {**numbers, "unsplit_amount": account.distributable})
        expected = {
            **numbers,
            "refundable_amount": account.refundable(),
            "funds_refundable_amount": account.funds_refundable(),
        }
        self.compare(self.world.refundable_amounts(order.placed), refusals, expected)

    def check_balance(self, merchant):
        expected = {"sponsor_mchid": merchant.sponsor, "balance": self.book.balance(merchant), "currency": "CNY"}
        self.compare(self.world.balance(merchant.party), set(), expected)

    # ---- the clock ----

    def move(self, **parts):
        self.world.forward(**parts)
        self.book.move_to(self.world.now())

    def leave_the_uncertain_minutes(self, order):
        """Freezing takes 180 to 299 s, drawn: in between nobody can say."""
        if order.marked and self.book.freezing(order) is None:
            self.move(seconds=120)

    def stay_clear_of_midnight(self):
        """Distributions are done within a minute, and their money belongs to the day on which they are."""
        if self.book.now.strftime("%H:%M") >= "23:57":
            self.move(minutes=5)

    # ---- drawing ----

    def some_amount(self):
        size = self.random.choice((3, 10, 100, 1000, 10000, 100000, 10000000))
        return self.random.randint(1, size)

    def some_order(self, marked=None):
        """Mostly one of the latest that still has something to give."""
        orders = [order for order in self.book.orders if marked is None or order.marked == marked]
        if not orders:
            return None
        if self.random.random() < 0.15:
            return self.random.choice(orders)
        recent = orders[-15:]
        lively = [order for order in recent if order.account.left and not (order.marked and order.ended)]
        return self.random.choice(lively if lively and self.random.random() < 0.85 else recent)

    def some_part(self, whole):
        """A part of an amount: odd sizes, its edges, now and then one too many."""
        if whole <= 0:
            return 1
        draw = self.random.random()
        if draw < 0.2:
            return whole
        if draw < 0.27:
            return whole + 1
        if draw < 0.5:
            return min(whole, self.random.randint(1, 9))
        return self.random.randint(1, whole)

    # ---- operations ----

    @staticmethod
    def operations():
        return {
            "pay": 18,
            "refund": 26,
            "repeat_refund": 6,
            "reuse_refund_number": 4,
            "query_refund": 12,
            "outcome": 8,
            "distribute": 16,
            "repeat_distribution": 4,
            "unfreeze": 3,
            "look": 12,
            "wait": 14,
            "wait_long": 1,
        }

    def operate(self):
        weights = self.operations()
        name = self.random.choices(list(weights), list(weights.values()))[0]
        self.history.append(name)
        getattr(self, name)()
        self.done[name] += 1

    def pay(self):
        merchant = self.random.choice(self.merchants)
        amount, marked = self.some_amount(), self.random.random() < 0.75
        payer = self.random.choice(("balance", "balance", "mini_fund", "debit", "credit"))
        coupon = None
        if amount >= 10 and self.random.random() < 0.3:
            coupon = {
                "type": self.random.choice((money.COUPON, money.DISCOUNT)),
                "scope": self.random.choice(("GLOBAL", "SINGLE")),
                "amount": self.random.randint(1, amount // 2),
                "promotion_id": "109519",
            }
        members = {"payer": payer, "settlement_rate": merchant.settlement_rate}
        if coupon:
            members["coupon"] = coupon
        placed = self.world.paid(merchant.party, amount, marked=marked, frozen=False, **members)
        order = self.book.paid(placed, merchant, marked, coupon, payer)
        self.history[-1] = f"pay {amount} {'marked ' if marked else ''}{coupon or ''} -> {placed.transaction_id}"
        if marked and self.random.random() < 0.8:
            self.move(seconds=299)
            self.check_order(order)

    def draw_refund(self, order):
        """(gross, `amount.from` or None), in all its shapes. Mostly what the sources can bear, or a fen more."""
        account = order.account
        if not order.marked:
            sales = self.book.sales[self.book.today(order)]
            gross = self.some_part(min(account.left, sales) if self.random.random() < 0.8 else account.left)
            return gross, None if self.random.random() < 0.95 else [(ORDER, gross)]
        of_order = account.refundable()
        of_funds = min(account.funds_refundable(), self.book.balance(order.merchant))
        shapes = ["none", "order"] * (of_order > 0) + ["funds"] * (of_funds > 0) + ["both"] * 4 * (of_order > 0 < of_funds)
        if not shapes or self.random.random() < 0.15:
            shapes = ["none", "order", "funds", "both", "too much"]
        shape = self.random.choice(shapes)
        if shape == "too much":
            gross = account.left + self.random.randint(1, 100)
            return gross, self.random.choice((None, [(ORDER, gross)], [(FUNDS, gross)]))
        if shape == "funds" or (shape == "both" and not of_order):
            gross = self.some_part(of_funds)
            return gross, [(FUNDS, gross)]
        gross = self.some_part(of_order)
        if shape in ("none", "order"):
            return gross, None if shape == "none" else [(ORDER, gross)]
        second = self.some_part(of_funds)
        sources = [(ORDER, gross), (FUNDS, second)]
        return gross + second, sources if self.random.random() < 0.5 else sources[::-1]

    def refund(self):
        order = self.some_order()
        if order is None or order.refunds >= 45:
            return
        gross, sources = self.draw_refund(order)
        number, prefix = self.world.number("R"), self.random.choice(PREFIXES)
        refusals = self.book.refund_refusals(order, gross, sources)
        self.history[-1] = f"refund {gross} of {order.placed.transaction_id} {sources} {prefix} refusals {refusals}"
        answer = self.world.refund(order.placed, gross, number, sources=sources, prefix=prefix)
        if self.compare(answer, refusals, prefix=prefix):
            refund = self.book.refunded(order, number, gross, sources)
            refund.id = answer.json["id"]
            refund.answer = self.book.submit_answer(refund)
            assert answer.json == refund.answer, f"model {refund.answer}: {answer}"
        self.check_around(order)

    def check_around(self, order):
        if self.random.random() < 0.6:
            self.check_order(order)
        if self.random.random() < 0.4:
            self.check_balance(order.merchant)

    def some_refund(self):
        refunds = [one for one in self.book.refunds if self.book.now - one.order.paid_at < timedelta(days=364)]
        return self.random.choice(refunds[-30:]) if refunds else None

    def repeat_refund(self):
        refund = self.some_refund()
        if refund is None:
            return
        sources = refund.sources[::-1] if refund.sources else refund.sources
        self.history[-1] = f"repeat refund {refund.number}"
        answer = self.world.refund(
            refund.order.placed, refund.gross, refund.number, sources=sources, prefix=self.random.choice(PREFIXES)
        )
        assert ok(answer) == refund.answer, f"first {refund.answer}: {answer}"
        self.check_around(refund.order)

    def reuse_refund_number(self):
        refund = self.some_refund()
        if refund is None or refund.order.account.paid < 2:
            return
        gross = refund.gross + 1 if refund.gross < refund.order.account.paid else refund.gross - 1
        prefix = self.random.choice(PREFIXES)
        self.history[-1] = f"reuse {refund.number}"
        answer = self.world.refund(refund.order.placed, gross, refund.number, prefix=prefix)
        self.compare(answer, {NUMBER_USED}, prefix=prefix)
        self.check_around(refund.order)

    def query_refund(self):
        if not self.book.refunds:
            return
        recent = self.random.random() < 0.7
        refund = self.random.choice(self.book.refunds[-20:] if recent else self.book.refunds)
        prefix, by = self.random.choice(PREFIXES), self.random.choice(("id", "number"))
        party = refund.order.merchant.party
        self.history[-1] = f"query {refund.number} by {by} {prefix}"
        if by == "id":
            answer = self.world.refund_by_id(party, refund.id, prefix)
        else:
            answer = self.world.refund_by_number(party, refund.number, prefix)
        expected = self.book.query_answer(refund, prefix)
        if self.compare(answer, self.book.refund_query_refusals(refund, by), expected, prefix):
            assert set(answer.json) == set(expected) | {"recv_account"}, str(answer)

    def outcome(self):
        waiting = [refund for refund in self.book.refunds if refund.status in ("PROCESSING", "ABNORMAL")]
        if not waiting:
            return
        refund = self.random.choice(waiting)
        status = self.random.choice(("SUCCESS", "REFUNDCLOSE", "REFUNDCLOSE", "ABNORMAL"))
        if refund.status == status:
            return
        self.stay_clear_of_midnight()
        if refund.status not in ("PROCESSING", "ABNORMAL"):
            return  # it has arrived meanwhile
        self.history[-1] = f"outcome {refund.number} {status}"
        self.world.control.set_outcome(refund.id, status)
        self.book.came_out(refund, status)
        if refund.order.ended:  # what came back to it goes outbound at once: an event, done when the clock was moved
            self.move(seconds=int(WORK_DONE.total_seconds()))
        self.check_around(refund.order)

    def draw_slices(self, order):
        """One to three slices: to receivers, to the sponsor, or both."""
        accounts = self.random.sample([*order.merchant.receivers, order.merchant.sponsor], self.random.randint(1, 3))
        room = order.account.paid * order.merchant.ratio // 10000 - order.to_others
        slices = []
        for account in accounts:
            whole = order.account.distributable // len(accounts)
            if account != order.merchant.sponsor and self.random.random() < 0.9:
                whole = min(whole, room // len(accounts))
            slices.append((account, self.some_part(whole)))
        return slices

    def within_doubt(self, order, slices, unfreeze):
        """Cases that the documents leave open: the ratio of what, with a DISCOUNT; a release of nothing."""
        others = order.to_others + sum(amount for account, amount in slices if account != order.merchant.sponsor)
        cap = others * 10000
        doubtful = order.account.settled * order.merchant.ratio < cap <= order.account.paid * order.merchant.ratio
        return doubtful or (unfreeze and sum(amount for _, amount in slices) == order.account.distributable)

    def distribute(self):
        order = self.some_order(None if self.random.random() < 0.05 else True)
        if order is None or order.distributions >= 45:
            return
        self.leave_the_uncertain_minutes(order)
        self.stay_clear_of_midnight()
        slices, unfreeze = self.draw_slices(order), self.random.random() < 0.08
        if self.within_doubt(order, slices, unfreeze):
            return
        number = self.world.number("D")
        request = {"receivers": [self.world.slice(*one) for one in slices], "unfreeze": unfreeze}
        refusals = self.book.distribution_refusals(order, slices, unfreeze)
        self.history[-1] = f"distribute {slices} {unfreeze} of {order.placed.transaction_id} refusals {refusals}"
        answer = self.world.distribution(order.placed, request["receivers"], number, request["unfreeze"])
        if self.compare(answer, refusals, {"state": "PROCESSING", "transaction_id": order.placed.transaction_id}):
            made = self.book.distributed(order, number, request, slices, unfreeze)
            self.follow(made, answer)
        self.check_around(order)

    def follow(self, distribution, answer):
        """From acceptance to the end of its work: the order's amounts at once, the balance when it is done."""
        distribution.order_id = answer.json["order_id"]
        self.check_slices(distribution, answer, "PENDING")
        self.check_order(distribution.order)
        self.move(seconds=int(WORK_DONE.total_seconds()))
        self.book.finished(distribution)
        done = self.world.query_distribution(distribution.order.placed, distribution.number)
        self.check_slices(distribution, done, "SUCCESS")
        self.check_balance(distribution.order.merchant)

    def check_slices(self, distribution, answer, result):
        members = ok(answer)
        told = sorted((one["account"], one["amount"], one["result"]) for one in members["receivers"])
        assert told == sorted((account, amount, result) for account, amount in distribution.slices), str(answer)
        assert members["order_id"] == distribution.order_id
        assert members["state"] == ("PROCESSING" if result == "PENDING" else "FINISHED")

    def repeat_distribution(self):
        made = [one for one in self.book.distributions if one.request]
        if not made:
            return
        distribution = self.random.choice(made[-20:])
        receivers, unfreeze = distribution.request["receivers"], distribution.request["unfreeze"]
        self.history[-1] = f"repeat distribution {distribution.number}"
        placed = distribution.order.placed
        self.check_slices(distribution, self.world.distribution(placed, receivers, distribution.number, unfreeze), "SUCCESS")
        other = [{**receivers[0], "amount": receivers[0]["amount"] + 1}, *receivers[1:]]
        answer = self.world.distribution(placed, other, distribution.number, unfreeze)
        self.compare(answer, {DISTRIBUTION_NUMBER_USED})
        self.compare(self.world.unfreezing(placed, distribution.number), {DISTRIBUTION_NUMBER_USED})
        self.check_around(distribution.order)

    def unfreeze(self):
        order = self.some_order(None if self.random.random() < 0.05 else True)
        if order is None:
            return
        self.leave_the_uncertain_minutes(order)
        self.stay_clear_of_midnight()
        number = self.world.number("U")
        refusals = self.book.unfreeze_refusals(order)
        self.history[-1] = f"unfreeze {order.placed.transaction_id} refusals {refusals}"
        answer = self.world.unfreezing(order.placed, number)
        if self.compare(answer, refusals, {"state": "PROCESSING"}):
            made = self.book.distributed(order, number, None, [], True)
            self.follow(made, answer)
        self.check_around(order)

    def look(self):
        order = self.some_order()
        if order is not None:
            self.check_order(order)
        for merchant in self.merchants:
            self.check_balance(merchant)

    def wait(self):
        draw = self.random.random()
        if draw < 0.7:
            self.move(minutes=self.random.randint(1, 40))
        elif draw < 0.8:
            self.move(hours=self.random.randint(1, 12))
        elif draw < 0.9:
            self.move(days=1)
        else:
            midnight = times.midnight(self.book.now.date() + timedelta(days=1))
            self.world.to(midnight)
            self.book.move_to(midnight)
        self.check_balance(self.random.choice(self.merchants))

    def wait_long(self):
        """Past the arrival of cards, past 180 days, past a year."""
        self.move(days=self.random.choice((4, 4, 7, 7, 30, 181, 366)))
        self.look()


def play(player, operations):
    for number in range(1, operations + 1):
        player.operate()
        if number % 100 == 0:
            player.world.control.audit()
            player.book.check()
    for order in player.book.orders:
        player.check_order(order)


def test_two_thousand_operations(tmp_path):
    seed = int(os.environ.get("FENZHANG_SEED", "0")) or secrets.randbelow(10**9) + 1
    running = Program(tmp_path, seed=seed).start()
    try:
        player = Player(World(running), seed)
        try:
            play(player, OPERATIONS)
        except Exception as problem:
            lines = "\n".join(player.history[-12:])
            raise AssertionError(f"FENZHANG_SEED={seed}, operation {len(player.history)}:\n{lines}") from problem
        assert OPERATIONS < 500 or min(player.done.values()) > 0, player.done
    finally:
        running.stop()
