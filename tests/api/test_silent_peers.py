"""Peers that stop in the middle: the server idles meanwhile, and none of them keeps a place from somebody else"""

import re
import resource
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from answers import ok
from client import PATIENCE
from demo_book import DemoBook
from program import BINARY
from raw import RawConnection, request_bytes
from world import SHARING

BALANCE = f"{SHARING}/refunds/refundable-balance"
UPLOAD = "/v3/global/merchant-storage/file/upload"
UPLOAD_HEAD = (
    f"POST {UPLOAD} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: t\r\n"
    "Content-Type: multipart/form-data; boundary=b7\r\nContent-Length: 5000000\r\n\r\n--b7\r\n"
).encode()
LETTER = b"%PDF-1.4 letter of authorization"


def address(url):
    return urlsplit(url).hostname, urlsplit(url).port


def wake_ups(program):
    """How often its threads gave the processor up and were given it again, all in all; a loop that never waits is in the other half."""
    count = 0
    for task in Path(f"/proc/{program.process.pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended meanwhile
            count += sum(int(one) for one in re.findall(r"ctxt_switches:\s+(\d+)", (task / "status").read_text()))
    return count


def ticks(program):
    """Processor time used, in hundredths of a second."""
    fields = Path(f"/proc/{program.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def measured(program, seconds):
    before = ticks(program), wake_ups(program)
    time.sleep(seconds)
    return ticks(program) - before[0], wake_ups(program) - before[1]


def assert_idle(program, what, seconds=0.4):
    """A thread that spins takes 40 hundredths in this time, or what a loaded machine leaves it; one that is woken again and again is woken thousands of times.
    What has been sent is looked at first, and on a busy machine that takes a while: who spins never rests."""
    time.sleep(0.15)
    until = time.monotonic() + 5 * PATIENCE
    took, woken = measured(program, seconds)
    while (took > 4 or woken > 300) and time.monotonic() < until:
        took, woken = measured(program, seconds)
    assert took <= 4 and woken <= 300, f"{what}: {took} hundredths of a second and {woken} wake-ups in {seconds} s"


def client_hello():
    """The first bytes of a session, as a client library makes them."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        session.do_handshake()
    return outgoing.read()


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    """Plain HTTP everywhere; TLS everywhere, also at the proxy and at the control interface."""
    from program import Program
    from test_tls import own_certificate

    directory = tmp_path_factory.mktemp("tls")
    cert, key = own_certificate(directory, "localhost", "127.0.0.1")
    token = directory / "token"
    token.write_text("0123456789abcdef" * 3)
    token.chmod(0o600)
    plain = Program(tmp_path_factory.mktemp("plain"), "--proxy", "127.0.0.1:0", demo=True).start()
    tls = Program(directory, "--tls", "--tls-cert", cert, "--tls-key", key, "--control", "0.0.0.0:0", "--control-token-file", str(token), demo=True).start()
    tls.certificate = cert
    yield {"plain": plain, "tls": tls}
    plain.stop()
    tls.stop()


HEAD = f"GET {BALANCE} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nUser-Agent: t\r\n".encode()
LONG = b"POST /v3/global/refunds HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nUser-Agent: t\r\n"
STATES = {
    "nothing": b"",
    "an empty line": b"\r\n",
    "half a first line": b"GET /v3",
    "half a head": HEAD,
    "half a line end": HEAD + b"\r",
    "a head without its body": LONG + b"Content-Length: 500\r\n\r\n",
    "half a body": LONG + b"Content-Length: 500\r\n\r\n{",
    "a head that waits for 100 Continue": LONG + b"Content-Length: 500\r\nExpect: 100-continue\r\n\r\n",
    "half the size of a chunk": LONG + b"Transfer-Encoding: chunked\r\n\r\n5",
    "half a chunk": LONG + b"Transfer-Encoding: chunked\r\n\r\n500\r\nab",
    "a chunk without its end": LONG + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab",
    "half a trailer": LONG + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: ",
    "half an upload": UPLOAD_HEAD,
    "a request that is answered": HEAD + b"\r\n",
    "an answered request and half of the next": HEAD + b"\r\n" + HEAD,
    "a refused head": HEAD + b"nonsense\r\n\r\n",
    "a refused body": LONG + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
}


@contextmanager
def peers(connect, states, half_closed):
    """A connection in each of the states, all at once."""
    opened = []
    try:
        for data in states.values():
            opened.append(connect())
            with suppress(OSError):  # of some the server has had enough already
                opened[-1].send(data)
                if half_closed:
                    opened[-1].socket.shutdown(socket.SHUT_WR)
        yield opened
    finally:
        for one in opened:
            one.close()


@pytest.mark.plain
@pytest.mark.parametrize("half_closed", [False, True], ids=["open", "half closed"])
@pytest.mark.parametrize("where", ["api", "control", "proxy"])
def test_every_half_done_state_idles(servers, where, half_closed):
    program = servers["plain"]
    states = STATES if where != "proxy" else {"nothing": b"", "half a CONNECT": b"CONNECT api.mch", "a refusal": b"GET / HTTP/1.1\r\n\r\n"}
    with peers(lambda: RawConnection(getattr(program, where)), states, half_closed):
        assert_idle(program, where)


@pytest.mark.plain
@pytest.mark.parametrize("where", ["api", "control"])
def test_every_half_done_state_idles_inside_tls(servers, where):
    program = servers["tls"]
    url = getattr(program, where)
    context = ssl.create_default_context(cafile=program.certificate)
    with peers(lambda: RawConnection(url).begin_tls(context, "localhost"), STATES, False):
        assert_idle(program, where)


@pytest.mark.plain
@pytest.mark.parametrize("half_closed", [False, True], ids=["open", "half closed"])
@pytest.mark.parametrize("where", ["api", "control", "proxy"])
def test_every_half_done_handshake_idles(servers, where, half_closed):
    """Through the proxy too, which is one of TLS behind its CONNECT. With epoll the first of them took a whole core."""
    program = servers["plain" if where == "proxy" else "tls"]
    hello = client_hello()
    states = {"nothing": b"", "a byte": b"\x16", "the head of a record": hello[:5], "half a hello": hello[: len(hello) // 2],
              "all but a byte": hello[:-1], "a hello": hello, "a hello and half a record": hello + b"\x14\x03\x03", "no TLS": b"GET / HTTP/1.1\r\n\r\n"}

    def connect():
        connection = RawConnection(getattr(program, where))
        if where == "proxy":
            connection.send(b"CONNECT api.mch.weixin.qq.com:443 HTTP/1.1\r\n\r\n")
            assert connection.answer("CONNECT").status == 200
        return connection

    with peers(connect, states, half_closed):
        assert_idle(program, where)


@pytest.mark.plain
def test_half_a_record_after_the_handshake_idles(servers):
    program = servers["tls"]
    context = ssl.create_default_context(cafile=program.certificate)
    with RawConnection(program.api).begin_tls(context, "localhost") as connection:
        raw = socket.socket(fileno=connection.socket.detach())
        raw.send(b"\x17\x03\x03\x00\x40" + b"x" * 10)
        assert_idle(program, "half a record")
        raw.close()


@pytest.mark.plain
def test_answers_that_are_not_taken_idle(servers):
    program = servers["plain"]
    request = HEAD.replace(BALANCE.encode(), b"/v3/certificates") + b"\r\n"
    with RawConnection(program.api) as connection:
        connection.socket.settimeout(0.3)
        with pytest.raises(OSError):
            for _ in range(100_000):
                connection.send(request * 100)
        assert_idle(program, "answers that are not taken")


# ---- places ----


def silent(url, count):
    return [socket.create_connection(address(url), timeout=10 * PATIENCE) for _ in range(count)]


def shut_down(sockets):
    """How many of them the server has ended."""
    ended = 0
    for one in sockets:
        one.setblocking(False)
        try:
            ended += one.recv(1) == b""
        except BlockingIOError:
            pass
        except OSError:
            ended += 1
    return ended


def eventually(ask, wanted):
    until = time.monotonic() + 5 * PATIENCE
    while (found := ask()) != wanted and time.monotonic() < until:
        time.sleep(0.02)
    assert found == wanted


def test_silent_connections_do_not_shut_the_control_interface(program):
    """64 is its cap. The oldest give way to who says something; /health is always answered."""
    running = program(demo=True)
    sockets = silent(running.control, 64)
    try:
        for _ in range(3):
            assert requests.get(running.control + "/health", timeout=10 * PATIENCE).status_code == 200
        eventually(lambda: shut_down(sockets[:1]), 1)
        assert shut_down(sockets[4:]) == 0
    finally:
        for one in sockets:
            one.close()


@pytest.mark.parametrize("sent", [b"GET /health HTTP/1.1\r\n", b"POST /clock HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\n{"], ids=["head", "body"])
def test_half_requests_do_not_shut_the_control_interface(program, sent):
    running = program(demo=True)
    sockets = silent(running.control, 200)
    try:
        for one in sockets:
            one.send(sent)
        assert requests.get(running.control + "/health", timeout=10 * PATIENCE).status_code == 200
    finally:
        for one in sockets:
            one.close()


def test_a_client_at_work_keeps_its_place(program):
    """Of connections on which a good request came none gives way while there are others."""
    running = program(demo=True)
    book = DemoBook(running)
    with RawConnection(running.api) as connection:
        connection.send(request_bytes(book.direct.caller, "GET", BALANCE))
        ok(book.client.accept(connection.answer("GET", BALANCE), book.direct.caller))
        sockets = []
        try:
            limits = Path(f"/proc/{running.process.pid}/limits").read_text()
            cap = min(4096, (int(re.search(r"Max open files\s+(\d+)", limits).group(1)) - 600) // 2)
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            count = min(cap + 60, hard - 200)
            sockets += silent(running.api, count)
            for _ in range(3):
                ok(book.balance(book.direct))
            connection.send(request_bytes(book.direct.caller, "GET", BALANCE))
            ok(book.client.accept(connection.answer("GET", BALANCE), book.direct.caller))
            if count > cap:

                def one_more_makes_one_give_way():
                    # A burst may still be on its way to the workers, and is counted when it is there.
                    sockets.extend(silent(running.api, 1))
                    return shut_down(sockets) > 0

                eventually(one_more_makes_one_give_way, True)
        finally:
            for one in sockets:
                one.close()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_stalled_uploads_do_not_shut_uploads(program):
    """64 is their cap. The one that has been silent the longest gives way, and one that goes on does not."""
    running = program("--workers", "2", demo=True)
    book = DemoBook(running)
    begun = [RawConnection(running.api) for _ in range(64)]
    try:
        for one in begun:
            one.send(UPLOAD_HEAD.removesuffix(b"\r\n--b7\r\n") + b"Expect: 100-continue\r\n\r\n")
            assert one.socket.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"  # the server has come to it
            time.sleep(0.003)  # in this order
        time.sleep(0.05 * PATIENCE)
        begun[0].send(b"--b7\r\nContent-Disposition: form-data\r\n")
        eventually(running.rests, True)  # it has been read
        for _ in range(3):
            ok(book.upload(book.direct, LETTER))
        eventually(lambda: shut_down([one.socket for one in begun[1:20]]) > 0, True)
        assert shut_down([begun[0].socket]) == 0
        assert shut_down([one.socket for one in begun[20:]]) == 0
    finally:
        for one in begun:
            one.close()


def test_more_uploads_than_there_are_places(program):
    """Three hundred stalled ones, and a good one goes through at once."""
    running = program("--workers", "2", demo=True)
    book = DemoBook(running)
    begun = [RawConnection(running.api) for _ in range(300)]
    try:
        for one in begun:
            one.send(UPLOAD_HEAD)
        ok(book.upload(book.direct, LETTER))
        eventually(lambda: shut_down([one.socket for one in begun]) >= 300 - 64, True)
    finally:
        for one in begun:
            one.close()


def test_few_descriptors(tmp_path):
    """With 64 it serves the few connections that it has descriptors for, and idles when they run out."""
    log = open(tmp_path / "log", "wb")
    process = subprocess.Popen(
        ["bash", "-c", 'ulimit -n 64; exec "$@"', "-", str(BINARY), "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0",
         "--data", str(tmp_path / "data"), "--demo", "--workers", "2"], stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, text=True)
    try:
        line = process.stdout.readline()
        api, control = re.match(r"ready api=(\S+) control=(\S+)", line).groups()
        running = type("Running", (), {"process": process})
        sockets = silent(api, 100) + silent(control, 100)
        try:
            time.sleep(0.5)  # until all but a few have given way
            assert_idle(running, "200 silent connections with 64 descriptors")
            for _ in range(3):
                assert requests.get(control + "/health", timeout=10 * PATIENCE).status_code == 200
            assert requests.get(api + BALANCE, timeout=10 * PATIENCE).status_code == 401
            time.sleep(0.5)
            assert_idle(running, "after some requests")
        finally:
            for one in sockets:
                one.close()
    finally:
        process.terminate()
        assert process.wait(10 * PATIENCE) == 0
        process.stdout.close()
        log.close()


# ---- deadlines ----


@pytest.mark.slow
@pytest.mark.parametrize("where", ["api", "control"])
def test_a_handshake_has_10_seconds(servers, where):
    """A byte now and then does not extend them. After it a request's head has the 75 of every other."""
    program = servers["tls"]
    url = getattr(program, where)
    context = ssl.create_default_context(cafile=program.certificate)
    with RawConnection(url, timeout_s=40) as stalled, RawConnection(url).begin_tls(context, "localhost") as idle:
        hello, started = client_hello(), time.monotonic()
        with pytest.raises(OSError):
            for byte in hello[:60]:
                stalled.send(bytes([byte]))
                time.sleep(0.5)
        assert 9 <= time.monotonic() - started <= 10 + 3 * PATIENCE
        time.sleep(3)
        idle.send(HEAD + b"\r\n")
        assert idle.answer().status in (401, 403)


@pytest.mark.slow
def test_the_control_interface_has_deadlines(program):
    """A head within 75 s, a body within 30: a byte now and then does not extend them."""
    running = program(demo=True)
    with RawConnection(running.control, timeout_s=60) as connection:
        connection.send(b"POST /clock HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{")
        started = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - started < 60:
                time.sleep(1)
                connection.send(b" ")
        assert 28 <= time.monotonic() - started <= 45
