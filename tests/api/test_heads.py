"""Heads that HTTP forbids (RFC 9112): refused in the API's own words, with a Request-ID, and found in the request log"""

import ssl

import pytest

import rows
from answers import ok, refused
from client import authorization
from demo_book import DemoBook
from program import Program
from raw import RawConnection, request_bytes
from test_request_log import record_of
from world import SHARING

BALANCE = f"{SHARING}/refunds/refundable-balance"
REFUND = "/v3/global/refunds"
GOOD = [("Host", "127.0.0.1"), ("Accept", "*/*"), ("User-Agent", "t")]


def head(first=f"GET {BALANCE} HTTP/1.1", *more, lines=GOOD, body=b""):
    """A head as text says it; `more` are whole lines."""
    return "\r\n".join([first, *(f"{name}: {value}" for name, value in lines), *more]).encode("latin-1") + b"\r\n\r\n" + body


def post(*more, body=b"hello"):
    return head(f"POST {REFUND} HTTP/1.1", *more, body=body)


WRAPPED = 'Authorization: WECHATPAY2-SHA256-RSA2048 mchid="1",signature="' + "A" * 76 + "\n" + "B" * 20 + '"'

# What is sent; the row; method and target as the request log has them.
FORBIDDEN = {
    "base64 that was wrapped": (head(f"GET {BALANCE} HTTP/1.1", WRAPPED), "HEAD_LINE", "GET", BALANCE),
    "a newline behind a serial number": (head(f"GET {BALANCE} HTTP/1.1", "Wechatpay-Serial: 5157F09E\n", "X: y"), "HEAD_LINE", "GET", BALANCE),
    "a newline behind the last header": (head(f"GET {BALANCE} HTTP/1.1", "Wechatpay-Serial: 5157F09E\n"), "HEAD_LINE", "GET", BALANCE),
    "a newline in the middle of a serial number": (head(f"GET {BALANCE} HTTP/1.1", "Wechatpay-Serial: 5157\nF09E"), "HEAD_LINE", "GET", BALANCE),
    "a folded header": (head(f"GET {BALANCE} HTTP/1.1", 'Authorization: WECHATPAY2-SHA256-RSA2048 mchid="1",', '\tsignature="A"'), "HEAD_LINE", "GET", BALANCE),
    "a header folded into a name": (head(f"GET {BALANCE} HTTP/1.1", "Wechatpay-Serial:", " 5157F09E"), "HEAD_LINE", "GET", BALANCE),
    "a folded first header": (head(f"GET {BALANCE} HTTP/1.1", lines=[(" Host", "x")]), "HEAD_LINE", "GET", BALANCE),
    "line feeds alone": (head().replace(b"\r\n", b"\n"), "HEAD_LINE", "GET", BALANCE),
    "an empty line of a line feed": (head()[:-2] + b"\n", "HEAD_LINE", "GET", BALANCE),
    "a carriage return alone": (head(f"GET {BALANCE} HTTP/1.1", "X: a\rb"), "HEAD_LINE", "GET", BALANCE),
    "no colon": (head(f"GET {BALANCE} HTTP/1.1", "nonsense"), "HEAD_LINE", "GET", BALANCE),
    "NUL in a value": (head(f"GET {BALANCE} HTTP/1.1", "X: a\0b"), "HEAD_LINE", "GET", BALANCE),
    "NUL at the end of a value": (head(f"GET {BALANCE} HTTP/1.1", "X: a\0"), "HEAD_LINE", "GET", BALANCE),
    "NUL in a name": (head(f"GET {BALANCE} HTTP/1.1", "X\0: a"), "HEAD_LINE", "GET", BALANCE),
    "NUL in the target": (head(f"GET {BALANCE}\0x HTTP/1.1"), "HEAD_INVALID", "GET", BALANCE),
    "a control character in the target": (head(f"GET {BALANCE}\x01 HTTP/1.1"), "HEAD_INVALID", "GET", BALANCE + "\x01"),
    "a blank in the target": (head(f"GET {BALANCE} x HTTP/1.1"), "HEAD_INVALID", "GET", BALANCE + " x"),
    "two blanks": (head(f"GET  {BALANCE} HTTP/1.1"), "HEAD_INVALID", "GET", BALANCE),
    "a method that is none": (head(f"G\"T {BALANCE} HTTP/1.1"), "HEAD_INVALID", 'G"T', BALANCE),
    "a blank before the colon": (head(f"GET {BALANCE} HTTP/1.1", "X : y"), "HEAD_INVALID", "GET", BALANCE),
    "an empty name": (head(f"GET {BALANCE} HTTP/1.1", ": y"), "HEAD_LINE", "GET", BALANCE),
    "no version": (head(f"GET {BALANCE}"), "HEAD_INVALID", "GET", BALANCE),
    "a version that is none": (head(f"GET {BALANCE} HTTP/x"), "HEAD_INVALID", "GET", BALANCE),
    "version 2": (head(f"GET {BALANCE} HTTP/2.0"), "HTTP_VERSION", "GET", BALANCE),
    "version 0.9": (head(f"GET {BALANCE} HTTP/0.9"), "HTTP_VERSION", "GET", BALANCE),
    "no Host": (head(lines=GOOD[1:]), "HEAD_HOST", "GET", BALANCE),
    "two Hosts": (head(f"GET {BALANCE} HTTP/1.1", "Host: 127.0.0.1"), "HEAD_HOST", "GET", BALANCE),
    "a Host that is none": (head(lines=[("Host", "a b"), *GOOD[1:]]), "HEAD_HOST", "GET", BALANCE),
    "a port that is none": (head(lines=[("Host", "a:x"), *GOOD[1:]]), "HEAD_HOST", "GET", BALANCE),
    "an IPv6 address without brackets": (head(lines=[("Host", "::1"), *GOOD[1:]]), "HEAD_HOST", "GET", BALANCE),
    "somebody's name before the host": (head(f"GET http://me@a.example{BALANCE} HTTP/1.1"), "HEAD_HOST", "GET", BALANCE),
    "a URL without a host": (head(f"GET http://{BALANCE} HTTP/1.1"), "HEAD_HOST", "GET", BALANCE),
    "two lengths": (post("Content-Length: 5", "Content-Length: 6"), "BODY_FRAMING", "POST", REFUND),
    "the same length twice": (post("Content-Length: 5", "Content-Length: 5"), "BODY_FRAMING", "POST", REFUND),
    "a length beside a coding": (post("Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"), "BODY_FRAMING", "POST", REFUND),
    "a coding beside a length": (post("Transfer-Encoding: chunked", "Content-Length: 5", body=b"0\r\n\r\n"), "BODY_FRAMING", "POST", REFUND),
    "two codings": (post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"), "BODY_FRAMING", "POST", REFUND),
    "a coding in HTTP/1.0": (post("Transfer-Encoding: chunked", body=b"0\r\n\r\n").replace(b"HTTP/1.1", b"HTTP/1.0"), "BODY_FRAMING", "POST", REFUND),
    "a length that is no number": (post("Content-Length: abc"), "BODY_FRAMING", "POST", REFUND),
    "a length below 0": (post("Content-Length: -1"), "BODY_FRAMING", "POST", REFUND),
    "no length in the header": (post("Content-Length:"), "BODY_FRAMING", "POST", REFUND),
    "a list of lengths": (post("Content-Length: 5, 5"), "BODY_FRAMING", "POST", REFUND),
    "a length beyond all numbers": (post("Content-Length: 99999999999999999999"), "BODY_TOO_LARGE", "POST", REFUND),
    "a broken chunk": (post("Transfer-Encoding: chunked", body=b"zz\r\n"), "BODY_FRAMING", "POST", REFUND),
    "a chunk without its end": (post("Transfer-Encoding: chunked", body=b"1\r\nabc"), "BODY_FRAMING", "POST", REFUND),
    "a trailer that is none": (post("Transfer-Encoding: chunked", body=b"0\r\nnonsense\r\n\r\n"), "BODY_FRAMING", "POST", REFUND),
    "a chunk beyond all numbers": (post("Transfer-Encoding: chunked", body=b"fffffffffffffffff\r\n"), "BODY_TOO_LARGE", "POST", REFUND),
    "another coding": (post("Transfer-Encoding: gzip"), "BODY_CODING", "POST", REFUND),
    "another coding before chunks": (post("Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), "BODY_CODING", "POST", REFUND),
    "a thousand headers": (head(f"GET {BALANCE} HTTP/1.1", *(f"X-{i}: y" for i in range(1000))), "HEADERS_TOO_LARGE", "GET", BALANCE),
}


@pytest.fixture(params=["plain", "tls"])
def opened(request, world, tmp_path_factory):
    """(world-like, a new connection) on the module's plain server and on one that speaks TLS."""
    if request.param == "plain":
        with RawConnection(world.program.api) as connection:
            yield world, connection
    else:
        book = request.getfixturevalue("over_tls")
        context = ssl.create_default_context(cafile=book.program.ca)
        with RawConnection(book.program.api).begin_tls(context, "localhost") as connection:
            yield book, connection


@pytest.fixture(scope="module")
def over_tls(tmp_path_factory):
    running = Program(tmp_path_factory.mktemp("tls"), "--tls", demo=True).start()
    book = DemoBook(running)
    book.program = running
    yield book
    running.stop()


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_http_forbids(opened, name):
    book, connection = opened
    data, row, method, target = FORBIDDEN[name]
    connection.send(data)
    answer = book.client.accept(connection.answer(method, target))
    refused(answer, next(one.status for one in rows.ROWS if one.name == row), "INVALID_REQUEST")
    record = record_of(book, answer)
    assert record["row"] == row
    # In TLS a first line that is refused itself is not kept, and nowhere the method of a head that came in parts.
    unread = book.program.api.startswith("https:") and row in ("HTTP_VERSION", "HEAD_INVALID")
    assert record["target"] == target or (unread and record["target"] == "")
    assert record["method"] in (method, "")
    assert answer.header("Connection") == "close" and connection.ended()
    assert answer.header("Wechatpay-Signature") is None


def test_the_method_of_a_head_that_is_not_whole_is_logged(world):
    for name in ("base64 that was wrapped", "a length that is no number", "no version", "version 2"):
        data, _, method, target = FORBIDDEN[name]
        with RawConnection(world.program.api) as connection:
            connection.send(data)
            record = record_of(world, world.client.accept(connection.answer(method, target)))
        assert (record["method"], record["target"]) == (method, target)


def test_what_could_be_read_is_logged(world):
    """The headers before the one that is broken."""
    with RawConnection(world.program.api) as connection:
        connection.send(head(f"GET {BALANCE} HTTP/1.1", "X-Before: 1", "nonsense", "X-Behind: 1"))
        record = record_of(world, world.client.accept(connection.answer("GET", BALANCE)))
    assert record["request"]["headers"][:4] == ["Host: 127.0.0.1", "Accept: */*", "User-Agent: t", "X-Before: 1"]


def test_a_good_request_behind_nothing_of_it(world, direct):
    """What the head allows: values without a blank before them, with several, and with blanks behind them."""
    target = BALANCE
    signed = authorization(direct.caller, "GET", target, b"")
    with RawConnection(world.program.api) as connection:
        for line in ("X:y", "X:   y", "X: y  ", "X:", "X: \xe9", "X: a\tb"):
            connection.send(head(f"GET {target} HTTP/1.1", f"Authorization: {signed}", line))
            ok(world.client.accept(connection.answer("GET", target), direct.caller))


@pytest.mark.parametrize("pieces", [1, 60, 200])
def test_others_on_the_way_are_left_alone(world, direct, pieces):
    """A head is refused while heads of others lie half on the same worker; they are answered once they are whole."""
    request = request_bytes(direct.caller, "GET", BALANCE)
    others = [RawConnection(world.program.api) for _ in range(12)]
    for other in others:
        other.send(request[:pieces])
    for _ in range(6):
        with RawConnection(world.program.api) as connection:
            first = head(f"GET {BALANCE} HTTP/1.1", "nonsense")
            connection.send(first[:30])
            connection.send(first[30:])
            refused(world.client.accept(connection.answer("GET", BALANCE)), 400, "INVALID_REQUEST", "lacks a name or a colon")
    for other in others:
        other.send(request[pieces:])
        ok(world.client.accept(other.answer("GET", BALANCE), direct.caller))
        other.close()


def test_a_broken_request_behind_a_good_one(world, direct):
    """Both have come at once; the second is refused on the same connection, whoever else was read from meanwhile."""
    with RawConnection(world.program.api) as connection:
        connection.send(request_bytes(direct.caller, "GET", BALANCE) + head(f"GET {BALANCE} HTTP/1.1", "nonsense"))
        ok(world.client.accept(connection.answer("GET", BALANCE), direct.caller))
        refused(world.client.accept(connection.answer("GET", BALANCE)), 400, "INVALID_REQUEST")
        assert connection.ended()


# ---- whole URLs as targets (RFC 9112, 3.2.2) ----


@pytest.mark.parametrize("url", ["http://apihk.mch.weixin.qq.com", "HTTPS://[::1]:8443", "http://127.0.0.1:8080"])
def test_a_target_that_is_a_whole_url(world, direct, url):
    """As it comes through a proxy of HTTP: its path is what was signed, routed and logged."""
    signed = authorization(direct.caller, "GET", BALANCE, b"")
    with RawConnection(world.program.api) as connection:
        connection.send(head(f"GET {url}{BALANCE} HTTP/1.1", f"Authorization: {signed}"))
        answer = world.client.accept(connection.answer("GET", BALANCE), direct.caller)
        ok(answer)
        assert record_of(world, answer)["target"] == BALANCE
        connection.send(head(f"GET {url} HTTP/1.1"))
        answer = world.client.accept(connection.answer("GET", "/"))
        assert answer.status == 401 and record_of(world, answer)["target"] == "/"
        connection.send(head(f"GET {url}?a=1 HTTP/1.1"))
        assert record_of(world, world.client.accept(connection.answer("GET", "/?a=1")))["target"] == "/?a=1"


def test_http_1_0_needs_no_host(world, direct):
    signed = authorization(direct.caller, "GET", BALANCE, b"")
    with RawConnection(world.program.api) as connection:
        connection.send(head(f"GET {BALANCE} HTTP/1.0", f"Authorization: {signed}", lines=GOOD[1:]))
        ok(world.client.accept(connection.answer("GET", BALANCE), direct.caller))


# ---- many parameters ----


@pytest.mark.parametrize("count", [1000, 2500])
def test_a_thousand_query_parameters(world, direct, count):
    """They are answered like one: what the query says is read by the API alone."""
    target = f"{BALANCE}?" + "&".join(f"a{i}=" for i in range(count))
    if len(target) > 15000:
        target = f"{BALANCE}?" + "&".join("a" for _ in range(count))
    with RawConnection(world.program.api) as connection:
        connection.send(request_bytes(direct.caller, "GET", target))
        answer = world.client.accept(connection.answer("GET", target), direct.caller)
        assert answer.status in (200, 400) and record_of(world, answer)["target"] == target[:2048]
        connection.send(request_bytes(direct.caller, "GET", BALANCE))
        ok(world.client.accept(connection.answer("GET", BALANCE), direct.caller))
