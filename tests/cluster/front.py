"""Three processes on one database, HAProxy before them, and the orders that are refunded."""

import json
import shutil
import subprocess

from checker import Load
from demo_book import DemoBook
from machines import LONG, SERVICES, until
from program import BINARY, Program
from world import Order

PORTS = (8081, 8082, 8083)  # as haproxy.cfg says
CONTROLS = (8091, 8092, 8093)
RATE = 60 if LONG else 20  # writes a second; an order of 150 fen lasts for some thirty


class Process(Program):
    """A process at its fixed place."""

    def __init__(self, directory, index, store, *options, **settings):
        super().__init__(directory, "--store", store, *options, **settings)
        self.arguments[self.arguments.index("--listen") + 1] = f"127.0.0.1:{PORTS[index]}"
        self.arguments[self.arguments.index("--control") + 1] = f"127.0.0.1:{CONTROLS[index]}"


class Front:
    def __init__(self, place, cluster, store, *options, orders=400, name="front"):
        self.cluster, self.store = cluster, store
        self.options = options
        self.place = place / name
        self.place.mkdir()
        self.processes = []
        self._make_book(orders)
        for index in (1, 2):
            shutil.copytree(self.place / "fz0", self.place / f"fz{index}")
            self.processes.append(Process(self.place / f"fz{index}", index, store, *options).start())
        self.load = Load((SERVICES, 8080), self.party, self.orders, RATE)

    def _make_book(self, orders):
        """The demo book, with orders of 150 fen. A sixth of them are of the kind whose funds are distributed, and frozen."""
        (self.place / "fz0").mkdir()
        self.processes.append(Process(self.place / "fz0", 0, self.store, *self.options, demo=True).start())
        self.book = DemoBook(self.processes[0])
        party = self.party = self.book.institution
        made = [self.book.control.make_payment(**party.in_control(), amount=150, marked=i % 6 == 0) for i in range(orders)]
        self.book.forward(seconds=299)
        self.orders = [Order(party, 150, one["transaction_id"], one["out_trade_no"], None) for one in made]
        self.marked = self.orders[::6]

    def restart(self, index):
        self.processes[index].start()

    def end(self, harmed=False):
        """In peace, if it is to be seen that it can."""
        for process in self.processes:
            if process.process is not None and harmed:
                process.kill()
            elif process.process is not None:
                process.stop()

    def are_reachable(self):
        for process in self.processes:
            book = DemoBook(process)
            until(lambda: book.control.healthy(), f"the health of {process.api}", 30)
            answer = book.order_by_id(self.party, self.orders[0].transaction_id)
            assert answer.status == 200, str(answer)

    def check(self):
        """All that has to be true whatever happened: the writes are those that were told, and the book adds up."""
        primary = self.cluster.primary()
        rows = primary.ask("SELECT out_refund_no, refund_id, amount FROM refund", "book").splitlines()
        self.load.check_book([row.split("|") for row in rows])  # first: it names the write that was lost
        self.load.check_history()
        self.audit()
        self.are_reachable()

    def audit(self):
        told = subprocess.run([BINARY, "audit", "--json", "--store", self.cluster.store], capture_output=True, text=True)
        assert told.returncode == 0, told.stdout[-2000:] + told.stderr[-2000:]
        return json.loads(told.stdout)

    def check_balances(self):
        """The bank's check of what is left, asked of any process: of each order it is what was paid less what was acknowledged."""
        acknowledged = self.load.by_order()
        book = DemoBook(self.processes[-1])
        assert acknowledged
        for order in self.marked:
            if order.transaction_id in acknowledged:
                assert sum(book.refundable(order)) == order.amount - acknowledged[order.transaction_id], order
