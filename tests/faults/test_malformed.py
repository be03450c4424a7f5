"""At least 500 different malformed requests: none crashes the server, hangs it, makes it grow, or changes the book."""
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from answers import ok
from malformed import generated, hand_picked
from raw import RawConnection

SEED = int(os.environ.get("FENZHANG_SEED", "20260105"))


def resident_kib(server):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{server.process.pid}/status").read_text()).group(1))


def send_and_look(server, name, data):
    """Sends it and reads what comes until the server closes or has nothing more to say; a server error is a failure of the test."""
    with RawConnection(server.api) as connection:
        answer = b""
        try:
            connection.send(data)
            connection.socket.settimeout(0.3)
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


class Hostile:
    """A server, a caller with an order, and everything that is sent to it; what the book came to before."""

    def __init__(self, server, world):
        self.server, self.world = server, world
        self.party = world.party("institution")
        order = world.paid(self.party, 10_000, marked=True)
        # One thing is always wrong (there is no out_refund_no), so that nothing of this can be a good refund.
        good = {**self.party.in_payment_with_appid(), "transaction_id": order.transaction_id,
                "amount": {"refund": 100, "total": 10_000, "currency": "CNY"}}
        self.everything = [*hand_picked(self.party.caller, good), *generated(self.party.caller, good, SEED, 520)]
        assert len({data for _, data in self.everything}) >= 550
        self.before = world.control.audit()

    def round(self):
        """Sends all of it, 48 at once; the resident memory after it, in KiB."""
        with ThreadPoolExecutor(48) as senders:
            list(senders.map(lambda one: send_and_look(self.server, f"{one[0]} (seed {SEED})", one[1]), self.everything))
        ok(self.world.balance(self.party))
        assert self.world.control.audit() == self.before
        return resident_kib(self.server)


@pytest.mark.concurrent
def test_malformed_requests_do_not_crash_the_server(program, world_of):
    server = program(demo=True)
    Hostile(server, world_of(server)).round()


@pytest.mark.plain
def test_malformed_requests_do_not_grow_the_server(program, world_of):
    """A sanitizer keeps what was freed, so this needs a build without. The first rounds fill what is kept and used again: buffers of 48
    connections at once, caches of threads."""
    server = program(demo=True)
    hostile = Hostile(server, world_of(server))
    resident = [hostile.round() for _ in range(3)]
    assert resident[2] - resident[1] < 8 * 1024, resident
