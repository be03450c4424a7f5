"""Ports for servers that are told theirs, of those that the system gives to nobody by itself: no other test's server or connection gets one meanwhile.
And ports at which nobody answers, as long as they are held."""

import contextlib
import functools
import random
import socket
from pathlib import Path

SHARES = 64  # of the ports: each process that runs tests draws from one of its own, also beside other runs


@functools.cache
def share():
    """(its number, what holds it until this process ends: a name of the network that the ports are of)"""
    for number in range(SHARES):
        held = socket.socket(socket.AF_UNIX)
        try:
            held.bind(f"\0ports of tests, share {number}")
            return number, held
        except OSError:  # another process has it
            held.close()
    raise AssertionError("more than 64 processes run tests")


def may_listen(port):
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


GIVEN = set()  # no port twice: whoever has it may listen there again


def free_ports(count):
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    found = []
    ours = range(10240 + share()[0], max(lowest, 20480), SHARES)
    for port in random.sample(ours, len(ours)):
        if len(found) == count:
            break
        if port not in GIVEN and may_listen(port):
            found.append(port)
    assert len(found) == count
    GIVEN.update(found)
    return found


@contextlib.contextmanager
def nobodys_port():
    """It is bound, so that no other gets it, and not listened at, so that whoever calls is turned away."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
