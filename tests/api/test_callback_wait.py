"""Control calls that bring a callback forth and wait for it: "callbacks":"wait", and serve --callback-wait."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from answers import ok
from callbacks import Receiver, settled, shown, told, until
from control import ControlError
from ports import nobodys_port
from world import World


@pytest.fixture
def receiver():
    receivers = []

    def listen(answer=None):
        receivers.append(Receiver(answer))
        return receivers[-1]

    yield listen
    for one in receivers:
        one.close()


def order_of(world, party, url):
    number = world.number("W")
    ok(world.native(party, number, 1000, notify_url=url))
    return number


def pay(world, party, url, **members):
    return world.control.pay(order_of(world, party, url), **party.in_control(), callbacks="wait", **members)


def make(world, party, url, **members):
    return world.control.make_payment(**party.in_control(), amount=1000, notify_url=url, callbacks="wait", **members)


class Gate:
    """A receiver's answer that is held until the test lets it go: within the 5 seconds that an answer may take, or it counts for none."""

    def __init__(self, status=200):
        self.status, self.open, self.began = status, threading.Event(), None

    def __call__(self, callback):
        self.began = self.began or time.monotonic()
        self.open.wait(60)
        return self.status

    def let_go(self):
        self.open.set()
        if self.began is not None and time.monotonic() - self.began > 4:  # None: it is on its way here
            pytest.skip("what an answer was held for took more than 4 seconds here")


@pytest.mark.parametrize("way", [pay, make])
@pytest.mark.parametrize("status, state", [(200, "DELIVERED"), (204, "DELIVERED"), (500, "WAITING"), (404, "WAITING")])
def test_the_answer_tells_what_came_of_it(world, direct, receiver, way, status, state):
    shop = receiver(lambda callback: status)
    callback = way(world, direct, shop.url())["callback"]
    (came,) = shop.received  # when the call has answered
    assert callback == {"id": came.id, "state": state, "status": status}
    assert shown(world.control, came.id)["attempts"] == 1


@pytest.mark.parametrize("way", [pay, make])
def test_the_call_is_answered_after_the_callback(world, direct, receiver, way):
    gate = Gate()
    shop = receiver(gate)
    with ThreadPoolExecutor() as pool:
        paying = pool.submit(way, world, direct, shop.url())
        (came,) = shop.wait(1)
        state, done = shown(world.control, came.id)["state"], paying.done()
        gate.let_go()
        assert state == "WAITING" and not done
        assert paying.result()["callback"] == {"id": came.id, "state": "DELIVERED", "status": 200}


def test_a_receiver_that_is_silent(world, direct, receiver):
    gate = Gate(None)
    shop = receiver(gate)
    try:
        callback = make(world, direct, shop.url())["callback"]
    finally:
        gate.open.set()
    assert callback == {"id": shop.received[0].id, "state": "WAITING", "error": "no whole answer within 5 seconds"}


def test_a_receiver_that_is_not_there(world, direct):
    with nobodys_port() as port:
        callback = make(world, direct, f"http://127.0.0.1:{port}/notify")["callback"]
    told_of = told(world.control, limit=1)[0]
    assert callback.pop("error") and callback == {"id": told_of["id"], "state": "WAITING"}


@pytest.mark.parametrize("way", [pay, make])
def test_without_notify_url_there_is_nothing_to_wait_for(world, direct, way):
    if way is pay:
        number = world.number("W")
        ok(world.by_code(direct, number, 1000, world.auth_code("9902")))  # its payer has to enter a password
        answer = world.control.pay(number, **direct.in_control(), callbacks="wait")
    else:
        answer = world.control.make_payment(**direct.in_control(), amount=1000, callbacks="wait")
    assert answer["callback"] is None


def test_nobody_waits_who_does_not_ask(world, direct, receiver):
    gate = Gate()
    shop = receiver(gate)
    for members in ({}, {"callbacks": "later"}):
        answer = world.control.make_payment(**direct.in_control(), amount=1000, notify_url=shop.url(), **members)
        assert "callback" not in answer  # while the receiver holds its answer
    gate.open.set()
    shop.wait(2)


@pytest.mark.parametrize("word", ["now", "", True, None, 1], ids=str)
def test_words_that_are_none(world, direct, word):
    before = [one["id"] for one in told(world.control, limit=1)]
    with pytest.raises(ControlError, match='"callbacks"') as refused:
        world.control.make_payment(**direct.in_control(), amount=1000, notify_url="http://127.0.0.1:9/n", callbacks=word)
    assert refused.value.status == 400
    assert [one["id"] for one in told(world.control, limit=1)] == before


def test_the_clock_may_stand(world, direct, receiver):
    shop = receiver()
    world.control.set_clock(freeze=True)
    try:
        before = world.control.clock()["now"]
        assert make(world, direct, shop.url())["callback"]["status"] == 200
        assert world.control.clock() == {"now": before, "frozen": True, "sign": "wire"}
    finally:
        world.control.set_clock(freeze=False)


def test_what_a_mode_holds_back_is_not_waited_for(world, direct, receiver):
    shop = receiver()
    world.control.post("/callbacks/mode", {"mchid": direct.caller.mchid, "mode": "delay", "delay": "PT1H", "count": 1})
    callback = make(world, direct, shop.url())["callback"]
    assert callback["state"] == "WAITING" and "holds it back until" in callback["error"] and shop.received == []
    world.control.set_clock(advance="PT1H")
    assert [came.id for came in shop.received] == [callback["id"]]


def test_what_is_sent_beside_it_does_not_count(world, direct, receiver):
    """The forged one comes first and is refused; the answer tells of the true one."""
    answers = iter([401, 200])
    shop = receiver(lambda callback: next(answers))
    world.control.post("/callbacks/mode", {"mchid": direct.caller.mchid, "mode": "wrong_signature", "count": 1})
    assert make(world, direct, shop.url())["callback"]["status"] == 200
    assert len(shop.received) == 2


def test_a_refund_s_outcome_waits_too(world, direct, receiver):
    shop = receiver(lambda callback: 503)
    order = world.paid(direct, 1000, marked=False)
    refund = ok(world.refund(order, 100, world.number("R"), notify_url=shop.url()))
    answer = world.control.set_outcome(refund["id"], "SUCCESS", callbacks="wait")
    assert answer["status"] == "SUCCESS"
    assert answer["callback"] == {"id": shop.received[0].id, "state": "WAITING", "status": 503}


def test_one_that_is_sent_again_waits_too(world, direct, receiver):
    statuses = iter([500, 200, 404])
    shop = receiver(lambda callback: next(statuses))
    event_id = make(world, direct, shop.url())["callback"]["id"]
    for state, status in (("DELIVERED", 200), ("DELIVERED", 404)):
        answer = world.control.post(f"/callbacks/{event_id}/resend", {"callbacks": "wait"})
        assert answer["callback"] == {"id": event_id, "state": state, "status": status}


@pytest.mark.concurrent
def test_other_calls_go_on_meanwhile(program, receiver):
    """Ten calls wait, more than there are threads for: all others are made, a move of the clock too. Those that wait have made their payments."""
    world = World(program())
    party = world.new_direct()
    gate = Gate()
    shop = receiver(gate)
    with ThreadPoolExecutor(10) as pool:
        paying = [pool.submit(make, world, party, shop.url()) for _ in range(10)]
        until(lambda: len(told(world.control)) == 10)
        assert world.control.healthy()
        assert "callback" not in world.control.make_payment(**party.in_control(), amount=1, notify_url=shop.url())
        world.control.set_clock(advance="PT0S", callbacks="later")
        world.control.audit()
        done = any(one.done() for one in paying)
        gate.let_go()
        assert not done
        answers = [one.result() for one in paying]
    assert [answer["callback"]["status"] for answer in answers] == [200] * 10
    assert len({answer["callback"]["id"] for answer in answers}) == 10


@pytest.mark.concurrent
def test_so_many_wait_at_most(program, receiver):
    """32 wait; the next is told at once that it does not, and is paid all the same."""
    world = World(program())
    party = world.new_direct()
    gate = Gate()
    shop = receiver(gate)
    with ThreadPoolExecutor(33) as pool:
        paying = [pool.submit(make, world, party, shop.url()) for _ in range(33)]
        until(lambda: any(one.done() for one in paying))
        done, there = [one.result() for one in paying if one.done()], len(told(world.control, limit=100))
        gate.let_go()
        (told_at_once,) = done
        assert "too many calls wait" in told_at_once["callback"]["error"] and there == 33
        assert sorted(one.result()["callback"].get("status", 0) for one in paying) == [0] + [200] * 32


@pytest.mark.concurrent
def test_a_reset_ends_the_wait(program, receiver):
    world = World(program())
    party = world.new_direct()
    gate = Gate()
    shop = receiver(gate)
    with ThreadPoolExecutor(5) as pool:
        paying = [pool.submit(make, world, party, shop.url()) for _ in range(5)]
        until(lambda: len(told(world.control)) == 5)
        shop.wait(1)
        world.control.reset()
        gate.let_go()
        for one in paying:
            assert "was reset meanwhile" in one.result()["callback"]["error"]
    assert told(world.control) == []


@pytest.mark.concurrent
def test_a_stop_ends_the_wait(program, receiver):
    """With an answer that says so; the payment is there after the next start, and so is its callback."""
    running = program()
    world = World(running)
    party = world.new_direct()
    gate = Gate(500)
    shop = receiver(gate)
    with ThreadPoolExecutor(1) as pool:
        paying = pool.submit(make, world, party, shop.url())
        (came,) = shop.wait(1)
        running.stop()
        gate.let_go()
        answer = paying.result()
    assert answer["callback"] == {"id": came.id, "state": "WAITING", "error": answer["callback"]["error"]}
    assert "the server stops" in answer["callback"]["error"]
    gate.status = 200
    running.start()
    again = World(running)
    assert settled(again.control, came.id, "DELIVERED", 30)["out_trade_no"] == answer["out_trade_no"]


def test_it_can_be_the_rule(program, receiver):
    world = World(program("--callback-wait"))
    party = world.new_direct()
    shop = receiver()
    number = order_of(world, party, shop.url())
    assert world.control.pay(number, **party.in_control())["callback"]["status"] == 200
    gate = shop.answer = Gate()
    answer = world.control.make_payment(**party.in_control(), amount=1, notify_url=shop.url(), callbacks="later")
    assert "callback" not in answer
    gate.open.set()
