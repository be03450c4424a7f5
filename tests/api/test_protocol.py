"""The protocol: headers, paths, methods, sizes, JSON, connections"""

import contextlib
import http.client
import json
import resource
import socket
import time
from urllib.parse import urlencode, urlsplit

import pytest

from answers import ok, refused, refused_parameter
from client import PATIENCE, authorization
from demo_book import DemoBook
from raw import RawConnection, request_bytes
from world import SHARING

BALANCE = f"{SHARING}/refunds/refundable-balance"
MARK = f"{SHARING}/transactions/mark"

# Paths of the API with their one method.
PATHS = [
    ("GET", BALANCE),
    ("GET", f"{SHARING}/transactions/4208450740201411110007820472/amounts"),
    ("GET", f"{SHARING}/transactions/4208450740201411110007820472/refundable-amounts"),
    ("GET", f"{SHARING}/refunds/bill-download-url"),
    ("GET", f"{SHARING}/bill-download-url"),
    ("POST", MARK),
    ("POST", f"{SHARING}/orders"),
    ("GET", f"{SHARING}/receivers/1900000109"),
    ("GET", "/v3/global/refunds/id/1217752501201407033233368018"),
    ("GET", "/v3/global/refunds/out-refund-no/1217752501201407033233368018"),
    ("GET", "/hk/v3/refunds/id/1217752501201407033233368018"),
    ("GET", "/hk/v3/refunds/out-refund-no/1217752501201407033233368018"),
    ("POST", "/v3/global/transactions/native"),
    ("POST", "/hk/v3/transactions/native"),
    ("GET", "/v3/global/transactions/id/4208450740201411110007820472"),
    ("GET", "/hk/v3/transactions/out-trade-no/T00001"),
    ("GET", "/v3/certificates"),
    ("GET", "/v3/global/certificates"),
    ("GET", "/hk/v3/certificates"),
    ("GET", "/v3/billdownload/file"),
    ("GET", "/v3/bill/downloadurl"),
]


def exchange(world, credentials, method, target, body=None, headers=None, **options):
    """One request by bytes on a connection of its own."""
    with RawConnection(world.program.api) as connection:
        connection.send(request_bytes(credentials, method, target, body, headers, **options))
        return world.client.accept(connection.answer(method, target), credentials)


def alive(world, party):
    """The server still answers, on the API and on the control interface."""
    ok(world.balance(party))
    assert world.control.healthy()


# ---- Accept and User-Agent ----


@pytest.mark.parametrize("name", ["Accept", "User-Agent"])
def test_accept_and_user_agent_have_to_be_there(world, direct, name):
    for method, target, body in (("GET", BALANCE, None), ("POST", MARK, {}), ("GET", "/hk/v3/certificates", None)):
        answer = exchange(world, direct.caller, method, target, body, leave_out={name})
        refused(answer, 400, "INVALID_REQUEST", "lacks Accept or User-Agent")
    answer = exchange(world, direct.caller, "GET", BALANCE, None, {"Accept-Language": "zh-CN"}, leave_out={name})
    refused(answer, 400, "INVALID_REQUEST", "Http头缺少Accept或User-Agent")


def test_headers_come_before_the_signature(world):
    refused(exchange(world, None, "GET", BALANCE, leave_out={"Accept"}), 400, "INVALID_REQUEST")


# ---- paths and methods ----


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v3",
        "/v3/global",
        "/v3/nothing",
        "/v3/global/refunds/id",
        "/v3/global/refunds/id/1/2",
        "/v3/global/profit-sharing/refunds/refundable-balances",
        "/V3/global/certificates",
        "/hk/v3/profit-sharing/refunds/refundable-balance",
        "//v3/certificates",
        "/v3/certificates/..",
        "/v3/global/refund/domestic/refunds/1",
    ],
)
def test_unknown_paths(world, direct, path):
    for method in ("GET", "POST"):
        answer = exchange(world, direct.caller, method, path)
        refused(answer, 404, "NOT_FOUND")
        assert answer.header("Wechatpay-Signature")
    assert exchange(world, None, "GET", path).status == 401  # the signature comes before the route


@pytest.mark.parametrize("method,path", PATHS)
def test_known_paths_with_another_method(world, direct, method, path):
    for other in {"GET", "POST", "PUT", "DELETE", "PATCH"} - {method}:
        answer = exchange(world, direct.caller, other, path)
        if other == "GET" and path.startswith("/hk/v3"):
            refused(answer, 405, "REQUIRE_POST_METHOD", "Use post method")
        else:
            refused(answer, 405, "METHOD_NOT_ALLOWED", "not with this HTTP method")
        assert answer.header("Allow") == method


@pytest.mark.parametrize("path,methods", [
        (f"{SHARING}/receivers", {"POST", "DELETE"}),
        ("/v3/global/refunds", {"GET", "POST"}),
        ("/hk/v3/refunds", {"GET", "POST"}),
    ],
)
def test_paths_with_two_methods(world, direct, path, methods):
    for method in methods:
        assert exchange(world, direct.caller, method, path, b"{}").status == 400
    for other in {"GET", "POST", "PUT", "DELETE", "PATCH"} - methods:
        answer = exchange(world, direct.caller, other, path)
        refused(answer, 405, "METHOD_NOT_ALLOWED", "not with this HTTP method")
        assert set(answer.header("Allow").split(", ")) == methods


def test_methods_that_nobody_knows(world, direct):
    for method in ("BREW", "get", "TRACE"):
        with RawConnection(world.program.api) as connection:
            connection.send(request_bytes(direct.caller, method, BALANCE))
            assert connection.answer(method, BALANCE).status in (400, 404, 405, 501)
    alive(world, direct)


def test_head_has_no_body(world, direct):
    with RawConnection(world.program.api) as connection:
        connection.send(request_bytes(direct.caller, "HEAD", BALANCE))
        answer = connection.answer("HEAD", BALANCE)
        assert (answer.status, answer.body, answer.header("Allow")) == (405, b"", "GET")


# ---- sizes ----


def test_a_body_of_64_kib(world, direct):
    """65 536 bytes are read (and found wrong), one more is too large."""
    for size, status in ((65536, 400), (65537, 413), (200000, 413)):
        body = b'{"currency":"' + b"x" * (size - 15) + b'"}'
        assert len(body) == size
        answer = exchange(world, direct.caller, "POST", MARK, body)
        assert answer.status == status, str(answer)
        assert answer.json["code"] == {400: "PARAM_ERROR", 413: "INVALID_REQUEST"}[status]
    alive(world, direct)


def test_a_body_that_is_only_announced(world, direct):
    """10 GB in Content-Length: refused without waiting for them."""
    header = authorization(direct.caller, "POST", MARK, b"")
    with RawConnection(world.program.api) as connection:
        connection.send(
            request_bytes(None, "POST", MARK, None, {"Authorization": header, "Content-Length": str(10**10), "X": "y"})
            + b"{" * 100000
        )
        assert connection.answer("POST", MARK).status == 413
    alive(world, direct)


def test_headers_of_16_kib(world, direct):
    ok(exchange(world, direct.caller, "GET", BALANCE, None, {"X-Padding": "x" * 15000}))
    answer = exchange(world, direct.caller, "GET", BALANCE, None, {"X-Padding": "x" * 17000})
    refused(answer, 431, "INVALID_REQUEST", "larger than 16 KiB")
    many = {f"X-Padding-{number}": "x" * 100 for number in range(200)}
    refused(exchange(world, direct.caller, "GET", BALANCE, None, many), 431, "INVALID_REQUEST")
    alive(world, direct)


def test_beyond_what_is_read_at_all(world, direct):
    """The HTTP library answers this one, or closes; the server goes on."""
    for padding in ({"X-Padding": "x" * 300000}, {f"X-{number}": "x" * 500 for number in range(2000)}):
        with RawConnection(world.program.api) as connection:
            try:
                connection.send(request_bytes(direct.caller, "GET", BALANCE, None, padding))
                assert 400 <= connection.answer().status < 600
            except (OSError, http.client.HTTPException):
                pass  # closed before or while it answered
    alive(world, direct)


def test_a_long_target(world, direct):
    for length in (1000, 8000, 15000):
        answer = exchange(world, direct.caller, "GET", f"{BALANCE}?sub_mchid={'1' * length}")
        refused_parameter(answer, "sub_mchid", "query", "1" * 256)
    answer = exchange(world, direct.caller, "GET", f"{SHARING}/transactions/{'4' * 9000}/amounts")
    refused_parameter(answer, "transaction_id", "url", "4" * 256)


# ---- JSON ----


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b'"text"',
        b"5",
        b"null",
        b"[]",
        b"[{}]",
        b"{}{}",
        b'{"a":1,}',
        b"{'a':1}",
        b'{"currency":"CNY","currency":"CNY"}',
        b'{"out_trade_no":"T00001","out_trade_no":"T00002","currency":"CNY"}',
        b'{"currency":"\xff\xfe"}',
        b'{"currency":"\xc0\xaf"}',
        b'{"currency":"\xed\xa0\x80"}',
        b'{"currency":"\\ud800"}',
        b'{"currency":"\\u0000"}',
        b'\xef\xbb\xbf{"currency":"CNY"}',
        b'{"currency":"CNY"}\x00',
        b'{"a":' * 3000 + b"1" + b"}" * 3000,
        b"[" * 30000,
        b'{"currency":' + b"9" * 5000 + b"}",
        b'{"currency":1e999}',
        b'{"currency":NaN}',
        b'{"currency":null,"out_trade_no":null}',
        b"amount=5&currency=CNY",
        b"<xml/>",
    ],
    ids=lambda body: repr(body[:40]),
)
def test_bodies_that_are_wrong(world, direct, body):
    answer = exchange(world, direct.caller, "POST", MARK, body)
    refused(answer, 400, "PARAM_ERROR")
    assert answer.detail["location"] == "body"


def test_an_empty_body(world, direct):
    refused(exchange(world, direct.caller, "POST", MARK), 400, "PARAM_ERROR")


def test_what_was_sent_never_breaks_the_answer(world, direct):
    """The echoed value is clean text of at most 256 characters, whatever it was."""
    for value in ('"', "\\", "\x01\x1f\x7f", "</script>", "退" * 500, "\u2028", "a" * 60000, "{\"code\":1}", "%s%n%x"):
        answer = exchange(world, direct.caller, "POST", MARK, json.dumps({"out_trade_no": value, "currency": "CNY"}).encode())
        refused_parameter(answer, "/out_trade_no", "body")
    for raw in ("%00", "%FF%FE", "%22%7D", "%0d%0aX-Evil:1", "%E9%80%80" * 300, "%", "%zz", "%5", "a%20b" * 20):
        answer = exchange(world, direct.caller, "GET", f"{BALANCE}?sub_mchid={raw}{'1' * 33}")
        refused_parameter(answer, "sub_mchid", "query")


def test_names_that_nobody_asked_for(world, direct):
    for name in ("", "x" * 1000, "a/b~c", "退款", '"}'):
        answer = exchange(world, direct.caller, "POST", MARK, json.dumps({name: 1}).encode())
        refused(answer, 400, "PARAM_ERROR")


def test_a_pointer_escapes_its_slashes(world, direct):
    """RFC 6901: ~ is ~0, / is ~1."""
    body = {"out_trade_no": world.number("T"), "currency": "CNY", "a/b~c": 1}
    refused_parameter(world.client.post(direct.caller, MARK, body), "/a~1b~0c", "body")


# ---- escapes in paths ----


def test_a_path_value_is_split_first_and_decoded_once(world, direct):
    order = world.paid(direct, 1000)
    escaped = "".join(f"%{ord(character):02X}" for character in order.transaction_id)
    answer = exchange(world, direct.caller, "GET", f"{SHARING}/transactions/{escaped}/amounts")
    assert ok(answer)["transaction_id"] == order.transaction_id
    twice = escaped.replace("%", "%25")
    assert exchange(world, direct.caller, "GET", f"{SHARING}/transactions/{twice}/amounts").status == 400
    slash = f"{SHARING}/transactions/42%2F08/amounts"
    assert exchange(world, direct.caller, "GET", slash).json["code"] in ("PARAM_ERROR", "INVALID_REQUEST")
    for broken in ("%", "%4", "%zz", "%00", "%c0%af"):
        answer = exchange(world, direct.caller, "GET", f"{SHARING}/transactions/{broken}/amounts")
        assert answer.json["code"] in ("PARAM_ERROR", "INVALID_REQUEST")


def test_a_query_has_what_the_endpoint_s_row_has(world, institution):
    """Whatever the method; a name that the row has in the body or in the path is none of the query."""
    child = institution.sub_mchid
    for method, target, name, value in (
        ("GET", f"/v3/global/transactions/out-trade-no/N00001?sp_mchid={institution.sponsor}&sub_mch_id={child}", "sub_mch_id", child),
        ("GET", f"/hk/v3/refunds/id/5?id=5&sp_mchid={institution.sponsor}&sub_mchid={child}", "id", "5"),
        ("GET", "/v3/certificates?algorithm_types=RSA", "algorithm_types", "RSA"),
        ("POST", f"{SHARING}/transactions/mark?sub_mchid={child}", "sub_mchid", child),
        ("POST", "/hk/v3/refunds?out%5Frefund_no=R1", "out_refund_no", "R1"),
        ("DELETE", f"{SHARING}/receivers?account=1&type=MERCHANT_ID", "account", "1"),
    ):
        answer = exchange(world, institution.caller, method, target, None if method == "GET" else {})
        refused(answer, 400, "PARAM_ERROR")
        assert answer.detail == {"field": name, "value": value, "issue": "is not a parameter of this API", "location": "query"}


def test_what_is_wrong_is_told_in_the_language_of_the_message(world, institution):
    bill, query = f"{SHARING}/refunds/bill-download-url", {"sub_mchid": institution.sub_mchid}
    order = {**institution.in_distribution(), "out_trade_no": "T1", "currency": "CNY"}
    for method, target, body, english, chinese in (
        ("GET", f"{bill}?{urlencode(query)}", None, "is missing: it is required", "缺少该参数，必填"),
        ("GET", f"{bill}?{urlencode({**query, 'bill_date': '20260105'})}", None, "is not a date that exists, as YYYY-MM-DD", "不是有效日期，格式应为YYYY-MM-DD"),
        ("GET", f"/v3/global/statements?date=2026-01-05&mchid={institution.sponsor}", None, "is not a date that exists, as YYYYMMDD", "不是有效日期，格式应为YYYYMMDD"),
        ("GET", "/v3/certificates?algorithm_type=SM2", None, "is not one of: RSA", "取值应为以下之一：RSA"),
        ("POST", f"{SHARING}/transactions/mark", order, "has too few characters: 2, at least 6 are needed", "字符数为2，至少应为6"),
        ("POST", f"{SHARING}/transactions/mark", b"{", "is not JSON (line 1, column 1)", "不是合法的JSON（第1行，第1列）"),
    ):
        for language, issue in ((None, english), ("zh-CN,zh;q=0.9", chinese)):
            headers = {} if language is None else {"Accept-Language": language}
            answer = exchange(world, institution.caller, method, target, body, headers)
            assert answer.status == 400 and answer.detail["issue"] == issue


def test_a_header_that_says_two_things(world, direct):
    """Twice the same is once, as libraries do it that set what was set already."""
    for name, first, second in (("Wechatpay-Serial", "A" * 40, "B" * 40), ("Content-Type", "application/json", "text/plain"), ("Wechatpay-Negative-Test", "SIGN_ERROR", "NO_AUTH")):
        request = request_bytes(direct.caller, "GET", BALANCE, None, {name: first})
        with RawConnection(world.program.api) as connection:
            connection.send(request.replace(b"\r\n\r\n", f"\r\n{name}: {second}\r\n\r\n".encode(), 1))
            answer = world.client.accept(connection.answer("GET", BALANCE), direct.caller)
            refused_parameter(answer, name, None, second)
            assert "Send it once" in answer.detail["issue"]
        if name != "Wechatpay-Negative-Test":
            with RawConnection(world.program.api) as connection:
                connection.send(request.replace(b"\r\n\r\n", f"\r\n{name}: {first.swapcase()}\r\n\r\n".encode(), 1))
                ok(world.client.accept(connection.answer("GET", BALANCE), direct.caller))


@pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream", None], ids=str)
def test_json_is_json_whatever_it_calls_itself(world, institution, kind):
    body = {**institution.in_distribution(), "out_trade_no": world.number("T"), "currency": "CNY"}
    headers, leave_out = ({"Content-Type": kind}, ()) if kind else ({}, ("Content-Type",))
    assert exchange(world, institution.caller, "POST", MARK, body, headers, leave_out=leave_out).status == 204


# ---- connections ----


def test_one_connection_serves_many_requests(world, direct):
    with RawConnection(world.program.api) as connection:
        for number in range(30):
            target = f"{BALANCE}?{'&' * number}"
            connection.send(request_bytes(direct.caller, "GET", target))
            ok(world.client.accept(connection.answer("GET", target), direct.caller))


def test_a_refusal_does_not_end_the_connection(world, direct):
    with RawConnection(world.program.api) as connection:
        for target, status in ((BALANCE, 200), ("/nothing", 404), (f"{BALANCE}?sub_mchid=", 400), (BALANCE, 200)):
            connection.send(request_bytes(direct.caller, "GET", target))
            assert world.client.accept(connection.answer("GET", target), direct.caller).status == status
        connection.send(request_bytes(None, "GET", BALANCE))
        assert world.client.accept(connection.answer("GET", BALANCE)).status == 401
        connection.send(request_bytes(direct.caller, "GET", BALANCE))
        ok(world.client.accept(connection.answer("GET", BALANCE), direct.caller))


@pytest.mark.concurrent
def test_pipelined_requests_are_answered_in_order(world, direct):
    order = world.paid(direct, 1000)
    number = world.number("R")
    refund = {
        **direct.in_payment_with_appid(),
        "transaction_id": order.transaction_id,
        "out_refund_no": number,
        "amount": {"refund": 10, "total": 1000, "currency": "CNY"},
    }
    query = f"/v3/global/refunds/out-refund-no/{number}?mchid={direct.sponsor}"
    requests = [
        ("GET", BALANCE, None, 200),
        ("GET", query, None, 404),
        ("POST", "/v3/global/refunds", refund, 200),
        ("GET", query, None, 200),
        ("GET", "/nothing", None, 404),
        ("POST", MARK, {"out_trade_no": world.number("T"), "currency": "CNY"}, 204),
        ("GET", BALANCE, None, 200),
    ]
    with RawConnection(world.program.api) as connection:
        connection.send(b"".join(request_bytes(direct.caller, *request[:3]) for request in requests))
        for method, target, _, status in requests:
            answer = world.client.accept(connection.answer(method, target), direct.caller)
            assert answer.status == status, str(answer)


def test_a_request_in_small_pieces(world, direct):
    target = f"{SHARING}/transactions/mark"
    request = request_bytes(direct.caller, "POST", target, {"out_trade_no": world.number("T"), "currency": "CNY"})
    with RawConnection(world.program.api) as connection:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(request), 7):
            connection.send(request[start : start + 7])
        assert world.client.accept(connection.answer("POST", target), direct.caller).status == 204


def test_a_chunked_body(world, direct):
    body = json.dumps({"out_trade_no": world.number("T"), "currency": "CNY"}).encode()
    header = authorization(direct.caller, "POST", MARK, body)
    request = request_bytes(
        None, "POST", MARK, None, {"Authorization": header, "Transfer-Encoding": "chunked"}, leave_out={"Content-Length"}
    )
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:5], body[5:])) + b"0\r\n\r\n"
    with RawConnection(world.program.api) as connection:
        connection.send(request + chunks)
        assert world.client.accept(connection.answer("POST", MARK), direct.caller).status == 204


def chunked_request(caller):
    header = authorization(caller, "POST", MARK, b"")
    return request_bytes(
        None, "POST", MARK, None, {"Authorization": header, "Transfer-Encoding": "chunked"}, leave_out={"Content-Length"}
    )


def test_chunks_beyond_the_cap(world, direct):
    with RawConnection(world.program.api) as connection:
        connection.send(chunked_request(direct.caller))
        with contextlib.suppress(OSError):  # who takes more than two seconds for the rest of what was refused is not heard out
            for _ in range(300):
                connection.send(b"400\r\n" + b"x" * 1024 + b"\r\n")
            connection.send(b"0\r\n\r\n")
        assert connection.answer("POST", MARK).status == 413
    alive(world, direct)


def test_endless_chunks(world, direct):
    with RawConnection(world.program.api) as connection:
        connection.send(chunked_request(direct.caller))
        with pytest.raises(OSError):  # cut off after a mebibyte
            for _ in range(20_000):
                connection.send(b"400\r\n" + b"x" * 1024 + b"\r\n")
    alive(world, direct)


def test_connection_close_is_kept(world, direct):
    with RawConnection(world.program.api) as connection:
        connection.send(request_bytes(direct.caller, "GET", BALANCE, None, {"Connection": "close"}))
        ok(world.client.accept(connection.answer("GET", BALANCE), direct.caller))
        assert connection.ended()


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n\r\n\r\n",
        b"\x00" * 100,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xaa" * 200,
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost\r\n\r\n",
        b"GET http://other.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /\x01\x02 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n folded: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET " + b"/" * 100000 + b" HTTP/1.1\r\n\r\n",
        b"A" * 100000,
    ],
    ids=lambda data: repr(data[:30]),
)
def test_what_is_no_request(world, direct, data):
    """No matter what, within a second the server serves the others."""
    with RawConnection(world.program.api, timeout_s=2) as connection:
        try:
            connection.send(data)
            connection.socket.shutdown(socket.SHUT_WR)
            connection.socket.settimeout(1)  # some are waited for, and the others are served meanwhile, too
            while connection.socket.recv(65536):
                pass
        except OSError:
            pass
        started = time.monotonic()
        alive(world, direct)
        assert time.monotonic() - started < 2 * PATIENCE


@pytest.mark.concurrent
def test_slow_peers_hold_up_nobody(world, direct):
    """Two hundred who send half a request, then nothing."""
    whole = request_bytes(direct.caller, "POST", MARK, {"out_trade_no": world.number("T"), "currency": "CNY"})
    peers = [RawConnection(world.program.api) for _ in range(200)]
    try:
        for number, peer in enumerate(peers):
            peer.send(whole[: 1 + number * (len(whole) - 2) // len(peers)])
        started = time.monotonic()
        for _ in range(10):
            alive(world, direct)
        assert time.monotonic() - started < 5 * PATIENCE
    finally:
        for peer in peers:
            peer.close()
    alive(world, direct)


@pytest.mark.concurrent
def test_peers_that_never_read(world, direct):
    """They ask and ask and take no answer."""
    request = request_bytes(direct.caller, "GET", "/v3/certificates") * 50
    peers = []
    try:
        for _ in range(4):
            peer = RawConnection(world.program.api)
            peers.append(peer)
            peer.socket.settimeout(0.2)
            try:
                for _ in range(20):
                    peer.send(request)
            except OSError:
                pass
        started = time.monotonic()
        alive(world, direct)
        assert time.monotonic() - started < 10 * PATIENCE
    finally:
        for peer in peers:
            peer.close()
    alive(world, direct)


@pytest.mark.concurrent
def test_more_connections_than_there_is_room_for(program):
    """4 096 are kept; those beyond are turned away; once they are gone all is as before."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    running = program(demo=True)
    count = min(4300, hard - 200)
    address = ("127.0.0.1", urlsplit(running.api).port)
    peers = []
    try:
        for _ in range(count):
            peer = socket.create_connection(address, timeout=5 * PATIENCE)
            peers.append(peer)
        book = DemoBook(running)
        assert book.control.healthy()
        for peer in peers:
            peer.close()
        deadline = time.monotonic() + 5 * PATIENCE
        while True:
            try:
                ok(book.balance(book.direct))
                break
            except OSError:
                assert time.monotonic() < deadline, "still no room"
                time.sleep(0.05)
    finally:
        for peer in peers:
            peer.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


# ---- deadlines ----


@pytest.mark.slow
def test_an_idle_connection_is_kept_for_8_seconds_but_not_for_ever(world, direct):
    """OkHttp keeps idle connections 7 s. The next request has to come within 75 s."""
    with RawConnection(world.program.api, timeout_s=100) as connection:
        connection.send(request_bytes(direct.caller, "GET", BALANCE))
        ok(world.client.accept(connection.answer("GET", BALANCE), direct.caller))
        time.sleep(9)
        connection.send(request_bytes(direct.caller, "GET", BALANCE))
        ok(world.client.accept(connection.answer("GET", BALANCE), direct.caller))
        started = time.monotonic()
        assert connection.ended()
        assert 60 <= time.monotonic() - started <= 90


@pytest.mark.slow
def test_a_body_has_to_come_within_30_seconds(world, direct):
    """A byte now and then does not extend it."""
    whole = request_bytes(direct.caller, "POST", MARK, b"{" + b" " * 1000 + b"}")
    with RawConnection(world.program.api, timeout_s=60) as connection:
        connection.send(whole[:-900])
        started = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - started < 60:
                time.sleep(1)
                connection.send(b" ")
        assert 20 <= time.monotonic() - started <= 45
