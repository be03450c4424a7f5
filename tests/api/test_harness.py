"""The tests' own client and checks, against a little server that answers rightly, or wrongly in one way.

A check that never complains proves nothing: each of them has to find its fault here.
"""

import base64
import json
import re
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

import bills
import money
import rows
import times
from answers import ok, refused_parameter
from client import Client, Credentials
from raw import RawConnection, request_bytes

SERIAL = 0x5157F09EFDC096DE15EBE81A47057A7232F1B8E1
PARAM_ERROR = next(row for row in rows.ROWS if row.name == "PARAM_ERROR")


def certificate_of(key):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "platform")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), SERIAL, datetime(2020, 1, 1), datetime(2050, 1, 1))
    return builder.sign(key, hashes.SHA256())


class Handler(BaseHTTPRequestHandler):
    """Answers /fault: every fault changes one thing of a right answer."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.reply(b"")

    def do_POST(self):
        self.reply(self.rfile.read(int(self.headers["Content-Length"])))

    def verified(self, body):
        members = dict(re.findall(r'(\w+)="([^"]*)"', self.headers["Authorization"]))
        message = "\n".join([self.command, self.path, members["timestamp"], members["nonce_str"], body.decode(), ""])
        signature = base64.b64decode(members["signature"])
        self.server.merchant_key.verify(signature, message.encode(), padding.PKCS1v15(), hashes.SHA256())
        return members["mchid"] == "1900000109" and members["serial_no"] == "4" * 40

    def reply(self, request_body):
        fault = self.path.strip("/").split("?")[0]
        status, number, body = 200, 0, {"verified": self.verified(request_body)}
        if fault.startswith("error"):
            status, number = PARAM_ERROR.status, PARAM_ERROR.number
            body = {"code": PARAM_ERROR.code, "message": PARAM_ERROR.english}
            body["detail"] = {"field": "x", "value": "", "issue": "missing", "location": "query"}
        if fault == "error-without-detail":
            del body["detail"]
        if fault == "error-with-another-message":
            body["message"] = "Something else"
        if fault == "error-with-another-number":
            number += 1
        if fault == "error-with-another-status":
            status = 403
        content = b'{"a":1,"a":2}' if fault == "doubled-name" else json.dumps(body).encode()
        timestamp = int(time.time()) - (4000 if fault == "old-timestamp" else 0)
        signed = f"{timestamp}\nnonce\n".encode() + content + (b" \n" if fault == "wrong-signature" else b"\n")
        signature = self.server.platform_key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        headers = {
            "Request-ID": f"0A0B0C-{number}",
            "Content-Type": "application/json; charset=utf-8",
            "Wechatpay-Timestamp": str(timestamp),
            "Wechatpay-Nonce": "nonce",
            "Wechatpay-Signature": base64.b64encode(signature).decode(),
            "Wechatpay-Serial": format(SERIAL, "040X"),
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }
        for name in list(headers):
            if fault == f"without-{name}":
                del headers[name]
            if fault == f"misspelt-{name}":
                headers[name.upper() if name != name.upper() else name.lower()] = headers.pop(name)
        if fault == "small-serial":
            headers["Wechatpay-Serial"] = headers["Wechatpay-Serial"].lower()
        if fault == "text":
            headers["Content-Type"] = "text/plain"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
            if fault == "doubled-header" and name == "Request-ID":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module")
def echo(tmp_path_factory):
    """(client, credentials) for a running echo server."""
    directory = tmp_path_factory.mktemp("platform")
    merchant_key, platform_key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    (directory / f"{SERIAL:040X}.pem").write_bytes(certificate_of(platform_key).public_bytes(Encoding.PEM))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.merchant_key, server.platform_key = merchant_key.public_key(), platform_key
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = Client(f"http://127.0.0.1:{server.server_address[1]}", directory)
    yield client, Credentials("1900000109", "4" * 40, merchant_key, b"k" * 32)
    server.shutdown()
    server.server_close()


def test_what_the_client_signs_verifies(echo):
    client, credentials = echo
    assert ok(client.get(credentials, "/good", {"a": "1 2", "b": "退款"})) == {"verified": True}
    assert ok(client.post(credentials, "/good", {"reason": "退款"})) == {"verified": True}


def test_what_goes_out_as_bytes_verifies(echo):
    client, credentials = echo
    with RawConnection(client.base_url) as connection:
        connection.send(request_bytes(credentials, "GET", "/good?%7E~") + request_bytes(credentials, "POST", "/good", {"a": 1}))
        for method in ("GET", "POST"):
            assert ok(client.accept(connection.answer(method, "/good"), credentials)) == {"verified": True}


def test_a_right_refusal_is_accepted(echo):
    client, credentials = echo
    refused_parameter(client.get(credentials, "/error"), "x", "query")


@pytest.mark.parametrize(
    "fault",
    [
        "wrong-signature",
        "old-timestamp",
        "small-serial",
        "text",
        "doubled-name",
        "doubled-header",
        "error-without-detail",
        "error-with-another-message",
        "error-with-another-number",
        "error-with-another-status",
        *[
            f"{how}-{name}"
            for how in ("without", "misspelt")
            for name in (
                "Request-ID",
                "Content-Type",
                "Wechatpay-Timestamp",
                "Wechatpay-Nonce",
                "Wechatpay-Signature",
                "Wechatpay-Serial",
                "Wechatpay-Signature-Type",
            )
        ],
    ],
)
def test_each_fault_is_found(echo, fault):
    client, credentials = echo
    with pytest.raises(AssertionError):
        client.get(credentials, f"/{fault}")


# ---- the reader of bills ----

GOOD_BILL = "\ufeffa,b\r\n`1,`x,y\r\nin,Total n\r\n`USD,`1\r\n"


def test_a_bill_is_read():
    bill = bills.parse(GOOD_BILL.encode())
    assert (bill.header, bill.lines, bill.summary) == (["a", "b"], [{"a": "1", "b": "x,y"}], {"in": "USD", "Total n": "1"})


@pytest.mark.parametrize(
    "text",
    [
        GOOD_BILL[1:],
        GOOD_BILL.replace("\r\n", "\n"),
        GOOD_BILL[:-2],
        GOOD_BILL.replace("`1,`x", "`1,x"),
        GOOD_BILL.replace("x,y", "x,`y"),
        GOOD_BILL + "`2\r\n",
        GOOD_BILL + "c,d\r\n",
    ],
)
def test_a_broken_bill_is_refused(text):
    with pytest.raises(AssertionError):
        bills.parse(text.encode())


# ---- the rules of money and time, against examples worked out by hand ----


def test_the_vendor_s_example():
    account = money.Account(10000, 100)
    assert (account.fee, account.distributable, account.refundable()) == (100, 9900, 10000)
    account.distributable -= 4950
    assert (account.refundable(), account.funds_refundable()) == (5000, 5000)


def test_the_example_of_six_tenths_of_a_per_cent():
    account = money.Account(10000, 60)
    account.distributable -= 2000
    assert (account.refundable(), account.funds_refundable()) == (7988, 2012)
    account.distributable -= 3000
    assert (account.refundable(), account.funds_refundable()) == (4970, 5030)
    own, funds = account.refund(4970, 1030)
    assert (own.fee, own.net, funds.fee, funds.net) == (30, 4940, 6, 1024)
    assert account.distributable == 0


def test_seven_odd_parts():
    account = money.Account(10000, 60)
    fees = [account.refund(part)[0].fee for part in (1, 333, 1429, 2857, 7, 4001, 1372)]
    assert fees == [0, 2, 9, 17, 0, 24, 8]
    assert (account.left, account.distributable, account.taken.fee) == (0, 0, 60)


def test_a_discount():
    account = money.Account(10000, 60, 1000, money.DISCOUNT)
    assert (account.fee, account.distributable) == (54, 8946)
    first = account.refund(5000)[0]
    assert (first.voucher, first.payer, first.fee, first.net) == (500, 4500, 27, 4473)
    assert account.refund(5000)[0].net == 4473 and account.distributable == 0


def test_conversion_is_rounded_half_up():
    """6.50 CNY are a dollar; 0.325 CNY would be five cents, so 33 fen are 5.08 and 0.0325 CNY, 3 fen, 0.46 cents."""
    assert [money.converted(fen, 650000000) for fen in (650, 33, 3, 4)] == [100, 5, 0, 1]
    assert money.converted(1, 200000000) == 1  # half a cent
    assert money.converted(3333, 5000000, 1) == 667  # yen


@pytest.mark.parametrize(
    "start,end",
    [
        ("2026-01-05T10:00:00+08:00", "2026-01-08T10:00:00+08:00"),  # Monday, Thursday
        ("2026-01-07T23:59:59+08:00", "2026-01-12T23:59:59+08:00"),  # Wednesday, Monday
        ("2026-01-09T00:00:00+08:00", "2026-01-14T00:00:00+08:00"),  # Friday, Wednesday
        ("2026-01-10T12:00:00+08:00", "2026-01-14T12:00:00+08:00"),  # Saturday, Wednesday
        ("2026-01-11T12:00:00+08:00", "2026-01-14T12:00:00+08:00"),  # Sunday, Wednesday
    ],
)
def test_three_business_days(start, end):
    assert times.business_days_later(times.read(start), 3) == times.read(end)
