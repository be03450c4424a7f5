"""Events of a book in PostgreSQL: how many a second its server works off alone, and while others read it for long."""
import contextlib
import re
import subprocess
import threading
import time
import urllib.request

PENDING, BILLED = 100_000_000, 400_000_000  # from here on, the numbers of what is added
DAY_MS = 86_400_000


class EventBook:
    """A demo book whose bill of one day has `lines` lines, and besides it `pending` refunds that arrive in the days to come. It is sound, so that an
    audit shows at the end whether something was done twice, or not at all."""

    def __init__(self, shared, serve, data, pending, lines):
        self.shared, self.name = shared, "events"
        shared.sql("postgres", f"CREATE DATABASE {self.name}")
        address = shared.address(self.name)
        server = serve(data, "--store", address)
        server.call("/clock", {"advance": "P2D"})
        server.stop()
        shared.fill(self.name, 1, new=False)
        server = serve(data, "--store", address, made_anew=False)
        server.call("/clock", {"advance": "PT10M"})  # in which the money of all orders is frozen, and no refund arrives
        server.stop()
        shared.orders_again(self.name, "r.state = 1 AND r.caller LIKE '1910%'", pending, PENDING)
        self.day = int(shared.sql(self.name, "SELECT bill_day FROM refund WHERE bill_day IS NOT NULL ORDER BY id LIMIT 1"))
        shared.orders_again(self.name, f"r.bill_day = {self.day}", lines, BILLED)
        shared.sql(self.name, "VACUUM ANALYZE")
        self.server = serve(data, "--store", address, made_anew=False)

    def make_all_due(self):
        """It is later all at once: nobody moves the clock, and the server has caught up with what was due before it began."""
        now = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
        while self.shared.sql(self.name, "SELECT count(*) FROM clock_move") != "0":
            time.sleep(0.1)
        self.shared.sql(self.name, f"UPDATE clock SET book_ms = book_ms + {now} - wire_ms + {3 * DAY_MS}, wire_ms = {now}")

    def ran(self):
        with urllib.request.urlopen(self.server.control + "/metrics", timeout=60) as answer:
            return int(re.search(r"^fenzhang_events_total (\d+)", answer.read().decode(), re.M)[1])

    def rate(self, act):
        """Events a second while `act` does something, and how many seconds that took."""
        before, begin = self.ran(), time.monotonic()
        act()
        seconds = time.monotonic() - begin
        return (self.ran() - before) / seconds, seconds

    def audit(self):
        """Nothing was done twice, nothing was lost; refused if it was."""
        self.server.call("/audit", {})

    def left(self):
        return int(self.shared.sql(self.name, f"SELECT count(*) FROM event WHERE kind = 4 AND subject >= {PENDING}"))

    @contextlib.contextmanager
    def held_snapshot(self):
        """Somebody begins to read and does not end."""
        holder = subprocess.Popen(["psql", "-Atq", self.shared.address(self.name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        holder.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT 'held ' || count(*) FROM clock;\n")
        holder.stdin.flush()
        if holder.stdout.readline() != "held 1\n":
            raise SystemExit("bench: the snapshot is not held")
        try:
            yield
        finally:
            holder.communicate("COMMIT;\n", timeout=60)

    @contextlib.contextmanager
    def oldest(self):
        """Looks all the time how old the oldest snapshot is; a list that gets the greatest age, in seconds."""
        told, ended = [], threading.Event()
        watch = subprocess.Popen(["psql", "-Atq", self.shared.address(self.name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        sql = ("SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0) FROM pg_stat_activity"
               " WHERE datname = current_database() AND backend_xmin IS NOT NULL AND pid <> pg_backend_pid();\n")

        def look():
            greatest = 0.0
            while not ended.is_set():
                watch.stdin.write(sql)
                watch.stdin.flush()
                greatest = max(greatest, float(watch.stdout.readline()))
                ended.wait(0.05)
            told.append(greatest)

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield told
        finally:
            ended.set()
            thread.join()
            watch.communicate(timeout=60)
