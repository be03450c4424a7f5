"""POST /reset: back to the book as it was created, in one instant, in everything; but what is drawn is drawn afresh."""

import shutil
import threading
import time

import pytest

from answers import ok
from callbacks import told, until
from control import ControlError
from demo_book import DemoBook
from world import World


def story(running):
    """The numbers that the platform gives to the same acts, one after another."""
    book = DemoBook(running)
    made = book.control.make_payment(**book.direct.in_control(), amount=500, notify_url="http://127.0.0.1:9/n")
    event = told(book.control, out_trade_no=made["out_trade_no"])[0]["id"]
    return made["transaction_id"], made["out_trade_no"], event


def test_a_reset_begins_a_new_story_of_the_seed(program):
    one, other = program(demo=True, seed=5), program(demo=True, seed=5)
    stories = [story(one)]
    for _ in range(2):
        World(one).control.reset()
        stories.append(story(one))
    assert all(len({tale[i] for tale in stories}) == 3 for i in range(3)), stories
    # it follows from the seed and the number of the reset
    assert story(other) == stories[0]
    World(other).control.reset()
    assert story(other) == stories[1]
    # the same one again, and then on; a restart goes on in it as well
    World(other).control.post("/reset", {"again": True})
    assert story(other) == stories[1]
    other.stop()
    other.start()
    World(other).control.post("/reset", {"again": True})
    assert story(other) == stories[1]
    World(other).control.reset()
    assert story(other) == stories[2]


def test_without_a_seed_a_reset_draws_afresh(program):
    running = program(demo=True, seed=None)
    stories = [story(running)]
    for _ in range(2):
        World(running).control.reset()
        stories.append(story(running))
    assert all(len({tale[i] for tale in stories}) == 3 for i in range(3)), stories
    with pytest.raises(ControlError, match="^400 .*without --seed"):
        World(running).control.post("/reset", {"again": True})
    assert World(running).control.healthy()
    again = DemoBook(running)
    assert ok(again.refund_by_number(again.direct, again["DIRECT_OUT_REFUND_NO"]))["id"] == again["DIRECT_REFUND_ID"]


def test_requests_beside_it_see_the_old_book_or_the_new_one(program):
    """An advance balance of 1100 in the old book, of 1000 in the new one: never another, and nobody is unknown. In the old book it is
    a year later, so whoever read one book by the clock of the other would find no pool of the day."""
    book = DemoBook(program("--workers", "2", demo=True))
    ended, seen, wrong = threading.Event(), [], []
    askers = [DemoBook(book.program) for _ in range(3)]

    def ask(mine):
        while not ended.is_set():
            begin = time.monotonic()
            answer = mine.balance(mine.institution)
            if answer.status == 200:
                seen.append((begin, answer.json["balance"]))
            else:
                wrong.append(answer)

    asking = [threading.Thread(target=ask, args=(one,)) for one in askers]
    results = []
    for round in range(50):
        if round >= 6 and set().union(*results) == {1000, 1100}:  # more rounds until somebody asked at the right moment
            break
        book.control.set_clock(advance="P1Y")
        book.raise_advance_balance(book.institution, 1100)
        if not asking[0].is_alive():
            for thread in asking:
                thread.start()
        begin = time.monotonic()
        book.control.reset()
        over = time.monotonic()
        until(lambda: any(asked >= over for asked, _ in list(seen)))
        results.append({balance for asked, balance in list(seen) if asked >= begin})
    ended.set()
    for thread in asking:
        thread.join()
    assert wrong == []
    assert set().union(*results) == {1000, 1100}, results
    book.control.audit()


def test_everything_is_as_it_was_created(program):
    """What lies in memory too: faults, modes of callbacks, the clock of their headers; and what the limits have counted, which
    tests/unit/server/http/limits.c looks at."""
    book = DemoBook(program(demo=True, limits="real"))
    book.control.add_fault(error="SYSTEM_ERROR")
    book.control.post("/callbacks/mode", {"mchid": book.direct.sponsor, "mode": "duplicate"})
    book.control.set_clock(sign="book", advance="P3D")
    book.control.post("/limits", {"limits": "off"})
    before = DemoBook(book.program)
    clock = book.control.reset()
    assert clock == {"now": "2026-01-05T10:00:00+08:00", "frozen": True, "sign": "wire"}
    assert book.control.faults() == []
    assert book.control.get("/limits") == {"limits": "real"}
    assert book.control.get("/callbacks/mode")["modes"] == []
    assert ok(before.balance(before.institution))["balance"] == 1000


def test_a_reset_that_fails_is_told_by_health(program):
    running = program(demo=True)
    control = World(running).control
    environment = running.data / "demo.env"
    environment.unlink()
    environment.mkdir()
    (environment / "in-the-way").touch()
    with pytest.raises(ControlError, match="^500 .*demo.env"):
        control.reset()
    health = control.raw("GET", "/health")
    assert health.status_code == 503 and "POST /reset" in health.json()["error"]
    shutil.rmtree(environment)
    control.reset()
    assert control.healthy()
    assert environment.is_file()
