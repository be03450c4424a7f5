"""While somebody holds an old snapshot, events that have run stay in the index. Who looks for the next begins behind them, and misses nothing: not
what is written late, nor what somebody had in hand who dies; nor does what is earlier of one order come after what is later."""

import contextlib
from datetime import timedelta

import pytest
from psycopg2 import connect

from callbacks import until
from sharing import asked
from test_events import address, due, pass_time, running, twice  # noqa: F401 (a fixture)
from world import BALANCE_ARRIVAL

GHOSTS = 1_000_000_000  # from here on, events of refunds that are not there: they are over at once


@contextlib.contextmanager
def somebody(address):
    """A session in a transaction, which nothing is kept of unless it says so."""
    session = connect(address)
    try:
        yield session
    finally:
        session.close()


def plant(address, count, first, due):
    """So many events that move nothing, from that number on, a millisecond apart from `due` on, where `now` is the book's time."""
    asked(address, f"INSERT INTO event (id, due_ms, kind, subject, position) SELECT g, due + g - {first}, 4, g, 0 FROM"
                   f" (SELECT {due} AS due FROM (SELECT book_ms AS now FROM clock) c) d, generate_series({first}, {first} + {count} - 1) g")


def ghosts(address):
    return int(asked(address, f"SELECT count(*) FROM event WHERE id >= {GHOSTS}")[0])


def run_behind(address, first=GHOSTS):
    """What is due just now has run, so the next look begins there."""
    plant(address, 50, first, "now - 1000")
    until(lambda: ghosts(address) == 0)


def of_refund(refund):
    return f"kind = 4 AND subject = (SELECT id FROM refund WHERE refund_id = '{refund['id']}')"


def state(address, refund):
    return asked(address, f"SELECT state FROM refund WHERE refund_id = '{refund['id']}'")


@pytest.fixture
def worlds(tmp_path, address):
    with running(tmp_path, address) as worlds:
        worlds[0].start_of_scenario()
        yield worlds


def pages(address):
    """How many of the events' table and its indices were read, by those who are gone."""
    until(lambda: sessions(address) == 2)  # whoever holds the snapshot, and this one
    return int(asked(address, "SELECT heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit FROM pg_statio_user_tables WHERE relname = 'event'")[0])


def left(address, first):
    """How many of these are still to come, found by their own numbers: who looks for what is due passes the dead ones, which would count."""
    return int(asked(address, f"SET enable_seqscan = off; SELECT count(*) FROM event WHERE id >= {first}")[0])


def sessions(address):
    return int(asked(address, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'")[0])


def test_what_has_run_is_passed_now_and_then_and_not_for_each_event(tmp_path, address):
    dead, events = 100_000, 300
    with running(tmp_path, address, 1) as (world,), somebody(address) as holder:
        world.start_of_scenario()
        world.program.stop()
        holder.set_isolation_level("REPEATABLE READ")
        holder.cursor().execute("SELECT count(*) FROM clock")
        plant(address, dead, GHOSTS, "now + 60000")
        asked(address, f"DELETE FROM event WHERE id >= {GHOSTS}")
        pass_time(address, timedelta(hours=1))
        plant(address, events, GHOSTS + dead, "now - 1000")
        asked(address, "ANALYZE event")
        before = pages(address)
        asked(address, "SELECT due_ms FROM event ORDER BY due_ms, id LIMIT 1")
        once = pages(address) - before
        world.program.start()
        until(lambda: left(address, GHOSTS + dead) == 0, 60)
        world.program.stop()
        passed = pages(address) - before
    assert once > 1000
    assert passed < once * events / 5


def test_an_event_that_comes_late_and_is_due_early_happens(address, worlds):
    here, there = worlds
    refund = here.refunded(here.paid(here.direct, 10000, marked=False), 1000)
    with somebody(address) as late:
        late.cursor().execute(f"UPDATE event SET due_ms = due_ms - {3600 * 1000} WHERE {of_refund(refund)}")
        run_behind(address)
        late.commit()
    until(lambda: state(address, refund) == ["2"])
    there.control.audit()


def test_an_event_of_somebody_who_dies_happens(address, worlds):
    here, there = worlds
    refund = here.refunded(here.paid(here.direct, 10000, marked=False), 1000)
    with somebody(address) as dying:
        dying.cursor().execute(f"SELECT 1 FROM event WHERE {of_refund(refund)} FOR UPDATE")
        dying.cursor().execute(f"DELETE FROM event WHERE {of_refund(refund)}")
        pass_time(address, BALANCE_ARRIVAL + timedelta(minutes=1))
        run_behind(address)
        assert state(address, refund) == ["1"]
        asked(address, f"SELECT pg_terminate_backend({dying.info.backend_pid})")
        until(lambda: state(address, refund) == ["2"])
    there.control.audit()


def test_the_earlier_event_of_an_order_comes_first_though_looks_begin_behind_it(address, worlds):
    """Freezing comes to be due hours ago and the release just now: before a look through all finds the one, the other waits."""
    here, there = worlds
    orders = [here.paid(here.direct, 10007, frozen=False) for _ in range(20)]
    run_behind(address)
    theirs = "subject IN (SELECT id FROM payment WHERE amount = 10007)"
    asked(address, "UPDATE event SET due_ms = (SELECT book_ms FROM clock) - CASE kind WHEN 1 THEN 7200000 ELSE 1000 END"
                   f" WHERE kind IN (1, 2) AND {theirs}")
    until(lambda: due(address) == 0)
    assert asked(address, "SELECT funds_state, distributable, count(*) FROM payment WHERE amount = 10007 GROUP BY 1, 2") == [f"3|0|{len(orders)}"]
    assert twice(address) == []
    there.control.audit()
