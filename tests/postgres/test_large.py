"""A book of 100 000 refunds: who audits it, or bills its day, takes no more memory than of a small one."""

import subprocess
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

import bills
from demo_book import DemoBook
from program import BINARY, Program
from sharing import asked
from world import BALANCE_ARRIVAL

COUNT = 100_000
ROOM = 16 << 20  # bytes; all postings at once would take five times as much

# The one refunded order of the book once more for each k: numbers of its own, and the same in all else.
AGAIN = """
CREATE TEMP TABLE one AS SELECT p.id AS payment, r.id AS refund FROM payment p JOIN refund r ON r.payment = p.id
  WHERE p.out_trade_no = :'order';
CREATE FUNCTION pg_temp.number(k BIGINT) RETURNS BIGINT LANGUAGE sql AS $$ SELECT 10000000 + k $$;
INSERT INTO payment SELECT n.* FROM one, payment p, generate_series(1, :count) k, LATERAL jsonb_populate_record(p, jsonb_build_object(
  'id', pg_temp.number(k), 'transaction_id', p.transaction_id || '-' || k, 'out_trade_no', p.out_trade_no || '-' || k)) n WHERE p.id = one.payment;
INSERT INTO refund SELECT n.* FROM one, refund r, generate_series(1, :count) k, LATERAL jsonb_populate_record(r, jsonb_build_object(
  'id', pg_temp.number(k), 'refund_id', r.refund_id || '-' || k, 'out_refund_no', r.out_refund_no || '-' || k, 'payment', pg_temp.number(k),
  'transaction_id', r.transaction_id || '-' || k, 'out_trade_no', r.out_trade_no || '-' || k)) n WHERE r.id = one.refund;
CREATE TEMP TABLE old AS SELECT e.id, row_number() OVER (ORDER BY e.id) AS place FROM entry e
  WHERE e.id IN (SELECT p.entry FROM posting p, one WHERE p.payment = one.payment);
INSERT INTO entry SELECT pg_temp.number(10 * k + o.place), e.kind, pg_temp.number(k), e.time_ms
  FROM old o JOIN entry e USING (id), generate_series(1, :count) k;
INSERT INTO posting SELECT pg_temp.number(10 * k + o.place) * 256 + p.id % 256, pg_temp.number(10 * k + o.place), p.account, p.owner,
  pg_temp.number(k), p.day, p.currency, p.amount FROM old o JOIN posting p ON p.entry = o.id, generate_series(1, :count) k;
INSERT INTO event (id, due_ms, kind, subject, position) SELECT pg_temp.number(k), e.due_ms, e.kind, pg_temp.number(k), e.position
  FROM one JOIN event e ON e.subject = one.payment AND e.kind = 2, generate_series(1, :count) k;
"""
# And the arrival of its refund, which is still to come.
ARRIVALS = """
INSERT INTO event (id, due_ms, kind, subject, position) SELECT pg_temp.number(20000000 + k), e.due_ms, e.kind, pg_temp.number(k), e.position
  FROM one JOIN event e ON e.subject = one.refund AND e.kind = 4, generate_series(1, :count) k;
"""


def add(database, order, count, sql):
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-v", f"order={order.out_trade_no}", "-v", f"count={count}", database], input=sql, text=True, check=True)


def peak(program):
    status = Path(f"/proc/{program.process.pid}/status").read_text()
    return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM:"))


def growth_of(program, work):
    Path(f"/proc/{program.process.pid}/clear_refs").write_text("5")  # the peak begins anew
    before = peak(program)
    result = work()
    return result, peak(program) - before


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """The book, and the day that its refunds are of."""
    program = Program(tmp_path_factory.mktemp("large"), demo=True).start()
    book = DemoBook(program)
    book.start_of_scenario()
    day = book.today()
    order = book.paid(book.direct, 1000)
    book.refunded(order, 1000)
    book.forward(BALANCE_ARRIVAL + timedelta(hours=1))
    book.to_next_morning()
    book.control.audit()
    add(program.database, order, COUNT, AGAIN + "ANALYZE;")
    yield book, day, program
    program.stop()


@pytest.mark.plain  # what a sanitizer keeps of freed memory is more
def test_a_bill_of_very_many_lines_is_made_in_little_memory(large):
    book, day, program = large
    body, growth = growth_of(program, lambda: bills.download(book.client, book.direct.caller, book.refund_bill(book.direct, day)))
    assert body.count(b"\r\n`") > COUNT
    assert growth < ROOM, f"{growth >> 20} MiB"


@pytest.mark.plain
def test_an_audit_of_very_many_rows_takes_little_memory(large):
    book, _, program = large
    audited, growth = growth_of(program, book.control.audit)
    assert audited["refunds"] > COUNT, audited
    assert growth < ROOM, f"{growth >> 20} MiB"


def oldest_snapshot(database, until):
    """The greatest age of a snapshot of the database's, in seconds, as long as it goes on."""
    sql = (
        "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL;\n"
    )
    with subprocess.Popen(["psql", "-Atq", database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as psql:
        age = 0.0
        while not until.wait(0.02):
            psql.stdin.write(sql)
            psql.stdin.flush()
            age = max(age, float(psql.stdout.readline()))
        psql.stdin.close()
    return age


def age_and_duration(book, program):
    """Of the oldest snapshot during an audit, and of that."""
    ages, ended = [], threading.Event()
    watch = threading.Thread(target=lambda: ages.append(oldest_snapshot(program.database, ended)))
    watch.start()
    begin = time.monotonic()
    audited = book.control.audit()
    seconds = time.monotonic() - begin
    ended.set()
    watch.join()
    assert audited["refunds"] > COUNT, audited
    return ages[0], seconds


def test_an_audit_of_very_many_rows_holds_no_snapshot_for_long(large):
    book, _, program = large
    book.control.set_clock(freeze=False)  # with a clock that stands it is one snapshot
    for _ in range(4):  # on a busy machine somebody may stand still for a while just in one of them: once more
        age, seconds = age_and_duration(book, program)
        if 0 < age < seconds / 3:
            break
    assert 0 < age < seconds / 3, (age, seconds)


def test_an_audit_of_rows_that_the_database_has_not_counted_yet_compares_none_with_all(tmp_path):
    """As far as PostgreSQL knows no refund is under way: for the few that there could be it would look through all events of the slice, for each."""
    count = 3000
    program = Program(tmp_path, demo=True).start()
    try:
        book = DemoBook(program)
        book.start_of_scenario()
        order = book.paid(book.direct, 1000)
        asked(program.database, "ANALYZE")
        book.refunded(order, 1000)
        add(program.database, order, count, AGAIN + ARRIVALS)
        looked = "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'event_kind_subject_key'"
        before = int(asked(program.database, looked)[0])
        done = subprocess.run([BINARY, "audit", "--store", program.database], capture_output=True, text=True, check=False)
        assert "The book is sound." in done.stdout, done
        assert int(asked(program.database, looked)[0]) - before < 10 * count
    finally:
        program.stop()
