"""Requests that no well-behaved client sends: hand-picked ones, and ones made from a good request by breaking it in a way that a number chooses."""
import json
import random

from client import authorization
from raw import request_bytes

REFUND = "/v3/global/refunds"
UPLOAD = "/v3/global/merchant-storage/file/upload"
BALANCE = "/v3/global/profit-sharing/refunds/refundable-balance"
HOSTILE = ["", " ", "\x00", "\x01", "\x7f", "\u202e", "\u00e9", "\u5206\u8d26", "\U0001f600", "'", '"', "\\", "%", "%00", "%zz", "%c3%28", "../../etc/passwd", "{}", "[]",
           "null", "-1", "1e400", "9" * 400, "A" * 5000, "<script>", "' OR 1=1 --", "$1", "?1", "\r\nX: y", "a\tb"]


def hand_picked(credentials, good_body):
    """(name, bytes) of raw requests; most are not even HTTP."""
    signed = request_bytes(credentials, "GET", BALANCE)
    yield "nothing but a line end", b"\r\n\r\n"
    yield "no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256))
    yield "only a method", b"GET\r\n\r\n"
    yield "no version", f"GET {BALANCE}\r\n\r\n".encode()
    yield "version 9.9", signed.replace(b"HTTP/1.1", b"HTTP/9.9")
    yield "a target without slash", signed.replace(BALANCE.encode(), b"x")
    yield "an absolute target", signed.replace(BALANCE.encode(), b"http://evil.example" + BALANCE.encode())
    yield "an asterisk target", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"
    yield "CONNECT", b"CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n"
    yield "a header without colon", signed.replace(b"\r\n\r\n", b"\r\nnonsense\r\n\r\n")
    yield "a header that goes on", signed.replace(b"\r\n\r\n", b"\r\n folded\r\n\r\n")
    yield "a NUL in a header", signed.replace(b"fenzhang-tests", b"fenz\x00hang")
    yield "bytes above 127 in a header", signed.replace(b"fenzhang-tests", b"\xff\xfe\xfd")
    yield "a thousand headers", signed.replace(b"\r\n\r\n", b"".join(b"\r\nX-%d: y" % i for i in range(1000)) + b"\r\n\r\n")
    yield "one header of 100 kB", signed.replace(b"\r\n\r\n", b"\r\nX: " + b"y" * 100_000 + b"\r\n\r\n")
    yield "a target of 60 kB", b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    yield "two Authorization headers", signed.replace(b"\r\n\r\n", b"\r\nAuthorization: x\r\n\r\n")
    for length in ("-1", "abc", "1e3", "18446744073709551616", "9223372036854775807", "", "+5", "0x10", "5, 5"):
        yield f"Content-Length {length!r}", f"POST {REFUND} HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nUser-Agent: t\r\nContent-Length: {length}\r\n\r\nhello".encode()
    yield "two lengths", f"POST {REFUND} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!".encode()
    yield "length and chunks", f"POST {REFUND} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode()
    for chunk in (b"zz\r\nhello\r\n", b"-1\r\n", b"ffffffffffffffff\r\nx", b"5;" + b"e" * 20_000 + b"\r\nhello\r\n0\r\n\r\n", b"5\r\nhel"):
        yield f"chunk {chunk[:12]!r}", f"POST {REFUND} HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nUser-Agent: t\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + chunk
    for body in (b"", b"{", b"}", b"[]", b"null", b"1", b'"x"', b"\xef\xbb\xbf{}", b"\xff\xfe", b"{}{}", b"[" * 30_000, b'{"a":' * 10_000, b'{"amount":NaN}',
                 b'{"amount":1e999}', b'{"a":"\\ud800"}', b'{"a":"\\u0000"}', b'{"a":1,"a":2}', b"{'a':1}", b'{"a":01}', b'{"' + b"k" * 60_000 + b'":1}', b"\x00" * 100):
        yield f"body {body[:16]!r}", request_bytes(credentials, "POST", REFUND, body)
    yield from uploads(credentials)
    deep = json.loads(json.dumps(good_body))
    for _ in range(500):
        deep = {"amount": deep}
    yield "nested 500 deep", request_bytes(credentials, "POST", REFUND, deep)


def uploads(credentials):
    """Multipart bodies whose meta is signed and whose form is broken."""
    meta = b'{"filename":"a.pdf","sha256":"%s"}' % (b"0" * 64)
    head = b'--b7\r\nContent-Disposition: form-data; name="meta"\r\n\r\n' + meta
    file = b'\r\n--b7\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    whole = head + file + b"hello\r\n--b7--\r\n"
    types = [f"multipart/form-data; boundary={boundary}" for boundary in ("", '"', '""', "b7; charset=utf-8", "b" * 3000, "b" * 9000, "\x00b7", "b7\x00", "\xff")]
    types += ["multipart/form-data", "multipart/form-data;boundary", "multipart/form-data" * 500, "multipart/mixed; boundary=b7"]
    good = "multipart/form-data; boundary=b7"
    bodies = [whole[:cut] for cut in range(1, len(whole), 7)]
    bodies += [head + file * 500, head * 300, head + file + b"\r\n--b7" * 5000, file * 2000, b"\r" * 65536, b"\r\n--" * 16000, b"--b7" * 16000, whole + whole,
               whole.replace(b"\r\n", b"\n"), whole.replace(b'"meta"', b"meta"), whole.replace(b"form-data", b"x" * 20_000), whole.replace(b"name=", b"filename="),
               whole.replace(b"\r\n\r\nhello", b"\r\nContent-Type: multipart/mixed; boundary=b8\r\n\r\n--b8\r\n" * 50), whole.replace(b"hello", b"\x00" * 60_000)]
    for number, (content_type, body) in enumerate([(one, whole) for one in types] + [(good, one) for one in bodies]):
        headers = {"Content-Type": content_type, "Authorization": authorization(credentials, "POST", UPLOAD, meta)}
        yield f"upload {number}", request_bytes(credentials, "POST", UPLOAD, body, headers)


def generated(credentials, good_body, seed, count):
    """Good requests, each broken once or a few times; mostly still signed, so that they reach the parameters."""
    chance = random.Random(seed)
    for number in range(count):
        way = chance.randrange(6)
        if way == 0:  # a hostile value somewhere in the body
            body = json.loads(json.dumps(good_body))
            place = chance.choice([(body, key) for key in body] + [(body["amount"], key) for key in body["amount"]])
            place[0][place[1]] = chance.choice([*HOSTILE, 0, -1, 2**63, 1.5, True, None, [], {}, [[]], {"x": {}}])
            yield f"{number}: body value {place[1]}", request_bytes(credentials, "POST", REFUND, body)
        elif way == 1:  # bytes of the body changed, then signed
            body = bytearray(json.dumps(good_body).encode())
            for _ in range(chance.randrange(1, 6)):
                body[chance.randrange(len(body))] = chance.randrange(256)
            yield f"{number}: body bytes", request_bytes(credentials, "POST", REFUND, bytes(body))
        elif way == 2:  # bytes of the whole request changed, the signature is then wrong
            data = bytearray(request_bytes(credentials, "POST", REFUND, good_body))
            for _ in range(chance.randrange(1, 8)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            yield f"{number}: request bytes", bytes(data)
        elif way == 3:  # cut anywhere
            data = request_bytes(credentials, "POST", REFUND, good_body)
            yield f"{number}: cut", data[: chance.randrange(1, len(data))]
        elif way == 4:  # a hostile member of Authorization
            member = chance.choice(["mchid", "nonce_str", "signature", "timestamp", "serial_no"])
            value = "".join(c for c in chance.choice(HOSTILE) if c not in "\r\n\x00" and ord(c) < 256)
            yield f"{number}: authorization {member}", request_bytes(credentials, "GET", BALANCE, **{member: value})
        else:  # a hostile query or path
            value = "".join(f"%{byte:02X}" for byte in chance.choice(HOSTILE).encode("utf-8", "replace")) if chance.random() < 0.7 else \
                "".join(c for c in chance.choice(HOSTILE) if " " < c < "\x7f")
            target = chance.choice([f"{BALANCE}?sub_mchid={value}", f"/v3/global/refunds/id/{value}?sp_mchid=1&sub_mchid=2",
                                    f"/v3/global/profit-sharing/transactions/{value}/amounts?sub_mchid={value}",
                                    f"/v3/global/profit-sharing/refunds/bill-download-url?bill_date={value}",
                                    f"/v3/billdownload/file?token={value}", f"/v3/{value}"])
            yield f"{number}: target", request_bytes(credentials, "GET", target)
