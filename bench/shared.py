"""Books in PostgreSQL for the figures: a server of its own, whose disk is written to, databases copied from one that was filled once, and what
is run on them."""
import os
import pathlib
import re
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent

# As somebody would set a server of this size.
SETTINGS = """
shared_buffers = '512MB'
max_wal_size = '4GB'
checkpoint_timeout = '30min'
autovacuum_naptime = '1h'
"""

# What pgbench calculates for each transaction: an order, and rows that nobody else has.
SCRIPT = r"""
\set n :n + 1
\set order 6000000001 + (:n * :clients + :client_id) % :orders
\set transaction_id 4200000000000000000 + :order - 6000000000
\set refund 8000000000000 + (:run * 1000 + :client_id) * 10000000 + :n
"""


ENTRIES = 16  # an order has fewer


class Shared:
    def __init__(self, bench, orders):
        self.bench, self.orders, self.runs = bench, orders, 0
        self.firsts = {}

    def __enter__(self):
        environment = {**os.environ, "POSTGRES_FSYNC": "on", "POSTGRES_SETTINGS": SETTINGS}
        command = [ROOT / "tests/postgres/with", "sh", "-c", 'echo "$FENZHANG_POSTGRES"; cat']  # until its input ends
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        self.server = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *_):
        self.process.communicate(timeout=60)

    def address(self, name):
        return f"{self.server}&dbname={name}"

    def sql(self, name, sql):
        return subprocess.run(["psql", "-Atqc", sql, self.address(name)], check=True, capture_output=True, text=True).stdout.strip()

    def run(self, *words):
        out = subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout
        return {key: float(value) for key, value in re.findall(r"(\w+)=([\d.]+)", out)}

    def fill(self, name, institutions, new=True):
        """A book with paid orders of so many institutions, and refunds of some, so that the server knows what is in its tables."""
        if new:
            self.sql("postgres", f"CREATE DATABASE {name}")
        self.run(self.bench, "fill", self.address(name), self.orders, institutions)
        self.refunds(name, institutions, 1, 8)
        self.sql(name, "VACUUM ANALYZE")

    def copy(self, name, of):
        self.sql("postgres", f"CREATE DATABASE {name} TEMPLATE {of}")
        self.firsts[name] = self.firsts[of]

    def refunds(self, name, institutions, seconds, writers, processes=1):
        """Refunds a second by the book itself, statements and messages of one; `writers` are those of all processes together."""
        first = self.firsts.get(name, 0)
        apart = self.orders * 50 // 4 if processes > 1 else 0  # whose refunds are of other parts
        running = [
            subprocess.Popen([self.bench, "refunds", self.address(name), str(self.orders), str(institutions), str(first + number * apart),
                              str(seconds), str(writers // processes)], stdout=subprocess.PIPE, text=True)
            for number in range(processes)]
        outs = [dict(re.findall(r"(\w+)=([\d.]+)", process.communicate()[0])) for process in running]
        if any(process.returncode for process in running):
            raise SystemExit("bench: a refund failed")
        self.firsts[name] = int(outs[0]["next"])
        return {"per_second": sum(float(out["per_second"]) for out in outs), "statements": float(outs[0]["statements"]),
                "messages": float(outs[0]["messages"])}

    def record(self, name, to):
        """Writes the script of one refund, as the book says it; keeps the values that stay the same."""
        text = subprocess.run([self.bench, "record", self.address(name), str(self.orders), "1", str(self.firsts[name])], check=True, capture_output=True, text=True).stdout
        defines, script = text.split("script\n", 1)
        self.defines = [line.removeprefix("define ") for line in defines.splitlines()]
        lines = sorted({int(number) for number in re.findall(r":posting(\d+)", script)})
        pathlib.Path(to).write_text(SCRIPT + "".join(f"\\set posting{i} :refund * 256 + {i}\n" for i in lines) + script)
        self.script = str(to)

    def pgbench(self, name, seconds, clients):
        """The same statements in the same order: transactions a second, but for those of the first, in which it prepares them."""
        self.runs += 1
        own = {"n": 0, "clients": clients, "orders": self.orders, "run": self.runs}
        defines = [word for define in [*self.defines, *(f"{name}={value}" for name, value in own.items())] for word in ("-D", define)]
        done = subprocess.run(["pgbench", "-n", "-M", "prepared", "-T", str(round(seconds) + 1), "-P", "1", "-c", str(clients), "-j", str(min(clients, 2)),
                               *defines, "-f", self.script, self.address(name)], capture_output=True, text=True)
        found = re.findall(r"progress: .* ([\d.]+) tps", done.stderr)[1:]
        if done.returncode or not found or "number of failed transactions: 0 " not in done.stdout:
            raise SystemExit(f"bench: pgbench went wrong: {done.stdout[-400:]} {done.stderr[-800:]}")
        return statistics.mean(map(float, found))

    def query(self, name):
        """µs of a read by the book and by a bare SELECT."""
        first = self.firsts.get(name, 0)
        self.firsts[name] = first + 1
        return self.run(self.bench, "query", self.address(name), self.orders, 1, first, 4)

    def deadlocks(self):
        return int(self.sql("postgres", "SELECT sum(deadlocks) FROM pg_stat_database"))

    def again(self, name, table, which, count, first, **changed):
        """Adds `count` copies of the first row that is so, numbered from `first` on and otherwise as `changed` says, where g is that number."""
        columns = self.sql(name, "SELECT string_agg(column_name, ',' ORDER BY ordinal_position) FROM information_schema.columns "
                                 f"WHERE table_name = '{table}' AND table_schema = current_schema()").split(",")
        changed = {"id": "g", **changed}
        self.sql(name, f"INSERT INTO {table} ({','.join(columns)}) SELECT {','.join(changed.get(column, 'r.' + column) for column in columns)} "
                       f"FROM (SELECT * FROM {table} WHERE {which} ORDER BY id LIMIT 1) r, generate_series({first}::bigint, {first} + {count} - 1) g")

    def orders_again(self, name, which, count, first):
        """Adds `count` times more the first order that has but one refund `r`, which is so, and what both are in the book: as sound as they are. Numbered
        from `first` on; each refund arrives a millisecond after the one before."""
        order, refund = self.sql(name, "SELECT p.id, r.id FROM refund r JOIN payment p ON p.id = r.payment WHERE p.id IN (SELECT payment FROM refund "
                                       "GROUP BY payment HAVING count(*) = 1) AND p.id NOT IN (SELECT payment FROM distribution) AND "
                                       f"r.id < {first} AND {which} ORDER BY r.id LIMIT 1").split("|")
        self.again(name, "payment", f"id = {order}", count, first, transaction_id="'G' || g", out_trade_no="'G' || g")
        self.again(name, "refund", f"id = {refund}", count, first, payment="g", refund_id="'G' || g", out_refund_no="'G' || g",
                   transaction_id="'G' || g", out_trade_no="'G' || g")
        numbers = f"generate_series({first}::bigint, {first} + {count} - 1) g"
        entry = f"g * {ENTRIES} + o.place"
        old = (f"(SELECT e.*, row_number() OVER (ORDER BY e.id) - 1 AS place FROM entry e WHERE e.id IN (SELECT entry FROM posting WHERE payment = {order})) o")
        self.sql(name, f"INSERT INTO entry SELECT {entry}, o.kind, g, o.time_ms FROM {old}, {numbers}")
        self.sql(name, f"INSERT INTO posting SELECT ({entry}) * 256 + p.id % 256, {entry}, p.account, p.owner, g, p.day, p.currency, p.amount "
                       f"FROM {old} JOIN posting p ON p.entry = o.id, {numbers}")
        # its release, and the refund's arrival
        self.sql(name, "INSERT INTO event (id, due_ms, kind, subject, position) SELECT g * 2 + e.kind / 4, e.due_ms + g - "
                       f"{first}, e.kind, g, e.position FROM event e, {numbers} WHERE (e.kind = 2 AND e.subject = {order}) OR (e.kind = 4 AND e.subject = {refund})")

    def grow(self, name, count, which="true", first=100_000_000):
        """Gives the book `count` refunds more, copies of the first that is so, of all orders in turn."""
        numbers = f"generate_series({first}::bigint, {first} + {count} - 1) g"
        one = f"(SELECT * FROM refund WHERE {which} AND id < {first} ORDER BY id LIMIT 1) r"
        self.again(name, "refund", which, count, first, refund_id="'G' || g", out_refund_no="'G' || g", payment=f"6000000001 + g % {self.orders}")
        self.sql(name, f"INSERT INTO entry SELECT g, 4, g, r.created_ms FROM {one}, {numbers}")
        self.sql(name, "INSERT INTO posting SELECT g * 256 + p.id % 256, g, p.account, p.owner, 6000000001 + g % "
                       f"{self.orders}, p.day, p.currency, p.amount FROM (SELECT * FROM posting WHERE entry = (SELECT max(id) FROM entry "
                       f"WHERE kind = 4 AND id < {first})) p, {numbers}")
        self.sql(name, f"INSERT INTO event (id, due_ms, kind, subject, position) SELECT g, r.created_ms + g, 4, g, 0 FROM {one}, {numbers}")
        self.sql(name, "VACUUM ANALYZE")
        self.sql(name, "CHECKPOINT")
