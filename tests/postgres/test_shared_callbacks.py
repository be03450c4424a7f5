"""Callbacks of one book that several processes send: each is one's, in order, and of one that dies the others send them."""

import signal
import time
from collections import Counter
from datetime import timedelta

import pytest

from callbacks import Receiver, until
from test_events import address, numbered_apart, pass_time, running, until_all_take_part  # noqa: F401 (a fixture)
from sharing import asked
from world import BALANCE_ARRIVAL

ORDERS = 30


def shop(answer=None):
    return Receiver(answer)


def waiting(address):
    return int(asked(address, "SELECT count(*) FROM notification WHERE state = 1")[0])


def sent(world):
    return int(next(line for line in world.control.metrics().text.splitlines() if line.startswith("fenzhang_callbacks_sent_total")).split()[-1])


def test_each_callback_is_sent_once_and_all_take_part(tmp_path, address):
    def round_of_work():
        for index in range(ORDERS):
            world = worlds[index % 2]
            order = world.paid(world.direct, 10000, marked=False, notify_url=receiver.url())
            world.refunded(order, 100, notify_url=receiver.url())
        pass_time(address, BALANCE_ARRIVAL)
        until(lambda: asked(address, "SELECT count(*) FROM refund WHERE state = 1") == ["0"], 20)
        until(lambda: waiting(address) == 0, 20)

    receiver = shop(lambda callback: time.sleep(0.05) or 200)
    with running(tmp_path, address) as worlds:
        numbered_apart(worlds)
        worlds[0].start_of_scenario()
        callbacks = until_all_take_part(worlds, sent, round_of_work) * 2 * ORDERS
        counted = Counter(callback.id for callback in receiver.received)
        assert len(counted) == callbacks and set(counted.values()) == {1}
        assert asked(address, "SELECT count(*) FROM notification_attempt") == [str(callbacks)]
        assert asked(address, "SELECT count(*) FROM flight") == ["0"]
        worlds[1].control.audit()
        receiver.close()


def test_a_ladder_is_climbed_by_all_together_step_by_step(tmp_path, address):
    with running(tmp_path, address) as worlds:
        worlds[0].start_of_scenario()
        receiver = shop(lambda callback: 500)
        for world in worlds:
            world.paid(world.direct, 10000, marked=False, notify_url=receiver.url())
        for step in range(1, 6):
            until(lambda: asked(address, f"SELECT count(*) FROM notification WHERE step = {step}") == ["2"], 20)
            time.sleep(0.5)
            assert len(receiver.received) == 2 * step
            pass_time(address, timedelta(minutes=11))
        receiver.close()


def test_what_a_process_that_dies_was_sending_the_others_send(tmp_path, address):
    hangs = [True]
    receiver = shop(lambda callback: (time.sleep(4) if hangs else None) or 200)
    with running(tmp_path, address) as (here, there):
        here.start_of_scenario()
        there.program.stop()
        here.paid(here.direct, 10000, marked=False, notify_url=receiver.url())
        first = receiver.wait(1)[0]
        here.program.kill()
        hangs.clear()
        there.program.start()
        until(lambda: waiting(address) == 0, 15)
        assert {callback.id for callback in receiver.received} == {first.id}
        assert asked(address, "SELECT attempts, step FROM notification WHERE state = 2") == ["1|0"]
        here.program.start()
    receiver.close()


def test_a_call_waits_for_a_callback_whoever_sends_it(tmp_path, address):
    with running(tmp_path, address, 3) as worlds:
        worlds[0].start_of_scenario()
        receiver = shop()
        for index in range(12):
            world = worlds[index % 3]
            made = world.control.make_payment(
                **world.direct.in_control(), amount=1000, notify_url=receiver.url(), callbacks="wait"
            )
            assert made["callback"]["state"] == "DELIVERED" and made["callback"]["status"] == 200
            assert receiver.received[-1].id == made["callback"]["id"]
        receiver.close()


def test_another_book_is_seen_by_all(tmp_path, address):
    """A reset of one: the others send nothing of the old book, number and draw as the new one, and serve it."""
    with running(tmp_path, address) as (here, there):
        here.start_of_scenario()
        receiver = shop(lambda callback: 500)
        there.paid(there.direct, 10000, marked=False, notify_url=receiver.url())
        receiver.wait(1)
        here.control.reset()
        began = len(receiver.received)
        here.start_of_scenario()
        there.start_of_scenario()
        assert there.now() == here.now()
        paid = [world.paid(world.direct, 700 + index, marked=False) for index, world in enumerate((here, there, here, there))]
        assert len({order.transaction_id for order in paid}) == 4
        assert len(asked(address, "SELECT id FROM payment WHERE amount BETWEEN 700 AND 703")) == 4
        for world in (there, here):
            world.forward(hours=2)
            world.control.audit()
        assert len(receiver.received) == began
        receiver.close()


def test_the_same_story_is_drawn_again_by_all(tmp_path, address):
    """After a reset that tells the story again, a process that was not asked draws what it drew at first."""
    with running(tmp_path, address) as (here, there):
        def story():
            there.start_of_scenario()
            return [there.paid(there.direct, 900, marked=False).transaction_id for _ in range(3)]

        numbers = [story()]
        for again in (True, False):
            here.control.post("/reset", {"again": again})
            numbers.append(story())
        tails = [[number[-9:] for number in told] for told in numbers]
        assert tails[0] == tails[1] != tails[2]


def test_a_bill_is_the_present_book_s_whoever_is_asked(tmp_path, address):
    """Of a process that stood still during the reset, at once: not the file that it made for the same day of the book before."""
    def tell(world, amount):
        world.start_of_scenario()
        day = world.today()
        world.refunded(world.paid(world.direct, 5000), amount)
        world.forward(BALANCE_ARRIVAL)
        world.to_next_morning()
        return day

    def statement(world):
        answer = world.statement(world.direct, day)
        assert answer.status == 200
        return answer.body

    with running(tmp_path, address) as (here, there):
        day = tell(there, 300)
        before = statement(there)
        there.program.process.send_signal(signal.SIGSTOP)
        try:
            here.control.post("/reset", {"again": True})
            assert tell(here, 400) == day
        finally:
            there.program.process.send_signal(signal.SIGCONT)
        assert statement(there) != before
        assert statement(there) == statement(here)
