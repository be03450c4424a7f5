"""Every header of every sort of answer: its name, its value, and no other"""

import email.utils
import gzip
import hashlib
import re
import time
from urllib.parse import urlsplit

import pytest

import bills
from answers import SIGNATURE_TYPE, ok
from book import ON_POSTGRES
from raw import RawConnection, request_bytes
from world import SHARING

BALANCE = f"{SHARING}/refunds/refundable-balance"
MARK = f"{SHARING}/transactions/mark"
JSON = "application/json; charset=utf-8"

# Of every answer of the API.
ALWAYS = {"Cache-Control": "no-cache, must-revalidate", "X-Content-Type-Options": "nosniff", "Content-Language": "en"}
KEPT = {"Keep-Alive": "timeout=75"}
ENDED = {"Connection": "close"}


def ask(world, request, method="GET", target=BALANCE, url=None):
    with RawConnection(url or world.program.api) as connection:
        connection.send(request)
        return connection.answer(method, target)


def check(answer, status, number, signed, **others):
    """`others` are exact; what is different each time is compared by its form."""
    headers = dict(answer.headers)
    assert len(headers) == len(answer.headers), answer.headers
    assert answer.status == status, str(answer)
    date = email.utils.parsedate_to_datetime(headers.pop("Date"))
    assert abs(date.timestamp() - time.time()) < 60 and headers.pop("Content-Length", str(len(answer.body))) == str(len(answer.body))
    assert re.fullmatch(rf"[0-9A-F]{{32}}-{number}", headers.pop("Request-ID"))
    if signed:
        assert abs(int(headers.pop("Wechatpay-Timestamp")) - time.time()) < 60
        assert re.fullmatch(r"[0-9A-Za-z]{32}", headers.pop("Wechatpay-Nonce"))
        assert re.fullmatch(r"[0-9A-Za-z+/]{342}==", headers.pop("Wechatpay-Signature"))
        assert re.fullmatch(r"[0-9A-F]{40}", headers.pop("Wechatpay-Serial"))
        assert headers.pop("Wechatpay-Signature-Type") == SIGNATURE_TYPE
    wanted = {**ALWAYS, **{name.replace("_", "-"): value for name, value in others.items()}}
    assert headers == wanted


def test_a_good_answer(world, direct):
    check(ask(world, request_bytes(direct.caller, "GET", BALANCE)), 200, 0, True, Content_Type=JSON, **KEPT)


def test_a_good_answer_without_a_body(world, direct):
    body = {**direct.in_distribution(), "out_trade_no": world.number("T"), "currency": "CNY"}
    check(ask(world, request_bytes(direct.caller, "POST", MARK, body), "POST", MARK), 204, 0, True, **KEPT)


def test_files(world, direct):
    """A bill is not signed under its own path, and is under the other; a statement names its SHA-1, of the text before its compression."""
    order = world.paid(direct, 1000, marked=True)
    ok(world.refund(order, 100, world.number("R")))
    day = world.today()
    world.to_next_morning()
    target = bills.link_target(world.client.get(direct.caller, f"{SHARING}/refunds/bill-download-url", {"bill_date": f"{day}"}))
    plain = {"Content_Type": "text/plain", **KEPT}
    check(ask(world, request_bytes(direct.caller, "GET", target), target=target), 200, 0, False, **plain)
    other = target.replace("/v3/billdownload/file", "/v3/bill/downloadurl")
    check(ask(world, request_bytes(direct.caller, "GET", other), target=other), 200, 0, True, **plain)

    target = f"/v3/global/statements?mchid={direct.caller.mchid}&date={day:%Y%m%d}"
    answer = ask(world, request_bytes(direct.caller, "GET", target), target=target)
    sha1 = hashlib.sha1(answer.body).hexdigest()
    check(answer, 200, 0, True, Wechatpay_Statement_Sha1=sha1, **plain)
    answer = ask(world, request_bytes(direct.caller, "GET", target, None, {"Accept-Encoding": "gzip"}), target=target)
    assert hashlib.sha1(gzip.decompress(answer.body)).hexdigest() == sha1
    check(answer, 200, 0, True, Wechatpay_Statement_Sha1=sha1, Content_Encoding="gzip", **plain)


def test_refusals(world, direct):
    check(ask(world, request_bytes(direct.caller, "GET", "/v3/nothing")), 404, 290000002, True, Content_Type=JSON, **KEPT)
    check(ask(world, request_bytes(None, "GET", BALANCE)), 401, 290000101, False, Content_Type=JSON, **KEPT)
    chinese = ask(world, request_bytes(None, "GET", BALANCE, None, {"Accept-Language": "zh-CN"}))
    check(chinese, 401, 290000101, False, Content_Type=JSON, Content_Language="zh-CN", **KEPT)


@pytest.mark.parametrize("method,path,number,allow", [
    ("POST", BALANCE, 290000003, "GET"),
    ("PUT", "/v3/global/refunds?sp_mchid=1", 290000003, "POST, GET"),
    ("PATCH", f"{SHARING}/receivers", 290000003, "POST, DELETE"),
    ("GET", f"{SHARING}/orders/unfreeze", 290000003, "POST"),
    ("DELETE", "/v3/global/transactions/out-trade-no/T1", 290000003, "GET"),
    ("GET", "/hk/v3/transactions/native", 290000004, "POST"),
])
def test_another_method(world, direct, method, path, number, allow):
    """RFC 9110, 15.5.6: an answer 405 names in Allow what the path takes."""
    answer = ask(world, request_bytes(direct.caller, method, path, None), method, path)
    check(answer, 405, number, True, Content_Type=JSON, Allow=allow, **KEPT)


def test_another_method_on_demand(world, direct):
    request = request_bytes(direct.caller, "GET", BALANCE, None, {"Wechatpay-Negative-Test": "METHOD_NOT_ALLOWED"})
    check(ask(world, request), 405, 290000003, True, Content_Type=JSON, Allow="GET", **KEPT)


def test_a_failure(world, direct):
    request = request_bytes(direct.caller, "GET", BALANCE, None, {"Wechatpay-Negative-Test": "SYSTEM_ERROR"})
    check(ask(world, request), 500, 290000008, True, Content_Type=JSON, **KEPT)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large(world, direct, chunked):
    """By what it announces, or in its middle: there the answer goes past the HTTP library, and is the same."""
    body = b"x" * 70000
    request = request_bytes(direct.caller, "POST", "/v3/global/refunds", body)
    if chunked:
        request = request.replace(b"Content-Length: 70000", b"Transfer-Encoding: chunked").replace(body, b"11170\r\n" + body)
    check(ask(world, request, "POST"), 413, 290000005, False, Content_Type=JSON, **ENDED)


def test_a_head_that_http_forbids(world, direct):
    """Refused by us, and by the HTTP library in our words."""
    request = request_bytes(direct.caller, "GET", BALANCE)
    check(ask(world, request.replace(b"Host: 127.0.0.1\r\n", b"")), 400, 290000011, False, Content_Type=JSON, **ENDED)
    check(ask(world, request.replace(b"Host: 127.0.0.1\r\n", b"nonsense\r\n")), 400, 290000009, False, Content_Type=JSON, **ENDED)


def test_connections_that_end_and_that_go_on(world, direct):
    request = request_bytes(direct.caller, "GET", BALANCE, None, {"Connection": "close"})
    check(ask(world, request), 200, 0, True, Content_Type=JSON, **ENDED)
    request = request_bytes(direct.caller, "GET", BALANCE).replace(b"HTTP/1.1", b"HTTP/1.0")
    check(ask(world, request), 200, 0, True, Content_Type=JSON, **ENDED)
    request = request_bytes(direct.caller, "GET", BALANCE, None, {"Connection": "keep-alive"}).replace(b"HTTP/1.1", b"HTTP/1.0")
    check(ask(world, request), 200, 0, True, Content_Type=JSON, Connection="Keep-Alive", **KEPT)


# ---- the control interface ----


def control(world, first, *lines):
    host = urlsplit(world.program.control).netloc
    request = "\r\n".join([f"{first} HTTP/1.1", f"Host: {host}", *lines, "", ""]).encode()
    method, target = first.split(" ")
    answer = ask(world, request, method, target, world.program.control)
    headers = dict(answer.headers)
    assert abs(email.utils.parsedate_to_datetime(headers.pop("Date")).timestamp() - time.time()) < 60
    assert headers.pop("Content-Length") == str(len(answer.body))
    named = re.fullmatch("[0-9A-F]{8}", headers.pop("Fenzhang-Process", ""))  # where several may have the book; libmicrohttpd's own refusals name nobody
    assert (named is not None) == (ON_POSTGRES and headers.get("Connection") != "close")
    return answer.status, headers


def test_answers_of_the_control_interface(world):
    kind = {"Content-Type": "application/json"}
    assert control(world, "GET /clock") == (200, kind)
    assert control(world, "GET /nothing") == (404, kind)
    assert control(world, "PUT /clock") == (405, {**kind, "Allow": "GET, POST"})
    assert control(world, "POST /clock") == (415, kind)
    assert control(world, "GET /metrics") == (200, {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
    assert control(world, "GET /clock", "nonsense") == (400, {**kind, **ENDED})


def test_the_stream_of_the_control_interface(world):
    with RawConnection(world.program.control) as connection:
        connection.send(f"GET /requests/stream HTTP/1.1\r\nHost: {urlsplit(world.program.control).netloc}\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.socket.recv(4096)
    lines = head.split(b"\r\n\r\n")[0].decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 200 OK"
    others = ("Date: ", "Fenzhang-Process: ") if ON_POSTGRES else ("Date: ",)
    assert all(any(line.startswith(other) for line in lines) for other in others)
    assert sorted(line for line in lines[1:] if not line.startswith(others)) == [
        "Cache-Control: no-store", "Content-Type: text/event-stream", "Transfer-Encoding: chunked"]


@pytest.mark.parametrize("path,status", [("/clock", 200), ("/requests", 400)])
def test_500_parameters_at_the_control_interface(world, path, status):
    """They are answered: what a call does not know it refuses, or does not look at."""
    query = "&".join(f"a{number}=b" for number in range(500))
    assert control(world, f"GET {path}?{query}")[0] == status


# ---- the proxy ----


def test_answers_of_the_proxy(program):
    running = program("--proxy", "127.0.0.1:0", demo=True)
    with RawConnection(running.proxy) as connection:
        connection.send(b"GET / HTTP/1.1\r\n\r\n")
        answer = connection.answer()
        assert answer.status == 405
        assert dict(answer.headers) == {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(answer.body)),
                                        "Allow": "CONNECT", "Connection": "close"}
    with RawConnection(running.proxy) as connection:
        connection.send(b"CONNECT api.mch.weixin.qq.com:443 HTTP/1.1\r\n\r\n")
        answer = connection.answer("CONNECT")
        assert (answer.status, answer.headers) == (200, [])
