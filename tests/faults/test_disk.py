"""A disk that fills up or breaks, and the promise that nothing is acknowledged before it is on it."""
import subprocess
import threading

import pytest

from answers import ok, refused
from client import PATIENCE
from control import ControlError

pytestmark = [pytest.mark.plain, pytest.mark.sqlite("the disk is full, or fails, under the book's file")]


def test_every_acknowledged_write_was_preceded_by_its_own_synchronisation(faulty, world_of):
    """Between receiving a write and sending its answer, a synchronisation has begun and ended."""
    server = faulty(demo=True)
    world = world_of(server)
    party = world.party("institution")
    orders = [world.paid(party, 100_000, marked=True) for _ in range(6)]
    server.trace.write_text("")

    def submit(order):
        mine = world_of(server)
        for part in range(15):
            ok(mine.refund(order, 1, f"SYNC{order.out_trade_no}P{part}"))

    threads = [threading.Thread(target=submit, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    received, synced_since, sync_began_at = {}, {}, None
    answers = 0
    for at, line in enumerate(server.trace.read_text().splitlines()):
        what, _, file = line.rpartition(" ")
        if what == "receive":
            received[file] = at
            synced_since[file] = False
        elif line == "sync begin":
            sync_began_at = at
        elif line == "sync end":
            for file_received, when in received.items():
                if sync_began_at is not None and when < sync_began_at:
                    synced_since[file_received] = True
        elif what == "send" and file in received:
            assert synced_since[file], f"line {at}: an answer went out on {file} before its write was synchronised"
            del received[file]
            answers += 1
    assert answers >= 6 * 15


def test_a_full_disk_refuses_writes_answers_reads_and_recovers(faulty, world_of):
    server = faulty(demo=True)
    world = world_of(server)
    party = world.party("institution")
    order = world.paid(party, 10_000, marked=True)
    ok(world.refund(order, 100, "BEFORE"))

    server.full.touch()
    refused(world.refund(order, 100, "FULL1"), 500, "SYSTEM_ERROR")
    refused(world.refund(order, 100, "FULL2"), 500, "SYSTEM_ERROR")
    ok(world.refund_by_number(party, "BEFORE"))
    assert world.control.raw("GET", "/health").status_code == 503
    with pytest.raises(ControlError) as caught:
        world.control.make_payment(**party.in_control(), amount=1)
    assert caught.value.status >= 500

    server.full.unlink()
    ok(world.refund(order, 100, "FULL1"))
    assert world.control.healthy()
    assert refused(world.refund_by_number(party, "FULL2"), 404)
    world.control.audit()


def test_after_a_failed_synchronisation_nothing_acknowledged_is_missing(faulty, world_of):
    server = faulty(demo=True)
    world = world_of(server)
    party = world.party("institution")
    order = world.paid(party, 10_000, marked=True)
    server.broken.touch()
    answers = [world.refund(order, 100, f"BROKEN{i}") for i in range(3)]
    assert [answer.status for answer in answers] == [500, 500, 500]
    assert world.control.raw("GET", "/health").status_code == 503
    server.broken.unlink()
    # The same numbers again: whatever became of the first tries, each is refunded once.
    ids = [ok(world.refund(order, 100, f"BROKEN{i}"))["id"] for i in range(3)]
    assert len(set(ids)) == 3
    world.control.audit()
    server.kill()
    again = world_of(server.start())
    assert [ok(again.refund_by_number(party, f"BROKEN{i}"))["id"] for i in range(3)] == ids
    again.control.audit()


def test_two_servers_cannot_share_a_book(program):
    first = program(demo=True)
    second = subprocess.run([*first.arguments], capture_output=True, text=True, timeout=20 * PATIENCE)
    assert second.returncode == 2
    assert "another" in second.stderr.lower() and second.stdout == ""
