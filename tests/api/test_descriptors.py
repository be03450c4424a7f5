"""Files that an answer sends are closed once, however the answer ends: no descriptor is left, and none of somebody else's is closed."""

import contextlib
import os
import signal
import socket
import struct
import subprocess
from collections import Counter
from pathlib import Path

import pytest

import bills
from answers import ok
from book import ON_POSTGRES
from callbacks import until
from program import Program
from raw import RawConnection, request_bytes
from world import SHARING, World

TIMES = 200
LARGE = 2 * 1024 * 1024  # more than the kernel takes for a peer that reads nothing
BALANCE = f"{SHARING}/refunds/refundable-balance"
# Calls that take a descriptor which may have been closed by mistake.
TAKING = "close,read,pread64,fstat,sendfile,sendmsg,sendto,recvfrom,recvmsg,shutdown,connect,epoll_ctl,getsockopt,setsockopt"


def to_database(pid):
    """The sockets by which a book in PostgreSQL is spoken to: as many as the work of the moment takes."""
    lines = Path(f"/proc/{pid}/net/unix").read_text().splitlines()[1:]
    return {f"socket:[{line.split()[6]}]" for line in lines}


def open_files(pid):
    """How many the process has of each, by the kernel's names; sockets and pipes are one kind each."""
    names, left_out = [], to_database(pid) if ON_POSTGRES else ()
    for number in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            name = os.readlink(f"/proc/{pid}/fd/{number}")
            if name not in left_out:
                names.append(name.split("[")[0])
    return Counter(names)


def none_is_left(before, now):
    """All as before; of sockets not more, as those of a peer that is gone may not have been closed yet before."""
    return now - before == Counter() and before - now == Counter({"socket:": before["socket:"] - now["socket:"]})


@contextlib.contextmanager
def failing_calls(pid, path):
    """Takes down what the process's calls with a descriptor fail for; yields a function that reads it, None where nobody may trace."""
    if subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True).returncode != 0:
        yield None
        return
    command = ["strace", "-f", "-Z", "-e", f"trace={TAKING}", "-p", str(pid), "-o", str(path)]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert "attached" in tracer.stderr.readline()
    try:
        yield path.read_text
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.communicate(timeout=60)


def asked(running, request):
    """A connection with the request on its way, from a peer with hardly any room."""
    connection = RawConnection(running.api)
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.send(request)
    return connection


def give_up_at_once(running, request):
    asked(running, request).close()


def stop_in_the_middle(running, request):
    with asked(running, request) as connection:
        assert connection.socket.recv(1000).startswith(b"HTTP/1.1 200")


def close_one_way_first(running, request):
    """While the file is opened: whether there is still an answer is libmicrohttpd's business."""
    with asked(running, request) as connection, contextlib.suppress(ConnectionResetError):
        connection.socket.shutdown(socket.SHUT_WR)
        connection.socket.recv(1000)


def reset(running, request):
    with asked(running, request) as connection:
        assert connection.socket.recv(1000).startswith(b"HTTP/1.1 200")
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def read_what_comes(running, request):
    """Until the server ends it, in order or not."""
    with asked(running, request) as connection, contextlib.suppress(ConnectionResetError):
        while connection.socket.recv(65536):
            pass


# How an answer ends: by the peer, with a large file; or by the server, through a fault.
ENDS = [
    pytest.param(give_up_at_once, None, id="given-up-at-once"),
    pytest.param(stop_in_the_middle, None, id="closed-in-the-middle"),
    pytest.param(close_one_way_first, None, id="closed-one-way"),
    pytest.param(reset, None, id="reset"),
    pytest.param(read_what_comes, {"effect": "cut"}, id="cut-by-a-fault"),
    pytest.param(read_what_comes, {"effect": "reset", "when": "after"}, id="reset-by-a-fault"),
    pytest.param(read_what_comes, {"error": "SYSTEM_ERROR", "when": "after"}, id="another-answer-by-a-fault"),
    pytest.param(give_up_at_once, {"delay_ms": 20, "when": "after"}, id="given-up-while-held"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A running program, its merchant, and requests for files: a bill alone, one signed, and a statement, compressed."""
    running = Program(tmp_path_factory.mktemp("descriptors"), "--workers", "2", demo=True).start()
    world = World(running)
    party = world.party("direct")
    order = world.paid(party, 1000, marked=True)
    ok(world.refund(order, 100, world.number("R")))
    day = world.today()
    world.to_next_morning()
    target = bills.link_target(world.client.get(party.caller, f"{SHARING}/refunds/bill-download-url", {"bill_date": f"{day}"}))
    statement = f"/v3/global/statements?mchid={party.caller.mchid}&date={day:%Y%m%d}"
    requests = [request_bytes(party.caller, "GET", path, None, {"Connection": "close", "Accept-Encoding": "gzip"})
                for path in (target, target.replace("/v3/billdownload/file", "/v3/bill/downloadurl"), statement)]
    for request in requests:
        read_what_comes(running, request)  # makes the files
    yield world, party, requests
    running.stop()


@contextlib.contextmanager
def large_files(running):
    """Files are kept, and sent as they lie there."""
    files = sorted(file for file in (running.data / "bills").rglob("*") if file.name.endswith((".csv", ".csv.gz")))
    sizes = [file.stat().st_size for file in files]
    assert len(files) == 3  # the refund bill, the statement, and it compressed
    for file in files:
        os.truncate(file, LARGE)
    try:
        yield
    finally:
        for file, size in zip(files, sizes):
            os.truncate(file, size)


@contextlib.contextmanager
def faults(world, fault):
    for endpoint in ("bill-file", "statement"):
        world.control.add_fault(endpoint=endpoint, **fault)
    try:
        yield
    finally:
        world.control.clear_faults()


@pytest.fixture
def others(served):
    """Asks on connections that live as long as the test; whoever closes theirs breaks it."""
    world, party, _ = served
    connections = [RawConnection(world.program.api) for _ in range(8)]
    query = request_bytes(party.caller, "GET", BALANCE)

    def ask():
        for connection in connections:
            connection.send(query)
            assert connection.answer("GET", BALANCE).status == 200

    ask()
    yield ask
    for connection in connections:
        connection.close()


@pytest.mark.parametrize("end,fault", ENDS)
def test_a_file_is_closed_once(served, others, tmp_path, end, fault):
    world, _, requests = served
    running = world.program
    pid = running.process.pid
    for session in (world.client.session, world.control.session):  # idle ones may end in between, and come anew
        session.close()
    before = open_files(pid)
    with large_files(running) if fault is None else faults(world, fault), failing_calls(pid, tmp_path / "trace") as failed:
        for i in range(TIMES):
            end(running, requests[i % len(requests)])
            if i % 50 == 0:
                others()
        world.control.session.close()
        until(lambda: none_is_left(before, open_files(pid)))
        others()
    assert failed is None or [line for line in failed().splitlines() if "EBADF" in line] == []
