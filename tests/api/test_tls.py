"""TLS, the CA that it needs, and the proxy: how a client library with hard-coded hosts comes here unmodified"""

import contextlib
import datetime
import http.client
import ipaddress
import itertools
import json
import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import bills
from answers import ok, refused
from client import PATIENCE, authorization
from demo_book import DemoBook
from program import BINARY, Program
from raw import RawConnection, request_bytes
from world import Client

BALANCE = "/v3/global/profit-sharing/refunds/refundable-balance"
MARK = "/v3/global/transactions/mark"
HOSTS = [*(f"{name}.mch.weixin.qq.com" for name in ("apihk", "apius", "apieu", "api", "api2")), "api2.wechatpay.cn"]
CONNECT = "CONNECT {}:443 HTTP/1.1\r\nHost: {}:443\r\n\r\n"


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    """A server whose API and proxy both lead to TLS workers."""
    running = Program(tmp_path_factory.mktemp("tls"), "--tls", "--proxy", "127.0.0.1:0", demo=True).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def book(tls):
    return DemoBook(tls)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A server whose API speaks plain HTTP, beside a proxy."""
    running = Program(tmp_path_factory.mktemp("plain"), "--proxy", "127.0.0.1:0", demo=True).start()
    yield running
    running.stop()


@pytest.fixture(params=["tls", "plain"])
def proxied(request):
    return request.getfixturevalue(request.param)


def client_through_proxy(program, host):
    client = Client(f"https://{host}", program.data / "platform")
    client.session.verify = program.ca
    client.session.proxies = {"https": program.proxy}
    return client


def trusting(program, **changed):
    context = ssl.create_default_context(cafile=program.ca)
    for name, value in changed.items():
        setattr(context, name, value)
    return context


def connect(program, host="localhost", **options):
    """A TLS connection to the API's own address."""
    return RawConnection(program.api).begin_tls(options.pop("context", None) or trusting(program), host, **options)


def connect_through_proxy(program, host="apihk.mch.weixin.qq.com"):
    connection = RawConnection(program.proxy)
    connection.send(CONNECT.format(host, host).encode())
    answer = connection.answer("CONNECT")
    assert (answer.status, answer.body) == (200, b""), str(answer)
    return connection.begin_tls(trusting(program), host)


def connections(program):
    """How many connections the API has at present."""
    metrics = requests.get(program.control + "/metrics", timeout=10 * PATIENCE).text
    return int(re.search(r"^\w*connections (\d+)$", metrics, re.M).group(1))


def run(*arguments):
    return subprocess.run(
        [str(BINARY), *arguments], capture_output=True, text=True, timeout=20 * PATIENCE, stdin=subprocess.DEVNULL
    )


def serve(data, *arguments):
    """A server that is not expected to come up."""
    return run("serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--data", str(data), *arguments)


# ---- the API over TLS ----


def test_the_ready_line_says_where_it_listens(tls, plain):
    assert tls.api.startswith("https://127.0.0.1:") and tls.control.startswith("http://127.0.0.1:")
    assert plain.api.startswith("http://127.0.0.1:")
    assert tls.proxy.startswith("http://127.0.0.1:") and plain.proxy.startswith("http://127.0.0.1:")
    for program in (tls, plain):
        assert (program.demo["BASE_URL"], program.demo["PROXY_URL"]) == (program.api, program.proxy)
        assert program.demo["CA_CERT_PEM"] == program.ca


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_reads_and_writes_in_both_modes(book, mode, host):
    """Reads are answered by the worker; a write suspends its connection until the writer has it on the disk."""
    client = book.client
    client.base_url = book.program.api.replace("127.0.0.1", host)
    book.start_of_scenario()
    party = book.party(mode)
    ok(book.balance(party))
    order = book.paid(party, 10000)
    refund = book.refunded(order, 4000)
    assert ok(book.refund_by_id(party, refund["id"]))["amount"]["refund"] == 4000
    book.control.audit()


def test_a_link_is_https_and_leads_back(book, mode):
    answer = book.refund_bill(book.party(mode), book["BILL_DATE"], sub_mchid=None)
    assert ok(answer)["download_url"].startswith(book.client.base_url.replace("http://", "https://") + "/v3/billdownload/")
    bill = bills.download(book.client, book.party(mode).caller, answer).decode()
    assert book.of(mode, "REFUND_ID") in bill


def test_many_requests_on_one_connection(book, tls):
    caller = book.institution.caller
    with connect(tls) as connection:
        for _ in range(100):
            connection.send(request_bytes(caller, "GET", BALANCE))
            ok(book.client.accept(connection.answer("GET", BALANCE), caller, b""))


def test_a_file_of_5_mib_is_uploaded(book, mode):
    ok(book.upload(book.party(mode), bytes(range(256)) * 20480))


def test_requests_sent_ahead_are_answered_in_order(book, tls):
    """Ten in one TLS record, among them a write, on which the connection is suspended while the rest lies in its buffer."""
    caller = book.institution.caller
    order = book.paid(book.institution, 10000)
    body = {**book.institution.in_payment_with_appid(), "transaction_id": order.transaction_id, "out_refund_no": "AHEAD1",
            "amount": {"refund": 100, "total": 10000, "currency": "CNY"}}
    targets = [("GET", BALANCE, None)] * 4 + [("POST", "/v3/global/refunds", body)] + [("GET", BALANCE + "?", None)] * 5
    with connect(tls) as connection:
        connection.send(b"".join(request_bytes(caller, *target) for target in targets))
        for method, target, _ in targets:
            answer = ok(book.client.accept(connection.answer(method, target), caller, b""))
            assert ("refund" in str(answer)) == (method == "POST")


@pytest.mark.concurrent
def test_several_at_once(book, tls):
    """Handshakes, reads and writes on many connections, resumed ones among them."""
    context = trusting(tls)
    order = book.paid(book.direct, 100000)

    def one(number):
        body = {**book.direct.in_payment_with_appid(), "transaction_id": order.transaction_id, "out_refund_no": f"ATONCE{number}",
                "amount": {"refund": 100, "total": 100000, "currency": "CNY"}}
        for _ in range(3):
            with connect(tls, context=context) as connection:
                connection.send(request_bytes(book.direct.caller, "GET", BALANCE))
                ok(connection.answer("GET", BALANCE))
                connection.send(request_bytes(book.direct.caller, "POST", "/v3/global/refunds", body))
                ok(connection.answer("POST", "/v3/global/refunds"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(24)))
    assert ok(book.amounts(order, book.direct))["unsplit_amount"] <= 100000 - 24 * 100
    book.control.audit()


def test_versions_1_2_and_1_3(tls, book):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with connect(tls, context=trusting(tls, minimum_version=version, maximum_version=version)) as connection:
            assert connection.socket.version() == version.name.replace("v1_", "v1.")
            connection.send(request_bytes(book.direct.caller, "GET", BALANCE))
            ok(connection.answer("GET", BALANCE))
    old = trusting(tls)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        connect(tls, context=old)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_a_session_is_resumed_whichever_worker_it_meets(tls, book, version):
    context = trusting(tls, minimum_version=version, maximum_version=version)
    session = None
    resumed = []
    for _ in range(5):  # workers get connections in turn
        with connect(tls, context=context, session=session) as connection:
            connection.send(request_bytes(book.direct.caller, "GET", BALANCE))
            ok(connection.answer("GET", BALANCE))
            resumed.append(connection.socket.session_reused)
            session = connection.socket.session
    assert resumed == [False, True, True, True, True]


def test_a_client_that_does_not_trust_the_ca_is_told_so(tls):
    with pytest.raises(ssl.SSLCertVerificationError):
        RawConnection(tls.api).begin_tls(ssl.create_default_context(), "localhost")


def test_another_host_is_not_vouched_for(tls):
    for host in ("www.example.com", "pay.weixin.qq.com", "127.0.0.2"):
        with pytest.raises(ssl.SSLCertVerificationError, match="match|valid"):
            connect(tls, host)
    for host in [*HOSTS, "localhost", "127.0.0.1", "::1"]:
        connect(tls, host).close()


def test_plain_http_to_the_tls_port_is_closed(tls, book):
    with RawConnection(tls.api) as connection:
        connection.send(request_bytes(book.direct.caller, "GET", BALANCE))
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while more := connection.socket.recv(4096):
                received += more
    assert b"HTTP" not in received  # at most an alert
    ok(book.balance(book.direct))


def test_refusals_of_size_come_inside_the_session(tls, book):
    """A body too large, announced and not; headers too large: JSON, then the end, and nothing in plain text."""
    caller = book.direct.caller
    header = authorization(caller, "POST", MARK, b"")
    announced = request_bytes(None, "POST", MARK, None, {"Authorization": header, "Content-Length": "200000"}) + b"{" * 200000
    head = request_bytes(None, "POST", MARK, None, {"Authorization": header, "Transfer-Encoding": "chunked"}, leave_out=["Content-Length"])
    chunked = head + b"10000\r\n" + b"{" * 65536 + b"\r\n" + b"10000\r\n" + b"{" * 65536 + b"\r\n0\r\n\r\n"
    wide = request_bytes(caller, "GET", BALANCE, None, {"X-Padding": "x" * 17000})
    for data, method, target, status in ((announced, "POST", MARK, 413), (chunked, "POST", MARK, 413), (wide, "GET", BALANCE, 431)):
        with connect(tls) as connection:
            with contextlib.suppress(OSError):  # it may be refused before all of it is sent
                connection.send(data)
            refused(book.client.accept(connection.answer(method, target)), status, "INVALID_REQUEST")
            assert connection.ended()
    ok(book.balance(book.direct))


def test_broken_connections_on_demand_break_sessions_too(tls, book):
    """POST /faults: half an answer is told from a whole one, and a reset is a reset."""
    try:
        book.control.add_fault(effect="cut", count=1)
        with connect(tls) as connection:
            connection.send(request_bytes(book.direct.caller, "GET", BALANCE))
            with pytest.raises(http.client.IncompleteRead):
                connection.answer()
        book.control.add_fault(effect="reset", count=1)
        with connect(tls) as connection:
            connection.send(request_bytes(book.direct.caller, "GET", BALANCE))
            with pytest.raises(ConnectionResetError):
                connection.answer()
    finally:
        book.control.raw("DELETE", "/faults")
    ok(book.balance(book.direct))


def test_the_end_of_a_session_is_told(tls, book):
    """Connection: close is followed by TLS's own end, so no client takes the answer for one that was cut."""
    with connect(tls) as connection:
        connection.socket.suppress_ragged_eofs = False
        connection.send(request_bytes(book.direct.caller, "GET", BALANCE, None, {"Connection": "close"}))
        ok(connection.answer("GET", BALANCE))
        assert connection.socket.recv(1) == b""


@pytest.mark.concurrent
@pytest.mark.parametrize("options", [["--tls", "--proxy", "127.0.0.1:0"], ["--proxy", "127.0.0.1:0"]], ids=["tls", "proxy"])
def test_it_ends_within_a_second_with_connections_open(tmp_path, options):
    """Idle, in the middle of a handshake, of a request, of a CONNECT, behind one."""
    running = Program(tmp_path, *options, demo=True).start()
    book = DemoBook(running)
    half = request_bytes(book.direct.caller, "GET", BALANCE)[:80]
    peers = [RawConnection(running.proxy) for _ in range(10)]
    for peer in peers[5:]:
        peer.send(b"CONNECT apihk.mch")
    for number in range(20):
        peers.append(connect_through_proxy(running))
        if number % 2:
            peers[-1].send(half)
    for _ in range(10):
        peers.append(RawConnection(running.proxy))
        peers[-1].send(CONNECT.format(HOSTS[0], HOSTS[0]).encode())
        peers[-1].answer("CONNECT")
        peers[-1].send(b"\x16\x03\x01\x02")
    ok(book.balance(book.direct))
    running.stop()
    for peer in peers:
        peer.close()


@pytest.mark.parametrize("options", [[], ["--tls"]], ids=["plain", "tls"])
def test_the_command_shown_on_a_terminal_can_be_pasted(tmp_path, options):
    master, slave = os.openpty()
    arguments = Program(tmp_path, *options, demo=True).command  # of a clock that stands: the balance ends at midnight
    process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.DEVNULL)
    os.close(slave)
    try:
        with open(master, encoding="utf-8") as terminal:
            assert terminal.readline().startswith("ready ")
            command = terminal.readline()
            done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30 * PATIENCE)
            assert json.loads(done.stdout)["balance"] == 1000, done.stderr
            process.terminate()
            assert process.wait(10 * PATIENCE) == 0
    finally:
        process.kill()


# ---- the proxy ----


@pytest.mark.parametrize("host", HOSTS)
def test_every_host_of_the_vendor_leads_here(proxied, host):
    """A client that knows the vendor's address alone, with HTTPS_PROXY set and the CA trusted."""
    book = DemoBook(proxied)
    book.client = client_through_proxy(proxied, host)
    ok(book.balance(book.institution))
    order = book.paid(book.direct, 10000)
    assert book.refunded(order, 100, number="AT-" + host.replace(".", "-"))["amount"]["refund"] == 100


def test_a_link_is_that_of_the_host_that_was_asked(proxied):
    book = DemoBook(proxied)
    ours = ok(book.refund_bill(book.direct, book["BILL_DATE"]))["download_url"]
    assert ours.startswith(proxied.api + "/")
    book.client = client_through_proxy(proxied, "apihk.mch.weixin.qq.com")
    answer = book.refund_bill(book.direct, book["BILL_DATE"])
    assert ok(answer)["download_url"].startswith("https://apihk.mch.weixin.qq.com/v3/billdownload/file?token=")
    assert book["DIRECT_REFUND_ID"] in bills.download(book.client, book.direct.caller, answer).decode()


def test_the_api_s_own_port_is_no_proxy(plain):
    with RawConnection(plain.api) as connection:
        connection.send(CONNECT.format(HOSTS[0], HOSTS[0]).encode())
        assert connection.answer("CONNECT").status >= 400


REFUSED = [
    (b"CONNECT www.example.com:443 HTTP/1.1\r\n\r\n", 403),
    (b"CONNECT apihk.mch.weixin.qq.com:80 HTTP/1.1\r\n\r\n", 403),
    (b"CONNECT apihk.mch.weixin.qq.com.:443 HTTP/1.1\r\n\r\n", 403),
    (b"GET http://apihk.mch.weixin.qq.com/ HTTP/1.1\r\nHost: apihk.mch.weixin.qq.com\r\n\r\n", 405),
    (b"POST http://www.example.com/ HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100000, 405),
    (b"CONNECT apihk.mch.weixin.qq.com:443\r\n\r\n", 400),
    (b"CONNECT apihk.mch.weixin.qq.com:443 HTTP/1.1\r\n\r\n\x16\x03\x01", 400),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500, 400),
    (b"\x00" * 10000, 400),
    (b"nonsense", 400),
    (b"CONNECT apihk.mch.weixin.qq.com:443 HTTP/1.1\r\nX: " + b"x" * 4096, 431),
    (b"X" * 200000, 431),
]


@pytest.mark.parametrize("data, status", REFUSED, ids=[f"{data[:45]!r}" for data, _ in REFUSED])
def test_everything_else_is_refused_in_plain_words(tls, data, status):
    with RawConnection(tls.proxy) as connection:
        connection.send(data)
        answer = connection.answer()
        headers = {name.lower(): value for name, value in answer.headers}
        assert answer.status == status
        assert headers["content-type"].startswith("text/plain") and headers["connection"] == "close"
        assert headers.get("allow") == ("CONNECT" if status == 405 else None)
        assert len(answer.body.decode()) > 40
        assert connection.ended()


def test_a_client_that_knows_no_connect_is_told_so(tls):
    """axios before 1.17.0 sends a request for an https:// address to the proxy as it would a http:// one."""
    with RawConnection(tls.proxy) as connection:
        connection.send(b"GET https://api.mch.weixin.qq.com/v3/certificates HTTP/1.1\r\nHost: api.mch.weixin.qq.com\r\n\r\n")
        said = connection.answer().body.decode()
    for word in ("in the clear", "CONNECT", "axios before 1.17.0", "update it", "https-proxy-agent", "base URL"):
        assert word in said, word


def test_nothing_is_relayed(tls):
    """Neither to a place that would answer, nor to one that the address names."""
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.3)
        port = trap.getsockname()[1]
        for request in (f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n", f"CONNECT localhost:{port} HTTP/1.1\r\n\r\n",
                        f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"):
            with RawConnection(tls.proxy) as connection:
                connection.send(request.encode())
                assert connection.answer().status in (403, 405)
        with pytest.raises(TimeoutError):
            trap.accept()


def test_a_connect_in_pieces(tls, book):
    host = HOSTS[0]
    with RawConnection(tls.proxy) as connection:
        for at, byte in enumerate(CONNECT.format(host, host).encode()):
            connection.send(bytes([byte]))
            if at % 10 == 0:
                time.sleep(0.005)
        assert connection.answer("CONNECT").status == 200
        connection.begin_tls(trusting(tls), host)
        connection.send(request_bytes(book.direct.caller, "GET", BALANCE))
        ok(connection.answer("GET", BALANCE))


def test_a_connect_has_5_seconds(tls, book):
    """Whether nothing comes, half of it, or a byte now and then; and nobody else waits for that."""
    began = time.monotonic()
    silent, half, drip = (RawConnection(tls.proxy, timeout_s=15) for _ in range(3))
    half.send(b"CONNECT apihk.mch.weixin.qq.com:443 HTTP/1.1\r\n")
    drip.send(b"CONNECT ")
    slowest = 0
    while time.monotonic() - began < 4.5:
        drip.send(b"x")
        asked = time.monotonic()
        with connect_through_proxy(tls) as connection:
            connection.send(request_bytes(book.direct.caller, "GET", BALANCE))
            ok(connection.answer("GET", BALANCE))
        slowest = max(slowest, time.monotonic() - asked)
        time.sleep(0.2)
    stood_still = time.monotonic() - began - 4.5  # this test, in the last round
    for peer in (silent, half, drip):
        assert peer.answer().status == 408
        assert 4.5 < time.monotonic() - began < 5.5 + PATIENCE + stood_still
        peer.close()
    assert slowest < 2 * PATIENCE


def test_many_that_say_nothing_do_not_keep_others_out(tls, book):
    """64 may wait. One more, and the oldest has to go: who says at once what he wants always gets through."""
    waiting = [RawConnection(tls.proxy) for _ in range(64)]
    for _ in range(10):
        with connect_through_proxy(tls) as connection:
            connection.send(request_bytes(book.direct.caller, "GET", BALANCE))
            ok(connection.answer("GET", BALANCE))
    assert waiting[0].answer().status == 408
    for peer in waiting:
        peer.close()


def test_no_place_is_lost(program):
    """After refusals, time-outs, ends in the middle and failed handshakes the table of connections is empty again."""
    plain = program("--proxy", "127.0.0.1:0")
    for data, _ in REFUSED:
        with RawConnection(plain.proxy) as connection:
            connection.send(data)
    for data in (b"", b"CONNECT ap", CONNECT.format(HOSTS[0], HOSTS[0]).encode()):
        for _ in range(20):
            with RawConnection(plain.proxy) as connection:
                connection.send(data)
    with RawConnection(plain.proxy) as connection:
        connection.send(CONNECT.format(HOSTS[0], HOSTS[0]).encode())
        connection.answer("CONNECT")
        connection.send(b"no TLS at all\r\n\r\n" * 10)
        assert connection.socket.recv(1000)[:1] in (b"", b"\x15") # an alert, perhaps
    deadline = time.monotonic() + 10 * PATIENCE
    while connections(plain) > 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert connections(plain) == 0


def test_a_connection_counts_once_its_connect_is_answered(program):
    """Before, it has one of the 64 places of such connections, from which the oldest has to go."""
    plain = program("--proxy", "127.0.0.1:0")
    before = connections(plain)
    with RawConnection(plain.proxy) as silent, connect_through_proxy(plain):
        silent.send(b"C")
        deadline = time.monotonic() + 5 * PATIENCE
        while connections(plain) != before + 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert connections(plain) == before + 1


@pytest.mark.slow
def test_a_handshake_has_10_seconds(tls):
    """After a CONNECT and then nothing, and for one that stops."""
    began = time.monotonic()
    with RawConnection(tls.proxy, timeout_s=120) as silent, RawConnection(tls.api, timeout_s=120) as half:
        silent.send(CONNECT.format(HOSTS[0], HOSTS[0]).encode())
        silent.answer("CONNECT")
        half.send(b"\x16\x03\x01\x02")
        assert silent.ended() and half.ended()
    assert 9 < time.monotonic() - began < 15 * PATIENCE


def test_a_proxy_for_other_machines_has_to_be_asked_for(tmp_path):
    done = serve(tmp_path / "data", "--proxy", "0.0.0.0:0")
    assert done.returncode == 2 and "--proxy-remote" in done.stderr and "loopback" in done.stderr
    running = Program(tmp_path, "--proxy", "0.0.0.0:0", "--proxy-remote").start()
    try:
        assert running.proxy.startswith("http://127.0.0.1:")  # where clients of this machine go
        connect_through_proxy(running).close()
    finally:
        running.stop()


def test_the_port_of_a_proxy_is_not_shared(tls, tmp_path):
    taken = urlsplit(tls.proxy).netloc
    done = serve(tmp_path / "data", "--proxy", taken)
    assert done.returncode == 2 and taken in done.stderr and "another server" in done.stderr and "--proxy PORT" in done.stderr
    done = serve(tmp_path / "data", "--tls", "--listen", urlsplit(tls.api).netloc)
    assert done.returncode == 2 and "another server" in done.stderr and "--listen PORT" in done.stderr
    assert not (tmp_path / "data").exists()


# ---- the CA ----


def test_the_ca_can_be_trusted_before_the_first_start(tmp_path):
    directory = tmp_path / "data"
    printed = run("ca", "--data", str(directory))
    assert printed.returncode == 0 and "a new one was made" in printed.stderr
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / "tls" / "ca_key.pem").stat().st_mode) == 0o600
    ca = x509.load_pem_x509_certificate(printed.stdout.encode())
    assert ca.extensions.get_extension_for_class(x509.NameConstraints).critical
    running = Program(tmp_path, "--tls", demo=True).start()
    try:
        assert run("ca", "--data", str(directory)).stdout == printed.stdout  # beside a server too
        ok(DemoBook(running).balance(DemoBook(running).direct))
        with connect(running, context=ssl.create_default_context(cadata=printed.stdout)) as connection:
            first = connection.socket.getpeercert()
        running.stop()
        running.start()
        with connect(running, context=ssl.create_default_context(cadata=printed.stdout)) as connection:
            assert connection.socket.getpeercert()["serialNumber"] != first["serialNumber"]  # made for each run
    finally:
        running.stop()


def age_ca(directory):
    """The CA of a data directory as it was made before api2.wechatpay.cn was served: under the same key, without that name."""
    key = serialization.load_pem_private_key((directory / "ca_key.pem").read_bytes(), None)
    made = x509.load_pem_x509_certificate((directory / "ca_cert.pem").read_bytes())
    builder = x509.CertificateBuilder(made.issuer, made.subject, made.public_key(), made.serial_number, made.not_valid_before, made.not_valid_after)
    for extension in made.extensions:
        value = extension.value
        if isinstance(value, x509.NameConstraints):
            kept = [name for name in value.permitted_subtrees if name.value != "api2.wechatpay.cn"]
            assert len(kept) == len(value.permitted_subtrees) - 1
            value = x509.NameConstraints(kept, None)
        builder = builder.add_extension(value, extension.critical)
    (directory / "ca_cert.pem").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def test_an_old_ca_serves_the_hosts_that_it_can(tmp_path):
    """Who trusts it goes on; the one host that it cannot vouch for is refused by clients, and the log says what to do."""
    assert run("ca", "--data", str(tmp_path / "data")).returncode == 0
    age_ca(tmp_path / "data" / "tls")
    running = Program(tmp_path, "--tls", "--proxy", "127.0.0.1:0").start()
    try:
        for host in [*HOSTS[:-1], "localhost", "127.0.0.1"]:
            connect(running, host).close()
        with pytest.raises(ssl.SSLCertVerificationError, match="match"):
            connect_through_proxy(running, HOSTS[-1])
        for word in ("warning", running.ca, "cannot vouch for api2.wechatpay.cn", "remove the directory tls", "trust the new CA"):
            assert word in running.log_text(), word
    finally:
        running.stop()


def test_an_empty_directory_of_others_is_closed_to_them(tmp_path):
    """As serve does it: a volume just made, for example."""
    tmp_path.chmod(0o755)
    assert run("ca", "--data", str(tmp_path)).returncode == 0
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    (tmp_path / "foreign").mkdir(mode=0o755)
    (tmp_path / "foreign" / "file").touch()
    refusal = serve(tmp_path / "foreign")
    assert refusal.returncode == 2 and "chmod 700" in refusal.stderr and refusal.stdout == ""


def test_how_to_trust_it(tls):
    told = run("ca", "--data", str(tls.data), "--how")
    assert told.returncode == 0
    for word in ("Debian", "Ubuntu", "Fedora", "macOS", "Windows", "keytool", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE",
                 "SSL_CERT_FILE", "Go", "openssl.cafile", "curl.cainfo", ".NET", "CURL_CA_BUNDLE", tls.ca):
        assert word in told.stdout, word


def test_a_key_that_others_can_use_is_refused(tmp_path):
    directory = tmp_path / "data"
    assert run("ca", "--data", str(directory)).returncode == 0
    key = directory / "tls" / "ca_key.pem"
    key.chmod(0o640)
    for done in (run("ca", "--data", str(directory)), serve(directory, "--tls"), serve(directory, "--proxy", "127.0.0.1:0")):
        assert done.returncode == 2 and str(key) in done.stderr and "chmod 600" in done.stderr
    Program(tmp_path).start().stop()  # which has no use for it


def test_without_tls_no_ca_is_made(tmp_path):
    running = Program(tmp_path, demo=True).start()
    running.stop()
    assert not (running.data / "tls").exists()
    assert "CA_CERT_PEM" not in running.demo and "PROXY_URL" not in running.demo


# ---- a certificate of one's own ----


def own_certificate(directory, *names, days=30):
    """Signed by itself, as `openssl req -x509` makes them."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    begin = datetime.datetime.utcnow() - datetime.timedelta(days=40)
    alternative = [x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(begin).not_valid_after(begin + datetime.timedelta(days=40 + days))
        .add_extension(x509.SubjectAlternativeName(alternative), False)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = directory / "own.pem", directory / "own.key"
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                                           serialization.NoEncryption()))
    key_file.chmod(0o600)
    return str(cert_file), str(key_file)


def test_a_certificate_of_one_s_own(tmp_path):
    cert, key = own_certificate(tmp_path, "sandbox.example", "127.0.0.1")
    running = Program(tmp_path, "--tls", "--tls-cert", cert, "--tls-key", key, demo=True).start()
    try:
        book = DemoBook(running)
        book.client.session.verify = cert
        ok(book.balance(book.direct))
        context = ssl.create_default_context(cafile=cert)
        connect(running, "sandbox.example", context=context).close()
        assert not (running.data / "tls").exists() and "CA_CERT_PEM" not in running.demo
    finally:
        running.stop()


def test_certificate_and_key_go_together_and_fit(tmp_path):
    cert, key = own_certificate(tmp_path, "sandbox.example")
    data = tmp_path / "data"
    for arguments, said in (
        (["--tls", "--tls-cert", cert], "go together"),
        (["--tls", "--tls-key", key], "go together"),
        (["--tls-cert", cert, "--tls-key", key], "--tls or --proxy"),
        (["--proxy-remote"], "--proxy ADDR:PORT"),
        (["--tls", "--tls-cert", key, "--tls-key", key], "no certificate"),
        (["--tls", "--tls-cert", cert, "--tls-key", cert], "chmod 600"),
        (["--tls", "--tls-cert", cert, "--tls-key", str(tmp_path / "none")], "No such file"),
    ):
        done = serve(data, *arguments)
        assert done.returncode == 2 and said in done.stderr, (arguments, done.stderr)
    cert, key = own_certificate(tmp_path, "sandbox.example", days=-5)
    done = serve(data, "--tls", "--tls-cert", cert, "--tls-key", key)
    assert done.returncode == 2 and "not valid any more" in done.stderr


# ---- the control interface for other machines ----


@pytest.fixture
def token_file(tmp_path):
    file = tmp_path / "token"
    file.write_text("0123456789abcdef" * 3 + "\n")
    file.chmod(0o600)
    return str(file)


def test_beyond_loopback_control_takes_a_token_and_tls(tmp_path, token_file):
    data = tmp_path / "data"
    for arguments, wanted, not_wanted in (
        ([], ["--tls", "--control-token-file"], []),
        (["--tls"], ["--control-token-file"], ["Add --tls"]),
        (["--control-token-file", token_file], ["Add --tls"], ["--control-token-file"]),
    ):
        done = serve(data, "--control", "0.0.0.0:0", *arguments)
        assert done.returncode == 2 and "loopback" in done.stderr
        assert all(word in done.stderr for word in wanted) and not any(word in done.stderr for word in not_wanted), done.stderr


def test_control_from_other_machines(tmp_path, token_file):
    """By an address or a name of the certificate, in TLS, with the token."""
    cert, key = own_certificate(tmp_path, "control.example", "127.0.0.1")
    running = Program(
        tmp_path, "--control", "0.0.0.0:0", "--control-token-file", token_file, "--tls", "--tls-cert", cert, "--tls-key", key
    ).start()
    try:
        assert running.control.startswith("https://127.0.0.1:")
        port = urlsplit(running.control).port
        bearing = {"Authorization": "Bearer " + "0123456789abcdef" * 3}

        def ask(path="/clock", **headers):
            return requests.get(f"https://127.0.0.1:{port}{path}", headers=headers, verify=cert, timeout=10 * PATIENCE)

        assert ask(**bearing).status_code == 200
        assert ask().status_code == 401
        assert ask(**bearing, Host=f"control.example:{port}").status_code == 200
        assert ask(**bearing, Host="www.example.com").status_code == 403
        assert ask(**bearing, Host="apihk.mch.weixin.qq.com").status_code == 403  # not in one's own certificate
        assert ask(**bearing, Origin=f"https://127.0.0.1:{port}").status_code == 200
        assert ask(**bearing, Origin=f"http://127.0.0.1:{port}").status_code == 403
        long_call = requests.post(f"https://127.0.0.1:{port}/audit", headers={**bearing, "Content-Type": "application/json"},
                                  data="{}", verify=cert, timeout=30 * PATIENCE)
        assert long_call.status_code == 200
        with requests.get(f"https://127.0.0.1:{port}/requests/stream", headers=bearing, verify=cert, stream=True,
                          timeout=10 * PATIENCE) as stream:
            events = stream.iter_lines()
            assert next(events).startswith(b": from sequence ")
            with RawConnection(running.api).begin_tls(ssl.create_default_context(cafile=cert), "127.0.0.1") as connection:
                connection.send(request_bytes(None, "GET", BALANCE))
                assert connection.answer().status == 401
            assert any(BALANCE.encode() in line for line in itertools.islice(events, 10))
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.get(f"http://127.0.0.1:{port}/clock", headers=bearing, timeout=10 * PATIENCE)
    finally:
        running.stop()


def test_control_on_loopback_stays_plain(tls):
    assert requests.get(tls.control + "/health", timeout=10 * PATIENCE).status_code == 200


# ---- other TLS libraries ----

JAVA = """
import java.net.*;
import javax.net.ssl.*;
public class Ask {
    public static void main(String[] urls) throws Exception {
        for (String url : urls) {
            HttpsURLConnection connection = (HttpsURLConnection) new URL(url).openConnection();
            System.out.println(connection.getResponseCode());
        }
    }
}
"""


@pytest.mark.skipif(shutil.which("javac") is None, reason="no Java here")
def test_java_accepts_the_chain(tls, tmp_path):
    store, source = tmp_path / "trust.p12", tmp_path / "Ask.java"
    source.write_text(JAVA)
    subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "fenzhang", "-file", tls.ca, "-keystore", store,
                    "-storepass", "changeit"], check=True, capture_output=True)
    proxy = urlsplit(tls.proxy)
    done = subprocess.run(
        ["java", f"-Djavax.net.ssl.trustStore={store}", "-Djavax.net.ssl.trustStorePassword=changeit",
         f"-Dhttps.proxyHost={proxy.hostname}", f"-Dhttps.proxyPort={proxy.port}", source,
         tls.api + BALANCE, tls.api.replace("127.0.0.1", "localhost") + BALANCE, f"https://{HOSTS[0]}{BALANCE}"],
        capture_output=True, text=True, timeout=120 * PATIENCE)
    assert done.stdout.split() == ["401", "401", "401"], done.stderr  # unsigned, so it got as far as the API


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node here")
def test_node_accepts_the_chain(tls):
    script = """
    const https = require('https')
    for (const host of ['localhost', '127.0.0.1', '%s'])
        https.get(process.argv[1], {servername: host.includes('1') ? '' : host, headers: {Host: host},
            checkServerIdentity: (_, certificate) => require('tls').checkServerIdentity(host, certificate)},
            answer => { console.log(answer.statusCode); answer.resume() })
    """ % HOSTS[0]
    done = subprocess.run(["node", "-e", script, tls.api + BALANCE], capture_output=True, text=True, timeout=60 * PATIENCE,
                          env={"NODE_EXTRA_CA_CERTS": tls.ca, "PATH": "/usr/bin:/usr/local/bin"})
    assert done.stdout.split() == ["400"] * 3 or done.stdout.split() == ["401"] * 3, done.stderr


def test_curl_accepts_the_chain(tls):
    for target in (tls.api, tls.api.replace("127.0.0.1", "localhost")):
        done = subprocess.run(["curl", "-sS", "--cacert", tls.ca, target + BALANCE], capture_output=True, text=True,
                              timeout=30 * PATIENCE)
        assert json.loads(done.stdout)["code"] == "SIGN_ERROR", done.stderr
    done = subprocess.run(["curl", "-sS", "--cacert", tls.ca, "--proxy", tls.proxy, f"https://{HOSTS[1]}{BALANCE}"],
                          capture_output=True, text=True, timeout=30 * PATIENCE)
    assert json.loads(done.stdout)["code"] == "SIGN_ERROR", done.stderr
