"""kill -9 while callbacks are on their way: each comes at least once, under one event id, and none that should not."""
import time

import pytest

from answers import ok
from callbacks import Receiver, shown, told, until
from moved import moved

pytestmark = pytest.mark.concurrent
ORDERS = 60


@pytest.fixture
def shop():
    receiver = Receiver()
    yield receiver
    receiver.close()


def sell(world, party, shop, count):
    return [
        world.control.make_payment(**party.in_control(), amount=100 + i, notify_url=shop.url())["out_trade_no"]
        for i in range(count)
    ]


@pytest.mark.parametrize("seconds", [0, 0.02, 0.1])
def test_no_callback_is_lost_by_kill_9(program, world_of, shop, seconds):
    server = program(demo=True)
    world = world_of(server)
    world.control.set_clock(freeze=True)
    party = world.party("institution")
    shop.answer = lambda callback: time.sleep(0.01) or 200
    numbers = sell(world, party, shop, ORDERS)
    time.sleep(seconds)
    server.kill()
    before = len(shop.received)

    again = world_of(program(demo=True, directory=server.directory))
    until(lambda: told(again.control, state="WAITING") == [], 20)
    key = again.credentials(party.sponsor).apiv3_key
    assert all(callback.is_signed(again.client.platform) for callback in shop.received)
    ids = {}
    for callback in shop.received:
        ids.setdefault(callback.opened(key)["out_trade_no"], set()).add(callback.id)
    assert set(ids) == set(numbers)
    assert {len(of_one) for of_one in ids.values()} == {1}
    assert len(shop.received) <= ORDERS + 64  # what was on its way, at most, came twice
    assert before <= len(shop.received)
    again.control.audit()


def test_what_was_answered_is_not_sent_again_after_kill_9(program, world_of, shop):
    server = program(demo=True)
    world = world_of(server)
    party = world.party("direct")
    sell(world, party, shop, 5)
    until(lambda: len(told(world.control, state="DELIVERED")) == 5)
    server.kill()
    again = world_of(program(demo=True, directory=server.directory))
    sell(again, party, shop, 1)
    shop.wait(6)
    time.sleep(0.3)
    assert len(shop.received) == 6


def test_the_attempts_and_the_ladder_outlive_kill_9(program, world_of, shop):
    server = program(demo=True)
    world = world_of(server)
    world.control.set_clock(freeze=True)
    party = world.party("direct")
    shop.answer = lambda callback: 500
    sell(world, party, shop, 1)
    event_id = shop.wait(1)[0].id
    until(lambda: shown(world.control, event_id)["attempts"] == 1)
    first = shown(world.control, event_id)
    server.kill()
    again = world_of(program(demo=True, directory=server.directory))
    assert shown(again.control, event_id) == first
    again.forward(seconds=14)
    assert len(shop.received) == 1
    again.forward(seconds=1)
    assert [callback.id for callback in shop.received] == [event_id] * 2


def test_kill_9_in_a_move_of_the_clock(program, world_of, shop):
    """The book stands at an instant in between; the refunds that had arrived are told, those that had not are not."""
    import threading

    server = program(demo=True)
    world = world_of(server)
    world.control.set_clock(freeze=True)
    party = world.party("institution")
    order = world.paid(party, 100_000)
    numbers = []
    for i in range(40):
        number = world.number("R")
        ok(world.refund(order, 10, number, notify_url=shop.url()))
        numbers.append(number)
        world.forward(seconds=20)
    shop.answer = lambda callback: time.sleep(0.02) or 200

    def move():
        try:
            world_of(server).forward(hours=2)
        except Exception:  # noqa: BLE001 - the server is killed under it
            pass

    mover = threading.Thread(target=move)
    mover.start()
    shop.wait(5)
    server.kill()
    mover.join()

    again = world_of(program(demo=True, directory=server.directory))
    again.control.audit()
    moved(lambda: again.forward(hours=2))
    key = again.credentials(party.sponsor).apiv3_key
    came = [callback.opened(key)["out_refund_no"] for callback in shop.received]
    assert set(came) == set(numbers)
    first_times = list(dict.fromkeys(came))
    assert first_times == numbers  # in the order in which they arrived
    again.control.audit()
