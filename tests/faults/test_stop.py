"""A stop that has to wait for a disk that hangs"""

import re
import signal
import threading
import time
from pathlib import Path

import pytest

from callbacks import until
from client import PATIENCE
from world import World

# A library that is preloaded has to come before the sanitizer's.
pytestmark = [pytest.mark.plain, pytest.mark.sqlite("the disk hangs under the book's file")]


def hang(server):
    """A server in whose writer a commit waits for the disk for ever."""
    world = World(server)
    party = world.party("direct")
    server.hung.touch()
    request = threading.Thread(target=lambda: pytest.raises(Exception, world.paid, party, 1000), daemon=True)
    request.start()
    until(lambda: "sync hangs\n" in server.trace.read_text())
    server.process.send_signal(signal.SIGTERM)
    return server.process


def is_taken(process, number):
    """Whether a signal that was sent has been: two that wait are one."""
    pending = re.search(r"^ShdPnd:\t(\w+)$", Path(f"/proc/{process.pid}/status").read_text(), re.M)[1]
    return not int(pending, 16) & 1 << (number - 1)


def test_a_second_signal_ends_a_stop_that_waits(faulty):
    server = faulty(demo=True)
    process = hang(server)
    time.sleep(1)
    until(lambda: is_taken(process, signal.SIGTERM))
    assert process.poll() is None  # the commit is not given up by the first one
    process.send_signal(signal.SIGTERM)
    assert process.wait(5 * PATIENCE) == 2
    assert "ended by a second signal, while it waited for" in server.log_text()
    server.process.stdout.close()
    server.process = None
    server.hung.unlink()
    server.start()  # with its book


def test_a_stop_goes_on_when_the_disk_comes_back(faulty):
    server = faulty(demo=True)
    process = hang(server)
    time.sleep(0.5)
    server.hung.unlink()
    assert process.wait(10 * PATIENCE) == 0
    server.process.stdout.close()
    server.process = None


@pytest.mark.slow
def test_after_30_seconds_it_is_said_what_a_stop_waits_for(faulty):
    server = faulty(demo=True)
    process = hang(server)
    time.sleep(32)
    assert "the stop is still not over, because it waits for" in server.log_text()
    process.send_signal(signal.SIGTERM)
    assert process.wait(5 * PATIENCE) == 2
    server.process.stdout.close()
    server.process = None
