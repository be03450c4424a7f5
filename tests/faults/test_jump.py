"""Moving the clock by a year over 100 000 pending events: seconds, with progress; the server answers meanwhile; kill -9 in the middle leaves a whole book."""
import threading
import time

import pytest
import requests

from answers import ok
from book import ON_POSTGRES, book_change, book_columns, book_renumber, book_rows, book_value
from callbacks import until
from client import PATIENCE
from moved import moved
from world import Party

PENDING = 2_000 if ON_POSTGRES else 100_000  # each event there is asked for over a wire
HALF_A_YEAR_MS = 180 * 86_400_000


def demo_party(world):
    return Party(world.credentials("1900000100"), "1900000109")


@pytest.fixture
def crowd(program, world_of):
    """A factory: crowd() is a stopped server whose book has PENDING receivers that wait for their audit, spread over half a year."""
    return lambda: crowded(program(demo=True, seed=None), world_of)


def crowded(server, world_of):
    world = world_of(server)
    world.control.set_clock(freeze=True)
    world.receiver(demo_party(world))
    now_ms = int(world.now().timestamp() * 1000)
    server.stop()
    numbers = f"WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < {PENDING})"
    first = book_value(server, "SELECT max(id) FROM receiver")
    event = book_value(server, "SELECT coalesce(max(id), 0) FROM event")
    made = {"id": "id + i", "account": "CAST(1800000000 + i AS TEXT)", "state": "1"}
    columns = book_columns(server, "receiver")
    copied = ", ".join(made.get(name, name) for name in columns)
    book_change(server, f"{numbers} INSERT INTO receiver ({', '.join(columns)}) SELECT {copied} FROM receiver, number WHERE id = {first}")
    book_change(server, f"{numbers} INSERT INTO event (id, due_ms, kind, subject, position)"
                f" SELECT {event} + i, {now_ms + 3_600_000} + {HALF_A_YEAR_MS} * i / {PENDING}, 5, {first} + i, 0 FROM number")
    book_renumber(server, "receiver", "event")
    return server


def waiting(server):
    return book_value(server, "SELECT count(*) FROM receiver WHERE state = 1 AND account LIKE '18%'")


# A jump takes seconds. On a busy machine, who looks what can be done meanwhile may stand still for as long: then once more, with another book.
TRIES = 5


def asked_during_a_year(server, world_of):
    """How long each question took that was asked meanwhile."""
    world = world_of(server)
    party = demo_party(world)
    slowest = []
    done = threading.Event()

    def ask():
        mine = world_of(server)
        while not done.is_set():
            begin = time.monotonic()
            assert mine.control.healthy()
            ok(mine.balance(party))
            slowest.append(time.monotonic() - begin)

    asking = threading.Thread(target=ask)
    asking.start()
    begin = time.monotonic()
    world.control.set_clock(advance="P1Y")
    took = time.monotonic() - begin
    done.set()
    asking.join()
    assert waiting(server) == 0
    assert took < 60 * PATIENCE  # seconds on any machine; the figure itself is measured in bench/
    assert "events" in server.log_text()
    world.control.audit()
    server.stop()
    return slowest


@pytest.mark.plain
def test_a_year_takes_seconds_and_the_server_answers_meanwhile(crowd, world_of):
    for _ in range(TRIES):
        took = asked_during_a_year(crowd().start(), world_of)
        if len(took) > 3:
            break
    assert len(took) > 3 and max(took) < 2 * PATIENCE


def killed_in_a_jump(server, world_of):
    """Kills it in a jump that another one waits for: (the time before, the last that was seen). None if the jump was over by then."""
    world = world_of(server)
    before, ended = world.now(), []

    def jump():
        try:
            ended.append(world_of(server).control.set_clock(advance="P1Y"))
        except requests.exceptions.RequestException:  # as it is killed
            pass

    jumping, waiting_too = threading.Thread(target=jump), threading.Thread(target=jump)
    jumping.start()
    until(lambda: world.now() != before, 60)
    waiting_too.start()
    reset = world.control.raw("POST", "/reset", json={}).status_code
    seen = world.now()
    server.kill()
    jumping.join()
    waiting_too.join()
    if ended or waiting(server) == 0:
        return None
    assert reset == 409
    return before, seen


@pytest.mark.plain
def test_a_second_jump_meanwhile_waits_and_kill_9_leaves_a_whole_book(crowd, world_of):
    for _ in range(TRIES):
        server = crowd().start()
        if killed := killed_in_a_jump(server, world_of):
            break
    assert killed, "each jump was over"
    before, seen = killed
    left = waiting(server)
    assert 0 < left < PENDING
    world = world_of(server.start())
    assert before < seen <= world.now()
    # Neither is the next write dated before what the batches had come to.
    paid = world.control.make_payment(**demo_party(world).in_control(), amount=100)
    written_ms = book_value(server, "SELECT success_ms FROM payment WHERE transaction_id = ?", paid["transaction_id"])
    assert written_ms >= seen.timestamp() * 1000
    world.control.audit()
    moved(lambda: world.control.set_clock(advance="P1Y"))
    assert waiting(server) == 0
    world.control.audit()
    server.stop()


@pytest.mark.plain
def test_kill_9_while_catching_up_leaves_the_rest_to_be_caught_up(crowd, world_of):
    """The machine was off for half a year and two hours. What was caught up with before the kill stays, and nothing is
    dated before it; the rest follows."""
    away_ms = HALF_A_YEAR_MS + 2 * 3_600_000
    for _ in range(TRIES):
        server = crowd()
        book_change(server, "UPDATE clock SET frozen = 0, wire_ms = wire_ms - ?", away_ms)
        ((stopped_ms, wire_ms),) = book_rows(server, "SELECT book_ms, wire_ms FROM clock")
        world = world_of(server.start())
        until(lambda: waiting(server) < PENDING, 60)
        seen = world.now()
        server.kill()
        left = waiting(server)
        if left > 0:
            break
    assert 0 < left < PENDING
    stored_ms = book_value(server, "SELECT book_ms FROM clock")
    due_ms = book_value(server, "SELECT min(due_ms) FROM event WHERE kind = 5")
    # It stands where the events are: past those that ran, not past one that did not.
    assert stopped_ms < stored_ms <= due_ms
    assert seen.timestamp() * 1000 - 1000 <= due_ms

    world = world_of(server.start())
    party = world.party("institution")
    paid = world.control.make_payment(**party.in_control(), amount=100)
    written_ms = book_value(server, "SELECT success_ms FROM payment WHERE transaction_id = ?", paid["transaction_id"])
    assert written_ms >= stored_ms
    until(lambda: waiting(server) == 0, 120)
    world.control.audit()
    # The clock has lost nothing of the time away, and gained nothing.
    before_ms = time.time() * 1000
    now_ms = world.now().timestamp() * 1000
    assert before_ms - 1000 <= now_ms - stopped_ms + wire_ms <= time.time() * 1000 + 1000
    server.stop()
