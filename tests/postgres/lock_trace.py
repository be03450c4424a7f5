"""What a book's transactions lock, and in which order, as the server's log tells it; and what is wrong with that (docs/architecture.md, "Lock
order")."""

import contextlib
import pathlib
import re
import subprocess
from urllib.parse import parse_qs, urlsplit

from callbacks import until

LINE = re.compile(r"locks (\d+) (\S+) (\w+):  (.*)")
EXECUTED = re.compile(r"execute [^:]*: (.*)")
PARAMETER = re.compile(r"\$(\d+) = (?:'((?:[^']|'')*)'|NULL)")
ORDER = re.compile(r" FROM payment .*FOR NO KEY UPDATE$")
POOL = re.compile(r"^(UPDATE pool|INSERT INTO pool) |FROM pool .*FOR NO KEY UPDATE$")
WRITE = re.compile(r"^(?:UPDATE|INSERT INTO|DELETE FROM) (\w+)")
WAITS = re.compile(r"^(?:UPDATE|INSERT INTO|DELETE FROM) |FOR NO KEY UPDATE$")

# Reversing an order is a refund and its arrival in one; behind the pool it writes what it has made or holds itself.
REVERSAL = re.compile(r"^UPDATE payment SET state = \$2, revoked_ms")
OF_A_REVERSAL = {"refund", "entry", "posting", "event", "notification", "payment"}

# Who moves the clock has the book for himself, so many events of many orders are no harm.
ALONE = re.compile(r"pg_advisory_xact_lock\(|FROM event .*FOR NO KEY UPDATE$")


def ask(address, sql):
    return subprocess.run(["psql", "-Atqc", sql, address], capture_output=True, text=True, check=True).stdout.strip()


@contextlib.contextmanager
def traced(server, database):
    """While this lasts the server writes down all statements of the book `database`. Gives what reads them."""
    log = pathlib.Path(parse_qs(urlsplit(server).query)["host"][0]) / "server-log"
    begin = log.stat().st_size
    everybody = f"{server}&dbname=postgres"
    name = database.rpartition("=")[2]
    ask(everybody, f"ALTER DATABASE {name} SET log_statement = 'all'")
    ask(everybody, "ALTER SYSTEM SET log_line_prefix = 'locks %p %d '")
    ask(everybody, "SELECT pg_reload_conf()")
    until(lambda: ask(everybody, "SHOW log_line_prefix").startswith("locks"))  # of whoever comes from here on
    try:
        yield lambda: transactions(log.read_bytes()[begin:].decode("utf-8", "replace"), name)
    finally:
        ask(everybody, "ALTER SYSTEM RESET log_line_prefix")
        ask(everybody, "SELECT pg_reload_conf()")


def statements(text, name):
    """Each with the number of its connection and its values."""
    last = {}
    for line in text.splitlines():
        found = LINE.match(line)
        if not found or found[2] != name:
            continue
        connection, kind, rest = found[1], found[3], found[4]
        executed = EXECUTED.match(rest)
        if kind == "LOG" and executed:
            if connection in last:
                yield last.pop(connection)
            last[connection] = (connection, executed[1], {})
        if kind == "DETAIL" and connection in last:
            last[connection][2].update((int(number), value) for number, value in PARAMETER.findall(rest))
    yield from last.values()


def transactions(text, name):
    """Each a list of statements with their values."""
    under_way, done = {}, []
    for connection, sql, values in statements(text, name):
        if sql.startswith("BEGIN "):
            under_way[connection] = []
        elif sql in ("COMMIT", "ROLLBACK"):
            done.append(under_way.pop(connection, []))
        elif connection in under_way:
            under_way[connection].append((sql, values))
    return done


def slot_of(sql, values):
    """(kind, day, slot) of a statement that locks a pool; all slots count as the first."""
    inserted = re.match(r"INSERT INTO pool \(sponsor, kind, day, slot, balance\) VALUES \(\$1, \$(\d+), \$(\d+), \$(\d+)", sql)
    if inserted:
        return tuple(int(values[int(number)]) for number in inserted.groups())
    if sql.startswith("INSERT INTO pool "):
        return int(values[2]), int(values[3]), 0
    slot = re.search(r" slot = \$(\d+)", sql)
    kind, day = (re.search(rf" {column} = \$(\d+)", sql)[1] for column in ("kind", "day"))
    return int(values[int(kind)]), int(values[int(day)]), int(values[int(slot[1])]) if slot else 0


def without_misses(transaction):
    """An UPDATE of a slot that is made afterwards has found, and locked, nothing."""
    made = {slot_of(sql, values): place for place, (sql, values) in enumerate(transaction) if sql.startswith("INSERT INTO pool (") and "VALUES" in sql}
    for place, (sql, values) in enumerate(transaction):
        if not (sql.startswith("UPDATE pool ") and made.get(slot_of(sql, values), -1) > place):
            yield sql, values


def faults_of(transaction):
    """Sentences, one for each statement that waits where it must not."""
    if any(ALONE.search(sql) for sql, _ in transaction):
        return []
    reverses = any(REVERSAL.match(sql) for sql, _ in transaction)
    held, kept, faults, all_held = [], 0, [], False
    for sql, values in without_misses(transaction):
        written = WRITE.match(sql)
        if sql.startswith("SAVEPOINT"):
            kept = len(held)
        elif sql.startswith("ROLLBACK TO"):
            del held[kept:]
        elif POOL.search(sql):
            slot = slot_of(sql, values)
            if slot not in held and not all_held and held and slot < held[-1]:
                faults.append(f"slot {slot} behind {held[-1]}: {sql}")
            held.append(slot)
            all_held = all_held or sql.endswith("FOR NO KEY UPDATE")
        elif held and ORDER.search(sql) and not reverses:
            faults.append(f"an order behind a pool: {sql}")
        elif held and WAITS.search(sql) and not (reverses and (ORDER.search(sql) or written and written[1] in OF_A_REVERSAL)):
            faults.append(f"a row behind a pool: {sql}")
    return faults
