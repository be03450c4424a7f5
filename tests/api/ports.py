"""Ports for servers that are told theirs, of those that the system gives to nobody by itself: no other test's server or connection gets one meanwhile."""

import random
import socket
from pathlib import Path


def may_listen(port):
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def free_ports(count):
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    found = []
    for port in random.sample(range(10240, max(lowest, 20480)), 10240):
        if len(found) == count:
            break
        if may_listen(port):
            found.append(port)
    assert len(found) == count
    return found
