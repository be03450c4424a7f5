"""An answer of the API, and what has to be true of every one of them."""

import base64
import hashlib
import json
import os
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_public_key

import rows

SIGNATURE_TYPE = "WECHATPAY2-SHA256-RSA2048"
BILL_FILE_PATH = "/v3/billdownload/file"
STATEMENT_PATHS = ("/v3/global/statements", "/hk/v3/statements")

# Client libraries look some of these up case-sensitively, so the spelling counts.
SPELLINGS = {
    name.lower(): name
    for name in (
        "Request-ID",
        "Wechatpay-Timestamp",
        "Wechatpay-Nonce",
        "Wechatpay-Signature",
        "Wechatpay-Serial",
        "Wechatpay-Signature-Type",
        "Wechatpay-Statement-Sha1",
        "Content-Type",
        "Content-Length",
        "Content-Encoding",
        "Content-Language",
        "Cache-Control",
        "Connection",
        "Date",
        "Keep-Alive",
        "Transfer-Encoding",
        "X-Content-Type-Options",
    )
}

# Refused before the request's signature was looked at: such an answer may be signed or not.
BEFORE_SIGNATURE = {"HEADER_MISSING", "BODY_TOO_LARGE", "HEADERS_TOO_LARGE", "OVERLOAD", "SYSTEM_ERROR", "HEAD_LINE", "HEAD_INVALID", "HEAD_HOST",
                    "BODY_FRAMING", "BODY_CODING", "HTTP_VERSION"}


def strict_json(body):
    """JSON without doubled names."""

    def members(pairs):
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), f"doubled name in {names}"
        return dict(pairs)

    return json.loads(body.decode("utf-8"), object_pairs_hook=members)


@dataclass
class Answer:
    method: str
    target: str
    status: int
    headers: list  # (name, value) as they came on the wire
    body: bytes

    def header(self, name):
        """The value under exactly this spelling, or None."""
        return next((value for spelling, value in self.headers if spelling == name), None)

    @property
    def json(self):
        return strict_json(self.body)

    @property
    def number(self):
        """The internal number at the end of Request-ID; 0 is success."""
        return int(self.header("Request-ID").rsplit("-", 1)[1])

    @property
    def detail(self):
        return self.json.get("detail")

    def __str__(self):
        return f"{self.method} {self.target} -> {self.status} {self.body[:600].decode('utf-8', 'replace')}"


class Platform:
    """The platform's certificates and public key, as the program lays them into its data directory."""

    def __init__(self, directory):
        self.directory = directory
        self._keys = {}

    def key(self, serial):
        """The public key that an answer names in Wechatpay-Serial."""
        if serial not in self._keys:
            path = self.directory / f"{serial}.pem"
            assert path.exists(), f"the answer is signed with {serial}, which is not in {self.directory}"
            if serial.startswith("PUB_KEY_ID_"):
                self._keys[serial] = load_pem_public_key(path.read_bytes())
            else:
                certificate = x509.load_pem_x509_certificate(path.read_bytes())
                assert format(certificate.serial_number, "040X") == serial
                self._keys[serial] = certificate.public_key()
        return self._keys[serial]

    def verify(self, serial, message, signature):
        self.key(serial).verify(signature, message, padding.PKCS1v15(), hashes.SHA256())


def check(answer, platform, request_timestamp=None):
    """Everything that holds for every answer, whatever was asked. Raises AssertionError with the answer's text."""
    try:
        _check_headers(answer)
        row = _check_body(answer)
        _check_signature(answer, platform, row, request_timestamp)
    except AssertionError as problem:
        raise AssertionError(f"{problem}\nin {answer}\nheaders {answer.headers}") from problem


def _check_headers(answer):
    seen = set()
    for name, _ in answer.headers:
        lower = name.lower()
        assert lower not in seen, f"header {name} doubled"
        seen.add(lower)
        assert SPELLINGS.get(lower, name) == name, f"header {name} is not spelled {SPELLINGS.get(lower)}"
    request_id = answer.header("Request-ID")
    assert request_id is not None, "no Request-ID"
    assert re.fullmatch(r"[0-9A-Fa-f]+-[0-9]+", request_id), f"Request-ID {request_id}"
    assert (answer.number == 0) == (200 <= answer.status < 300), f"Request-ID number of status {answer.status}: {request_id}"
    assert not 300 <= answer.status < 400, "a redirect"


def _check_body(answer):
    """Checks the body; gives the row of the table that a refusal stands for."""
    if answer.status == 204:
        assert answer.body == b"", "204 with a body"
        return None
    content_type = answer.header("Content-Type") or ""
    if answer.status == 200 and not content_type.startswith("application/json"):
        assert urlsplit(answer.target).path in (BILL_FILE_PATH, "/v3/bill/downloadurl", *STATEMENT_PATHS), f"Content-Type {content_type}"
        assert content_type.startswith("text/plain"), f"Content-Type {content_type}"
        return None
    assert re.fullmatch(r"application/json(; ?charset=utf-8)?", content_type), f"Content-Type {content_type!r}"
    members = answer.json
    assert isinstance(members, dict), "not a JSON object"
    if answer.status < 300:
        return None
    return _check_refusal(answer, members)


def _check_refusal(answer, members):
    extra = {"diagnosis"} if answer.status == 401 else set()
    assert set(members) <= {"code", "message", "detail"} | extra, f"members {sorted(members)}"
    if "diagnosis" in members:
        _check_diagnosis(members["diagnosis"])
    code, message = members.get("code"), members.get("message")
    assert isinstance(code, str) and 1 <= len(code) <= 32, f"code {code!r}"
    assert isinstance(message, str) and 1 <= len(message) <= 256, f"message {message!r}"
    found = rows.matching(answer.number, answer.status, code, answer.target)
    assert found, f"no row of errors.def has status {answer.status}, code {code} and number {answer.number}"
    row = next((row for row in found if message in (row.message_for(answer.target), row.chinese)), None)
    assert row is not None, f"the message is not that of {[row.name for row in found]}: {message}"
    if code == "PARAM_ERROR":
        _check_detail(members.get("detail"), message == row.chinese)
    elif row.name != "SIGN_MISMATCH":
        assert "detail" not in members, "detail without PARAM_ERROR"
    return row


def _check_detail(detail, chinese):
    """S-RQ: field, value and issue are there with PARAM_ERROR; location is body, url or query. One language in an answer."""
    assert isinstance(detail, dict), f"PARAM_ERROR with detail {detail!r}"
    assert {"field", "value", "issue"} <= set(detail) <= {"field", "value", "issue", "location"}, f"detail {detail}"
    for name, value in detail.items():
        assert isinstance(value, str) and len(value) <= 256, f"detail.{name} {value!r}"
    assert detail.get("location", "body") in ("body", "url", "query"), f"detail.location {detail}"
    assert bool(re.search("[\u4e00-\u9fff]", detail["issue"])) == chinese, f"detail.issue in another language than the message: {detail}"


def _check_diagnosis(diagnosis):
    """What the signature doctor adds: a name, words, and the place if it is known."""
    assert {"mistake", "also", "message"} <= set(diagnosis), f"diagnosis {diagnosis}"
    place = {"offset", "line", "signed", "expected"}
    assert set(diagnosis) - {"mistake", "also", "message"} in (set(), place), f"diagnosis {diagnosis}"
    for name in (diagnosis["mistake"], *diagnosis["also"]):
        assert re.fullmatch(r"[A-Z0-9_]+", name) and name != "NONE", f"diagnosis {diagnosis}"
    assert 1 <= len(diagnosis["message"]) <= 800, f"diagnosis {diagnosis}"


def _must_be_signed(answer, row):
    """True, False, or None where both are right."""
    if answer.status == 401:  # the payload's merchant number is looked at once the signature was found good
        return row is not None and row.name == "SIGN_MCHID"
    if answer.status == 200 and urlsplit(answer.target).path == BILL_FILE_PATH:
        return False
    if row is not None and row.name in BEFORE_SIGNATURE:
        return None
    return True


def _signed_body(answer):
    """What stands for the body in the signed message: of a statement its SHA-1, which has to be the file's."""
    if answer.status != 200 or urlsplit(answer.target).path not in STATEMENT_PATHS:
        return answer.body
    sha1 = answer.header("Wechatpay-Statement-Sha1")
    assert answer.method == "HEAD" or sha1 == hashlib.sha1(answer.body).hexdigest(), f"the file's SHA-1 is not {sha1}"
    return json.dumps({"sha1": sha1}, separators=(",", ":")).encode()


def _check_signature(answer, platform, row, request_timestamp):
    must = _must_be_signed(answer, row)
    signature = answer.header("Wechatpay-Signature")
    if must is False or (must is None and signature is None):
        assert signature is None, "signed, though nobody verified the request"
        return
    assert signature is not None, "no Wechatpay-Signature"
    timestamp, nonce = answer.header("Wechatpay-Timestamp"), answer.header("Wechatpay-Nonce")
    serial = answer.header("Wechatpay-Serial")
    assert answer.header("Wechatpay-Signature-Type") == SIGNATURE_TYPE, "Wechatpay-Signature-Type"
    assert timestamp and re.fullmatch(r"[1-9][0-9]{8,11}", timestamp), f"Wechatpay-Timestamp {timestamp}"
    assert nonce and re.fullmatch(r"[0-9A-Za-z]+", nonce), f"Wechatpay-Nonce {nonce}"
    assert serial and re.fullmatch(r"[1-9A-F][0-9A-F]{39}|PUB_KEY_ID_[0-9]{28}", serial), f"Wechatpay-Serial {serial}"
    if request_timestamp is not None:
        patience = float(os.environ.get("FENZHANG_PATIENCE", "1"))
        assert abs(int(timestamp) - request_timestamp) <= 301 + 30 * patience, "the answer carries another clock than its request"
    message = f"{timestamp}\n{nonce}\n".encode() + _signed_body(answer) + b"\n"
    try:
        platform.verify(serial, message, base64.b64decode(signature, validate=True))
    except InvalidSignature:
        raise AssertionError("the signature does not verify") from None


def ok(answer):
    """The JSON of an answer that has to be 200."""
    assert answer.status == 200, str(answer)
    return answer.json


def refused(answer, status, code=None, message=""):
    """The answer refuses with this status and (if given) this code, and `message` is part of its text."""
    assert answer.status == status and code in (None, answer.json["code"]), f"expected {status} {code}: {answer}"
    assert message.lower() in answer.json["message"].lower(), f"expected the text {message!r}: {answer}"
    return answer


def refused_parameter(answer, field, location, value=None):
    """PARAM_ERROR that points at this parameter."""
    refused(answer, 400, "PARAM_ERROR")
    detail = answer.detail
    assert (detail["field"], detail.get("location")) == (field, location), str(answer)
    if value is not None:
        assert detail["value"] == value, str(answer)
    return answer
