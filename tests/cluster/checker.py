"""A client that writes all the time and knows what was answered; and what has to be true of a book according to that."""

import http.client
import json
import random
import secrets
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field

from client import authorization
from world import APPID

ACKNOWLEDGED, REFUSED, UNKNOWN = "acknowledged", "refused", "unknown"
NO_MORE = "there are hardly any orders left to be refunded: make more of them, or write less often"


@dataclass
class Write:
    """One thing that is asked for, as often as it takes to be told what became of it."""

    number: str
    order: object
    amount: int
    outcome: str = UNKNOWN
    refund_id: str = ""
    told: list = field(default_factory=list)  # status and what came with it, of each time


@dataclass
class Party:
    caller: object
    sub_mchid: str


class Line:
    """A connection to the front that is made anew when it broke."""

    def __init__(self, host, port, timeout):
        self.host, self.port, self.timeout = host, port, timeout
        self.connection = None

    def send(self, credentials, method, target, body=None):
        """(status, members); status 0: no answer."""
        data = json.dumps(body).encode() if body is not None else b""
        headers = {"Accept": "application/json", "User-Agent": "fenzhang-cluster/1",
                   "Authorization": authorization(credentials, method, target, data)}
        if data:
            headers["Content-Type"] = "application/json"
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
            self.connection.request(method, target, data or None, headers)
            answer = self.connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text.startswith(b"{") else {}
        except (OSError, http.client.HTTPException, ValueError):
            self.close()
            return 0, {}

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Load:
    """Workers that ask refunds of orders that they share, so that they race for each order's last fen."""

    WORKERS = 6
    AT_ONCE = 16  # orders that are being refunded

    def __init__(self, address, party, orders, rate, timeout=8):
        """`rate`: writes a second of all workers together, if the machine can do so many."""
        self.address, self.party, self.rate, self.timeout = address, party, rate, timeout
        self.turn, self.given_up = 0, False
        self.orders = list(orders)
        self.paid = {order.transaction_id: order.amount for order in orders}
        self.writes, self.acknowledged_at = [], []
        self.complaints = []
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.counter = 0
        self.run_name = secrets.token_hex(3).upper()
        self.threads = []

    def start(self):
        self.stopping.clear()
        self.threads = [threading.Thread(target=self._work, args=(index,), daemon=True) for index in range(self.WORKERS)]
        for thread in self.threads:
            thread.start()

    def give_up(self):
        """What is still asked for stays unknown."""
        self.given_up = True
        self.stopping.set()

    def stop(self, seconds=120):
        """Ends when each write's outcome is known."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(seconds)
        assert not any(thread.is_alive() for thread in self.threads), "somebody still waits for an answer"

    # ---- the workers ----

    def _work(self, index):
        chance = random.Random(f"{self.run_name}{index}")
        line = Line(*self.address, self.timeout)
        while not self.stopping.wait(self._until_turn()):
            write = self._next(chance)
            self._insist(line, write)
            if write.outcome == ACKNOWLEDGED and chance.random() < 0.1:
                self._ask_again(line, write)
            if write.outcome == ACKNOWLEDGED and chance.random() < 0.05:
                self._ask_otherwise(line, write)
            if write.outcome == REFUSED:
                self._done_with(write.order)
        line.close()

    def _until_turn(self):
        """Seconds; what was missed for more than a second is not caught up."""
        with self.lock:
            now = time.monotonic()
            self.turn = max(self.turn + 1 / self.rate, now - 1)
            return max(0, self.turn - now)

    def _next(self, chance):
        with self.lock:
            order = self.orders[chance.randrange(min(self.AT_ONCE, len(self.orders)))]
            self.counter += 1
            write = Write(f"{self.run_name}{self.counter:08d}", order, chance.randint(1, 9))
            self.writes.append(write)
        return write

    def _done_with(self, order):
        with self.lock:
            if order in self.orders and len(self.orders) > 1:
                self.orders.remove(order)
            if len(self.orders) < self.AT_ONCE and NO_MORE not in self.complaints:
                self.complaints.append(NO_MORE)

    def body(self, write, amount=None):
        order = write.order
        return {"sp_mchid": self.party.sponsor, "sub_mchid": self.party.sub_mchid, "sp_appid": APPID,
                "transaction_id": order.transaction_id, "out_refund_no": write.number,
                "amount": {"refund": amount or write.amount, "total": order.amount, "currency": "CNY"}}

    def _ask(self, line, write, amount=None):
        status, members = line.send(self.party.caller, "POST", "/v3/global/refunds", self.body(write, amount))
        if amount is None:
            write.told.append((time.time(), status, members.get("code", "")))
        return status, members

    def _insist(self, line, write):
        """Asks until it is told yes or no. No answer, and every answer of the kind "ask again", say neither."""
        pause = 0.05
        while not self.given_up:
            status, members = self._ask(line, write)
            if status == 200:
                self._take(write, members)
                return
            if 400 <= status < 500 and members.get("code") and status != 429:
                write.outcome = REFUSED
                return
            time.sleep(pause)
            pause = min(pause * 2, 0.5)

    def _take(self, write, members):
        with self.lock:
            self.acknowledged_at.append(time.time())
        write.outcome, write.refund_id = ACKNOWLEDGED, members["id"]
        if members["out_refund_no"] != write.number or members["amount"]["refund"] != write.amount:
            self.complaints.append(f"{write.number}: another refund is acknowledged: {members}")

    def _ask_again(self, line, write):
        status, members = self._ask(line, write)
        if status == 200 and (members["id"], members["amount"]["refund"]) != (write.refund_id, write.amount):
            self.complaints.append(f"{write.number}: acknowledged twice, as {write.refund_id} and as {members}")
        if 400 <= status < 500 and status != 429:
            self.complaints.append(f"{write.number}: acknowledged, then refused: {members}")

    def _ask_otherwise(self, line, write):
        status, members = self._ask(line, write, write.amount + 1)
        if status == 200:
            self.complaints.append(f"{write.number}: acknowledged with another amount: {members}")

    # ---- what has to be true ----

    def by_order(self):
        """What was acknowledged of each order."""
        sums = defaultdict(int)
        for write in self.writes:
            if write.outcome == ACKNOWLEDGED:
                sums[write.order.transaction_id] += write.amount
        return sums

    def check_history(self):
        """The bank's check, from the answers alone."""
        assert self.complaints == []
        assert all(write.outcome != UNKNOWN for write in self.writes)
        over = {order: total for order, total in self.by_order().items() if total > self.paid[order]}
        assert over == {}, f"more was acknowledged than was paid: {self.told_of(over)}"

    def told_of(self, orders):
        """The acknowledged writes of these orders, as they were told."""
        return [write for write in self.writes if write.outcome == ACKNOWLEDGED and write.order.transaction_id in orders]

    def check_book(self, rows):
        """`rows`: (number, refund_id, amount) of every refund in the book."""
        book = {number: (refund_id, int(amount)) for number, refund_id, amount in rows}
        assert len(book) == len(rows), "a number stands there twice"
        mine = {write.number: write for write in self.writes}
        lost = [n for n, write in mine.items() if write.outcome == ACKNOWLEDGED and book.get(n) != (write.refund_id, write.amount)]
        assert lost == [], f"{len(lost)} acknowledged writes are not in the book as they were told, the first: {mine[lost[0]]}"
        uninvited = [n for n, write in mine.items() if write.outcome == REFUSED and n in book]
        assert uninvited == [], f"{len(uninvited)} refused writes are in the book, the first: {mine[uninvited[0]]}"

    def first_after(self, moment):
        """Seconds from `moment` to the first acknowledged write after it."""
        with self.lock:
            later = [at for at in self.acknowledged_at if at > moment]
        return min(later) - moment if later else None

    def longest_pause(self, since):
        """The longest time without an acknowledged write since then."""
        with self.lock:
            moments = [since] + sorted(at for at in self.acknowledged_at if at > since) + [time.time()]
        return max(later - sooner for sooner, later in zip(moments, moments[1:]))
