"""What a signed query costs the system: it is received and sent, and epoll_wait is shared. Counted, not timed: by strace, under load."""
import collections
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from callbacks import until
from client import Credentials
from raw import RawConnection, request_bytes

CONNECTIONS, ROUNDS = 8, 120

# Threads that wait for their next work do so in these, and the load's end is told through `write` to an eventfd, if at all.
WAITING = {"poll", "futex", "restart_syscall", "clock_nanosleep", "getpid"}


def send_rounds(connections, request, rounds):
    """A request on each connection, then the answer of each: the worker has several at hand at once."""
    for _ in range(rounds):
        for connection in connections:
            connection.send(request)
        for connection in connections:
            assert connection.answer().status == 200


class Trace:
    """Counts the system calls by name, from entering to leaving."""

    def __init__(self, server, thread, path):
        """Of one thread of the server, or of all if none is given."""
        self.server, self.path = server, path
        whom = [thread] if thread else [str(server.process.pid), "-f"]
        self.command = ["strace", "-c", "-U", "calls,name", "-o", str(path), "-p", *whom]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        assert "attached" in line, f"strace: {line}"
        time.sleep(0.2)  # for the threads, one by one
        return self

    def __exit__(self, *_):
        until(self.server.rests)  # a call that has not been left yet would not be counted
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=30)

    def calls(self):
        rows = re.findall(r"^\s*(\d+)\s+(\w+)$", self.path.read_text(), re.MULTILINE)
        return collections.Counter({name: int(count) for count, name in rows if name != "total"})


def may_trace():
    """Whether this process may look at another's system calls: a container may forbid it."""
    return subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True).returncode == 0


def busiest_thread(pid):
    """The number of the thread that has taken most of the processor: after some queries, the worker."""

    def ticks(task):
        fields = (task / "stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    return max(Path(f"/proc/{pid}/task").iterdir(), key=ticks).name


def count_calls(server, tmp_path, worker_alone):
    """Sends queries under load; the calls, and how many queries there were."""
    env = server.demo
    institution = Credentials.load(server.data / "merchants" / env["MCHID"])
    target = f"/v3/global/refunds/id/{env['REFUND_ID']}?sp_mchid={env['MCHID']}&sub_mchid={env['SUB_MCHID']}"
    signed = request_bytes(institution, "GET", target)  # nothing forbids to send the same again within five minutes
    connections = [RawConnection(server.api) for _ in range(CONNECTIONS)]
    send_rounds(connections, signed, 100)  # heaps, caches and connections are as they will stay
    with Trace(server, busiest_thread(server.process.pid) if worker_alone else None, tmp_path / "trace") as trace:
        send_rounds(connections, signed, ROUNDS)
    for connection in connections:
        connection.close()
    return trace.calls(), CONNECTIONS * ROUNDS


# With an access log its own thread writes; the worker has no more to do, and does not even wake it.
@pytest.mark.plain
@pytest.mark.sqlite("a database is another process, to which calls lead")
@pytest.mark.parametrize("access_log", ["none", "text"])
def test_a_signed_query_is_received_and_sent_and_that_is_all(program, tmp_path, access_log):
    if not may_trace():
        pytest.skip("strace may not trace here (ptrace is forbidden)")
    server = program("--workers", "1", "--log-format", access_log, demo=True)
    calls, requests = count_calls(server, tmp_path, worker_alone=access_log == "text")
    sent = calls["sendmsg"] + calls["sendto"] + calls["writev"]
    received = calls["recvfrom"] + calls["recvmsg"]
    assert sent == requests
    assert requests <= received <= requests + requests // 10  # one that finds nothing yet is rare
    assert 0 < calls["epoll_wait"] <= 2 * requests
    others = {name: count for name, count in calls.items()
              if name not in WAITING | {"sendmsg", "sendto", "writev", "recvfrom", "recvmsg", "epoll_wait"}}
    assert sum(others.values()) <= requests // 20, others  # random bytes and memory, for many requests at a time
