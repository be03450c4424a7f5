"""At least 500 different malformed requests: none crashes the server, hangs it, makes it grow, or changes the book."""
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from answers import ok
from client import PATIENCE
from malformed import generated, hand_picked
from raw import RawConnection

SEED = int(os.environ.get("FENZHANG_SEED", "20260105"))


def resident_kib(server):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{server.process.pid}/status").read_text()).group(1))


def send_and_look(server, name, data):
    """Sends it and reads what comes until the server closes or has nothing more to say; a server error is a failure of the test."""
    with RawConnection(server.api, timeout_s=0.3) as connection:
        answer = b""
        try:
            connection.send(data)
            while block := connection.socket.recv(65536):
                answer += block
                assert len(answer) < 1 << 20, name
        except TimeoutError:
            pass  # it waits for the rest, or for the next request: until its deadline (test_protocol.py), and no worker waits with it
        except OSError:
            return b""  # the server has cut it off
    status = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    assert status is None or not status.group(1).startswith(b"5") or status.group(1) in (b"501", b"505"), (name, answer[:300])
    return answer


@pytest.mark.concurrent
def test_malformed_requests_neither_crash_nor_grow_the_server(program, world_of):
    server = program(demo=True)
    world = world_of(server)
    party = world.party("institution")
    order = world.paid(party, 10_000, marked=True)
    good = {**party.in_payment_with_appid(), "transaction_id": order.transaction_id, "out_refund_no": "GOOD1",
            "amount": {"refund": 100, "total": 10_000, "currency": "CNY"}}
    del good["out_refund_no"]  # one thing is always wrong, so that nothing of this can be a good refund
    before = world.control.audit()

    everything = [*hand_picked(party.caller, good), *generated(party.caller, good, SEED, 520)]
    assert len({data for _, data in everything}) >= 550
    resident = []
    with ThreadPoolExecutor(48) as senders:
        for _ in range(3):
            list(senders.map(lambda one: send_and_look(server, f"{one[0]} (seed {SEED})", one[1]), everything))
            resident.append(resident_kib(server))
    # The first rounds fill what is kept and used again: buffers of 48 connections at once, caches of threads.
    if PATIENCE == 1:  # a sanitizer keeps what was freed
        assert resident[2] - resident[1] < 8 * 1024, resident
    ok(world.balance(party))
    assert world.control.audit() == before
