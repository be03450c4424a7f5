"""A signing client of API v3, written apart from the program, on requests and cryptography.

Every answer goes through answers.check before a test sees it.
"""

import base64
import functools
import json
import os
import secrets
import threading
import time
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote, urlencode

import requests
from cryptography.hazmat.backends.openssl.backend import backend
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key

import answers
from answers import Answer

SCHEME = "WECHATPAY2-SHA256-RSA2048"
NEGATIVE_TEST = "Wechatpay-Negative-Test"
PATIENCE = float(os.environ.get("FENZHANG_PATIENCE", "1"))  # multiplies time limits, for builds with sanitizers


# Debian 12's version has another word for it.
UNCHECKED = {"unsafe_skip_rsa_key_validation": True} if "unsafe_skip_rsa_key_validation" in signature(load_pem_private_key).parameters else {}


@functools.cache
def private_key(pem):
    """Read once, and not checked, which costs more than twenty requests: what it signs the program verifies."""
    with patch.object(backend, "_rsa_skip_check_key", True, create=True):
        return load_pem_private_key(pem, None, **UNCHECKED)


@dataclass(frozen=True)
class Credentials:
    """What a merchant holds."""

    mchid: str
    serial_no: str
    key: object
    apiv3_key: bytes

    @classmethod
    def load(cls, directory):
        """From DIR/merchants/MCHID, whose files are named as in the vendor's own download."""
        directory = Path(directory)
        return cls(
            mchid=directory.name,
            serial_no=(directory / "serial_no").read_text().strip(),
            key=private_key((directory / "apiclient_key.pem").read_bytes()),
            apiv3_key=(directory / "apiv3_key").read_bytes().strip(),
        )

    def sign(self, message):
        return base64.b64encode(self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def request_message(method, target, timestamp, nonce, body):
    """The five lines that a request's signature covers."""
    return f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def authorization(credentials, method, target, body=b"", *, timestamp=None, nonce=None, scheme=SCHEME, **changed):
    """The Authorization header. `changed` overrides members after signing, to make them wrong."""
    timestamp = int(time.time()) if timestamp is None else timestamp
    nonce = secrets.token_hex(16).upper() if nonce is None else nonce
    members = {
        "mchid": credentials.mchid,
        "nonce_str": nonce,
        "signature": credentials.sign(request_message(method, target, timestamp, nonce, body)),
        "timestamp": str(timestamp),
        "serial_no": credentials.serial_no,
    }
    members.update(changed)
    return scheme + " " + ",".join(f'{name}="{value}"' for name, value in members.items() if value is not None)


def encoded_body(body):
    if body is None:
        return b""
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()


def target_of(path, query=None):
    """Path and query as they go over the wire. `query` is a dict or a list of pairs."""
    target = quote(path, safe="/-_.~%")
    return target + "?" + urlencode(query) if query else target


def record(answer, credentials, request_body, on_demand=False):
    """Appends the exchange to the file named by FENZHANG_EXCHANGES, for the tests of the declarations. `on_demand`: the error was
    asked for, so it says nothing about the state that leads to it."""
    path = os.environ.get("FENZHANG_EXCHANGES")
    if not path:
        return
    exchange = {
        "mchid": credentials.mchid if credentials else None,
        "method": answer.method,
        "target": answer.target,
        "request": request_body[:65536].decode("utf-8", "replace"),
        "status": answer.status,
        "headers": answer.headers,
        "body": answer.body[:65536].decode("utf-8", "replace"),
        "on_demand": on_demand,
    }
    line = json.dumps(exchange, ensure_ascii=False).encode("utf-8") + b"\n"
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line)  # in one call: test processes side by side append to the same file
    finally:
        os.close(file)


class Session(requests.Session):
    """Lays no request on a connection that was idle for so long that the server may end it just then."""

    def __init__(self):
        super().__init__()
        self.trust_env = False
        self._lock, self._under_way, self._used = threading.Lock(), 0, time.monotonic()

    def send(self, request, **options):
        with self._lock:
            if self._under_way == 0 and time.monotonic() - self._used > 10:
                self.close()  # of its connections; it goes on with new ones
            self._under_way += 1
        try:
            return super().send(request, **options)
        finally:
            with self._lock:
                self._under_way, self._used = self._under_way - 1, time.monotonic()


class Client:
    """Talks to one server."""

    def __init__(self, base_url, platform_directory):
        self.base_url = base_url
        self.platform = answers.Platform(Path(platform_directory))
        self.session = Session()
        self.on_demand = False  # while faults stand

    def send(self, credentials, method, target, body=None, *, headers=None, timestamp=None, signed=True, **changed):
        """Sends one request. `signed=False` leaves Authorization out; `changed` goes to authorization()."""
        data = encoded_body(body)
        sent = {"Accept": "application/json", "User-Agent": "fenzhang-tests/1"}
        if data:
            sent["Content-Type"] = "application/json"
        timestamp = int(time.time()) if timestamp is None else timestamp
        if signed:
            sent["Authorization"] = authorization(credentials, method, target, data, timestamp=timestamp, **changed)
        sent.update(headers or {})
        prepared = self.session.prepare_request(
            requests.Request(method, self.base_url + target, headers=sent, data=data or None)
        )
        assert prepared.path_url == target, f"requests would send {prepared.path_url}, not {target}: use raw"
        response = self.session.send(prepared, timeout=30 * PATIENCE, allow_redirects=False)
        answer = Answer(method, target, response.status_code, list(response.raw.headers.items()), response.content)
        on_demand = self.on_demand or NEGATIVE_TEST in sent
        return self.accept(answer, credentials, data, timestamp if signed else None, on_demand)

    def accept(self, answer, credentials=None, request_body=b"", request_timestamp=None, on_demand=False):
        """Checks and records an answer however it was fetched."""
        answers.check(answer, self.platform, request_timestamp)
        record(answer, credentials, request_body, on_demand)
        return answer

    def get(self, credentials, path, query=None, **options):
        return self.send(credentials, "GET", target_of(path, query), **options)

    def post(self, credentials, path, body, **options):
        return self.send(credentials, "POST", target_of(path), body, **options)

    def delete(self, credentials, path, body, **options):
        return self.send(credentials, "DELETE", target_of(path), body, **options)
