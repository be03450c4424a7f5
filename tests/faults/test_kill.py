"""kill -9 under load: whatever was acknowledged is there after the restart, and the book adds up."""
import itertools
import threading

import pytest
import requests

from answers import ok
from callbacks import until

pytestmark = pytest.mark.concurrent
WRITERS = 8


def submit_until_it_dies(world, party, orders, acknowledged, name):
    numbers = itertools.count()
    try:
        while True:
            for order in orders:
                number = f"K{name}N{next(numbers)}"
                answer = world.refund(order, 1, number)
                if answer.status == 200:
                    acknowledged.append((number, answer.json["id"]))
    except requests.exceptions.RequestException:
        return  # the server is gone


@pytest.mark.parametrize("seconds", [0.3, 0.9, 1.7])
def test_no_acknowledged_refund_is_lost_by_kill_9(program, world_of, seconds):
    server = program(demo=True)
    world = world_of(server)
    party = world.party("institution")
    orders = [[world.paid(party, 100_000, marked=True) for _ in range(40)] for _ in range(WRITERS)]
    acknowledged = [[] for _ in range(WRITERS)]
    threads = [
        threading.Thread(target=submit_until_it_dies, args=(world_of(server), party, orders[i], acknowledged[i], i))
        for i in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    threading.Event().wait(seconds)
    until(lambda: sum(map(len, acknowledged)) > 10)
    server.kill()
    for thread in threads:
        thread.join()

    again = program(demo=True, directory=server.directory)
    world = world_of(again)
    known = list(itertools.chain.from_iterable(acknowledged))
    assert len(known) > 10
    for number, refund_id in known:
        assert ok(world.refund_by_number(party, number))["id"] == refund_id
    world.control.audit()


def test_a_stopped_server_left_nothing_to_repair(program, world_of):
    server = program(demo=True)
    world = world_of(server)
    party = world.party("institution")
    order = world.paid(party, 500, marked=True)
    refund_id = ok(world.refund(order, 100, "STOPPED1"))["id"]
    server.stop()
    again = world_of(program(demo=True, directory=server.directory))
    assert ok(again.refund_by_number(party, "STOPPED1"))["id"] == refund_id
    again.control.audit()
