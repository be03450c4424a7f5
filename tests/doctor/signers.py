"""Signers that go wrong, each in one way that was seen with real integrators. Written apart from the program: a signer takes a request and gives what
it puts on the wire, signed with python3-cryptography."""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, quote_plus, unquote

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

SCHEME = "WECHATPAY2-SHA256-RSA2048"
MARK = "\ufeff".encode()


@dataclass(frozen=True)
class Shape:
    """A request as its sender wants it."""

    name: str
    caller: object  # Credentials
    method: str
    target: str
    body: bytes = b""
    pattern: str = ""  # the documents' path
    host: str = "apihk.mch.weixin.qq.com"

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        return self.target.partition("?")[2]

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class Draft:
    """What is signed and what is sent, right until a signer changes it."""

    shape: Shape
    sent_body: bytes = b""
    sent_target: str = ""
    lines: list = field(default_factory=list)
    end: bytes = b"\n"
    last_end: bool = True
    tail: bytes = b""
    message: bytes | None = None  # in place of what the lines make
    hash: object = field(default_factory=hashes.SHA256)
    key: object = None
    raw: object = None  # makes the signature of the message, in place of PKCS #1 v1.5
    encode: object = lambda signature: base64.b64encode(signature).decode()
    nonce: str = ""
    timestamp: str = ""
    header: dict = field(default_factory=dict)
    join: str = ","

    def signed_message(self):
        if self.message is not None:
            return self.message
        return self.end.join(self.lines) + (self.end if self.last_end else b"") + self.tail

    def signature(self):
        message, key = self.signed_message(), self.key or self.shape.caller.key
        return self.raw(key, message) if self.raw else key.sign(message, padding.PKCS1v15(), self.hash)

    def authorization(self):
        members = {
            "mchid": self.shape.caller.mchid,
            "nonce_str": self.nonce,
            "signature": self.encode(self.signature()),
            "timestamp": self.timestamp,
            "serial_no": self.shape.caller.serial_no,
        }
        members.update(self.header)
        return SCHEME + " " + self.join.join(f'{name}="{value}"' for name, value in members.items() if value is not None)

    def request(self):
        head = [
            f"{self.shape.method} {self.sent_target} HTTP/1.1",
            f"Host: {self.shape.host}",
            "Accept: application/json",
            "User-Agent: fenzhang-tests/1",
            "Content-Type: application/json",
            f"Authorization: {self.authorization()}",
        ]
        if self.sent_body or self.shape.method != "GET":
            head.append(f"Content-Length: {len(self.sent_body)}")
        return "\r\n".join(head).encode() + b"\r\n\r\n" + self.sent_body


METHOD, TARGET, TIMESTAMP, NONCE, BODY = range(5)


def draft(shape, *, nonce=None, timestamp=None):
    nonce = "N" + secrets.token_hex(16).upper()[1:] if nonce is None else nonce  # with a letter whatever is drawn: some change its case
    timestamp = str(int(time.time())) if timestamp is None else timestamp
    lines = [shape.method.encode(), shape.target.encode(), timestamp.encode(), nonce.encode(), shape.body]
    return Draft(shape, shape.body, shape.target, lines, nonce=nonce, timestamp=timestamp)


@dataclass(frozen=True)
class Signer:
    mistakes: tuple  # the names that the doctor has to give, the first and those besides
    label: str
    change: object  # (draft, shape) -> None
    fits: object  # (shape) -> bool


SIGNERS = []


def any_shape(shape):
    return True


def with_query(shape):
    return bool(shape.query)


def with_body(shape):
    return bool(shape.body)


def without_body(shape):
    return not shape.body


def several(shape):
    return shape.query.count("&") >= 1


def signer(*mistakes, when=any_shape):
    def note(change):
        SIGNERS.append(Signer(mistakes, change.__name__, change, when))
        return change

    return note


def line(mistake, number, label, new, when=any_shape):
    """A signer that has another text in one line. It takes no part where that text is the right one."""

    def change(d, s):
        d.lines[number] = new(s, d)

    def fits(shape):
        return when(shape) and new(shape, draft(shape, nonce="0A-b", timestamp="1700000000")) != draft(
            shape, nonce="0A-b", timestamp="1700000000"
        ).lines[number]

    SIGNERS.append(Signer((mistake,), label, change, fits))


# ---- how the lines are put together ----


@signer("LAST_NEWLINE_MISSING")
def join_without_the_last(d, s):
    d.last_end = False


@signer("BODY_LINE_MISSING", when=with_body)
def four_lines(d, s):
    del d.lines[BODY]


@signer("BODY_LINE_MISSING")
def four_lines_joined(d, s):
    del d.lines[BODY]
    d.last_end = False


@signer("NEWLINE_EXTRA")
def one_line_end_more(d, s):
    d.tail = b"\n"


@signer("CRLF_LINES")
def line_ends_of_windows(d, s):
    d.end = b"\r\n"


@signer("CRLF_LINES")
def line_ends_of_windows_but_the_last(d, s):
    d.end, d.last_end = b"\r\n", False


@signer("BACKSLASH_N")
def single_quotes(d, s):
    d.end = b"\\n"


@signer("LINES_JOINED")
def no_line_ends(d, s):
    d.end = b""


@signer("LINES_JOINED")
def joined_by_ampersands(d, s):
    d.end, d.last_end = b"&", False


@signer("ANSWER_MESSAGE")
def as_an_answer(d, s):
    d.lines = d.lines[2:]


@signer("LINE_MISSING")
def without_method(d, s):
    del d.lines[METHOD]


@signer("LINE_MISSING")
def without_nonce(d, s):
    del d.lines[NONCE]


@signer("LINE_MISSING")
def without_timestamp(d, s):
    del d.lines[TIMESTAMP]


@signer("LINE_EXTRA")
def with_mchid(d, s):
    d.lines.insert(0, s.caller.mchid.encode())


@signer("LINE_EXTRA")
def with_serial_number_at_the_end(d, s):
    d.lines.append(s.caller.serial_no.encode())


@signer("LINE_EXTRA")
def with_the_host_on_its_own(d, s):
    d.lines.insert(1, s.host.encode())


@signer("LINE_EXTRA")
def with_the_scheme(d, s):
    d.lines.insert(0, SCHEME.encode())


def add_orders():
    for order in [(0, 1, 3, 2, 4), (1, 0, 2, 3, 4), (0, 2, 1, 3, 4), (4, 3, 2, 1, 0), (0, 1, 4, 2, 3), (2, 3, 0, 1, 4), (0, 1, 2, 4, 3)]:

        def change(d, s, order=order):
            d.lines = [d.lines[i] for i in order]

        SIGNERS.append(Signer(("LINE_ORDER",), "order_" + "".join(map(str, order)), change, any_shape))


add_orders()

# ---- method and target ----

line("METHOD_CASE", METHOD, "small_letters", lambda s, d: s.method.lower().encode())
line("METHOD_CASE", METHOD, "one_capital", lambda s, d: s.method.capitalize().encode())
line("METHOD_OTHER", METHOD, "always_post", lambda s, d: b"POST")
line("METHOD_OTHER", METHOD, "always_get", lambda s, d: b"GET")

line("HOST_IN_PATH", TARGET, "https_and_host", lambda s, d: f"https://{s.host}{s.target}".encode())
line("HOST_IN_PATH", TARGET, "http_and_host", lambda s, d: f"http://{s.host}{s.target}".encode())
line("HOST_IN_PATH", TARGET, "host", lambda s, d: f"{s.host}{s.target}".encode())
line("HOST_IN_PATH", TARGET, "the_host_of_the_library", lambda s, d: f"https://api.mch.weixin.qq.com{s.target}".encode())
line("QUERY_MISSING", TARGET, "path_alone", lambda s, d: s.path.encode(), with_query)
line("QUERY_MARK", TARGET, "a_question_mark", lambda s, d: f"{s.path}?".encode(), lambda s: not s.query)
line("TARGET_DECODED", TARGET, "decoded", lambda s, d: unquote(s.target).encode())
line("QUERY_ORDER", TARGET, "sorted_query", lambda s, d: f"{s.path}?{'&'.join(sorted(s.query.split('&')))}".encode(), several)
line("QUERY_ORDER", TARGET, "query_backwards", lambda s, d: f"{s.path}?{'&'.join(s.query.split('&')[::-1])}".encode(), several)
line("QUERY_PART_MISSING", TARGET, "first_parameter_left_out", lambda s, d: f"{s.path}?{s.query.partition('&')[2]}".encode(), several)
line("TARGET_ESCAPED", TARGET, "for_html", lambda s, d: s.target.replace("&", "&amp;").encode(), several)
line("PATH_SLASH", TARGET, "slash_at_the_end", lambda s, d: (s.path + "/" + ("?" + s.query if s.query else "")).encode())
line("PATH_SLASH", TARGET, "no_slash_in_front", lambda s, d: s.target[1:].encode())
line("PATH_PREFIX", TARGET, "without_global", lambda s, d: s.target.replace("/v3/global/", "/v3/").encode())
line("PATH_PREFIX", TARGET, "older_documents", lambda s, d: s.target.replace("/v3/global/", "/hk/v3/").encode())
line("PATH_PREFIX", TARGET, "newer_documents", lambda s, d: s.target.replace("/hk/v3/", "/v3/global/").encode())
line("PATH_PREFIX", TARGET, "behind_the_base_url", lambda s, d: s.target.replace("/v3/global/", "/").encode())
line(
    "PATH_PREFIX",
    TARGET,
    "mainland",
    lambda s, d: s.target.replace("/v3/global/profit-sharing/", "/v3/profitsharing/").replace("/v3/global/refunds", "/v3/refund/domestic/refunds").encode(),
)
line(
    "PATH_PLACEHOLDER",
    TARGET,
    "as_in_the_documents",
    lambda s, d: (s.pattern + ("?" + s.query if s.query else "")).encode(),
    lambda s: "{" in s.pattern,
)


def encoded_again(s, d):
    return (s.path + ("?" + quote(s.query, safe="=&") if s.query else "")).encode()


def form_encoded(s, d):
    return (s.path + "?" + "&".join(quote_plus(unquote(n)) + "=" + quote_plus(unquote(v)) for n, v in parse_qsl(s.query.replace("+", "%2B")))).encode()


line("TARGET_ENCODED", TARGET, "encoded_twice", encoded_again, with_query)
line("TARGET_ENCODED", TARGET, "as_a_form", form_encoded, with_query)
line("TARGET_ENCODED", TARGET, "strict", lambda s, d: (quote(unquote(s.path), safe="/") + ("?" + quote(unquote(s.query), safe="=&") if s.query else "")).encode())
line("TARGET_CASE", TARGET, "small_target", lambda s, d: s.target.lower().encode(), lambda s: "%" not in s.target)

# ---- timestamp and nonce ----

line("TIMESTAMP_MILLISECONDS", TIMESTAMP, "times_1000", lambda s, d: d.timestamp.encode() + b"000")
line("TIMESTAMP_MILLISECONDS", TIMESTAMP, "milliseconds", lambda s, d: d.timestamp.encode() + b"437")
line("TIMESTAMP_OTHER", TIMESTAMP, "a_second_before", lambda s, d: str(int(d.timestamp) - 1).encode())
line("TIMESTAMP_OTHER", TIMESTAMP, "three_seconds_later", lambda s, d: str(int(d.timestamp) + 3).encode())
line("TIMESTAMP_OTHER", TIMESTAMP, "half_a_minute_before", lambda s, d: str(int(d.timestamp) - 30).encode())
line("TIMESTAMP_EMPTY", TIMESTAMP, "no_timestamp", lambda s, d: b"")
line("NONCE_EMPTY", NONCE, "no_nonce", lambda s, d: b"")
line("NONCE_CASE", NONCE, "small_nonce", lambda s, d: d.nonce.lower().encode())
line("NONCE_OTHER", NONCE, "quoted_nonce", lambda s, d: f'"{d.nonce}"'.encode())


@signer("NONCE_CASE")
def capital_nonce(d, s):
    d.nonce = "5k8264iltkch16cq2502si8znmtm67vs"
    d.lines[NONCE] = d.nonce.upper().encode()


@signer("NONCE_OTHER")
def dashes_taken_out(d, s):
    d.nonce = "c9c8e7a0-2f61-4a15-9b7a-0d1f4cb0b3a1"
    d.lines[NONCE] = d.nonce.replace("-", "").encode()


@signer("NONCE_OTHER")
def dashes_only_signed(d, s):
    d.nonce = "c9c8e7a02f614a159b7a0d1f4cb0b3a1"
    d.lines[NONCE] = b"c9c8e7a0-2f61-4a15-9b7a-0d1f4cb0b3a1"


# ---- body ----


def dumped(**options):
    return lambda s, d: json.dumps(s.json, **options).encode()


def compact(value, **options):
    return json.dumps(value, separators=(",", ":"), **options)


line("BODY_NOT_SIGNED", BODY, "empty_body", lambda s, d: b"", with_body)
line("BODY_NOT_SENT", BODY, "braces", lambda s, d: b"{}", without_body)
line("BODY_NOT_SENT", BODY, "null", lambda s, d: b"null", without_body)
line("BODY_NOT_SENT", BODY, "empty_string", lambda s, d: b'""', without_body)
line("QUERY_IN_BODY", BODY, "query_as_body", lambda s, d: s.query.encode(), lambda s: with_query(s) and without_body(s))
line("QUERY_IN_BODY", BODY, "query_as_json", lambda s, d: compact(dict(p.split("=", 1) for p in s.query.split("&"))).encode(), lambda s: with_query(s) and without_body(s))
line("BODY_RESERIALISED", BODY, "python", dumped(), with_body)
line("BODY_RESERIALISED", BODY, "python_utf8", dumped(ensure_ascii=False), with_body)
line("BODY_RESERIALISED", BODY, "javascript", lambda s, d: compact(s.json, ensure_ascii=False).encode(), with_body)
line("BODY_RESERIALISED", BODY, "php", lambda s, d: compact(s.json).replace("/", "\\/").encode(), with_body)
line("BODY_RESERIALISED", BODY, "slashes", lambda s, d: compact(s.json, ensure_ascii=False).replace("/", "\\/").encode(), with_body)
line("BODY_RESERIALISED", BODY, "sorted_members", lambda s, d: compact(s.json, ensure_ascii=False, sort_keys=True).encode(), with_body)
line("BODY_RESERIALISED", BODY, "python_sorted", dumped(sort_keys=True), with_body)
line("BODY_RESERIALISED", BODY, "python_sorted_utf8", dumped(sort_keys=True, ensure_ascii=False), with_body)
line("BODY_RESERIALISED", BODY, "pretty", dumped(indent=2, ensure_ascii=False), with_body)
line("BODY_RESERIALISED", BODY, "pretty_4", dumped(indent=4), with_body)
line(
    "BODY_RESERIALISED",
    BODY,
    "go",
    lambda s, d: compact(s.json, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").encode(),
    with_body,
)
line("BODY_SERIALISED_TWICE", BODY, "json_in_json", lambda s, d: json.dumps(s.body.decode(), ensure_ascii=False).encode(), with_body)
line("NEWLINE_EXTRA", BODY, "line_end_added", lambda s, d: s.body + b"\n", with_body)  # the same bytes as a line end too many
line("BODY_ENDS", BODY, "blank_added", lambda s, d: s.body + b" ", with_body)
line("BODY_MARK", BODY, "byte_order_mark", lambda s, d: MARK + s.body, with_body)
line("BODY_CHARSET", BODY, "gbk", lambda s, d: s.body.decode().encode("gb18030"), with_body)
line("BODY_CHARSET", BODY, "question_marks", lambda s, d: s.body.decode().encode("ascii", "replace"), with_body)
line("BODY_CHARSET", BODY, "mojibake", lambda s, d: s.body.decode("latin-1").encode(), with_body)
line("BODY_DIGEST", BODY, "sha256_of_the_body", lambda s, d: hashlib.sha256(s.body).hexdigest().encode(), with_body)
line("BODY_DIGEST", BODY, "md5_of_the_body", lambda s, d: hashlib.md5(s.body).hexdigest().upper().encode(), with_body)
line("BODY_DIGEST", BODY, "base64_of_the_body", lambda s, d: base64.b64encode(s.body), with_body)


@signer("BODY_ENDS", when=with_body)
def line_end_lost(d, s):
    d.sent_body = s.body + b"\n"


@signer("BODY_ENDS", when=with_body)
def blanks_lost(d, s):
    d.sent_body = b"  " + s.body + b"\r\n"


@signer("BODY_LINE_ENDS", when=with_body)
def body_became_crlf(d, s):
    d.sent_body = json.dumps(s.json, indent=3, ensure_ascii=False).encode()
    d.lines[BODY] = d.sent_body.replace(b"\n", b"\r\n")


@signer("BODY_LINE_ENDS", when=with_body)
def body_became_lf(d, s):
    d.sent_body = json.dumps(s.json, indent=3, ensure_ascii=False).encode().replace(b"\n", b"\r\n")
    d.lines[BODY] = d.sent_body.replace(b"\r\n", b"\n")


@signer("BODY_CHARSET", when=with_body)
def sent_as_gbk(d, s):
    d.sent_body = s.body.decode().encode("gb18030")


@signer("BODY_RESERIALISED", when=with_body)
def sent_by_another_serialiser(d, s):
    d.sent_body = json.dumps(s.json).encode()
    d.lines[BODY] = compact(s.json, ensure_ascii=False).encode()


@signer("BODY_SERIALISED_TWICE", when=with_body)
def sent_in_a_string(d, s):
    d.sent_body = json.dumps(s.body.decode()).encode()


# ---- signature and key ----


@signer("SIGNATURE_URL_SAFE")
def url_safe(d, s):
    while not {"+", "/"} & set(d.encode(d.signature())):  # one in fifty thousand has neither, and is right as it is
        d.nonce = secrets.token_hex(16).upper()
        d.lines[NONCE] = d.nonce.encode()
    d.encode = lambda signature: base64.urlsafe_b64encode(signature).decode()


@signer("SIGNATURE_PADDING")
def unpadded(d, s):
    d.encode = lambda signature: base64.b64encode(signature).decode().rstrip("=")


@signer("SIGNATURE_HEX")
def hexadecimal(d, s):
    d.encode = lambda signature: signature.hex()


@signer("SIGNATURE_HEX")
def base64_of_hexadecimal(d, s):
    d.encode = lambda signature: base64.b64encode(signature.hex().encode()).decode()


@signer("SIGNATURE_BASE64_TWICE")
def base64_twice(d, s):
    d.encode = lambda signature: base64.b64encode(base64.b64encode(signature)).decode()


@signer("SIGNATURE_ESCAPED")
def percent_encoded(d, s):
    d.encode = lambda signature: quote(base64.b64encode(signature).decode(), safe="")


@signer("SIGNATURE_BLANKS")
def plus_became_a_blank(d, s):
    def encode(signature):
        text = base64.b64encode(signature).decode()
        return text.replace("+", " ") if "+" in text else text[:76] + " " + text[76:]

    d.encode = encode


@signer("SIGNATURE_EMPTY")
def empty_signature(d, s):
    d.encode = lambda signature: ""


@signer("DIGEST_SHA1")
def sha1(d, s):
    d.hash = hashes.SHA1()


@signer("DIGEST_MD5")
def md5(d, s):
    d.hash = hashes.MD5()


@signer("DIGEST_SHA512")
def sha512(d, s):
    d.hash = hashes.SHA512()


@signer("DIGEST_OTHER")
def sha384(d, s):
    d.hash = hashes.SHA384()


@signer("PADDING_PSS")
def pss(d, s):
    d.raw = lambda key, message: key.sign(message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


@signer("PADDING_PSS")
def pss_with_the_longest_salt(d, s):
    longest = padding.PSS.MAX_LENGTH
    d.raw = lambda key, message: key.sign(message, padding.PSS(padding.MGF1(hashes.SHA256()), longest), hashes.SHA256())


@signer("DIGEST_TWICE")
def digest_of_the_digest(d, s):
    d.raw = lambda key, message: key.sign(hashlib.sha256(message).digest(), padding.PKCS1v15(), hashes.SHA256())


@signer("DIGEST_TWICE")
def digest_of_the_hexadecimal_digest(d, s):
    d.raw = lambda key, message: key.sign(hashlib.sha256(message).hexdigest().encode(), padding.PKCS1v15(), hashes.SHA256())


def encrypted_with_the_private_key(key, text):
    """RSA with block type 1 over whatever: what `Cipher` of Java or private_encrypt of PHP do."""
    numbers, size = key.private_numbers(), key.key_size // 8
    block = b"\x00\x01" + b"\xff" * (size - 3 - len(text)) + b"\x00" + text
    return pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n).to_bytes(size, "big")


@signer("DIGEST_INFO_MISSING")
def bare_digest(d, s):
    d.raw = lambda key, message: encrypted_with_the_private_key(key, hashlib.sha256(message).digest())


# ---- two at once ----


@signer("LAST_NEWLINE_MISSING", "QUERY_MISSING", when=with_query)
def path_alone_and_no_last_line_end(d, s):
    d.lines[TARGET], d.last_end = s.path.encode(), False


@signer("LAST_NEWLINE_MISSING", "HOST_IN_PATH")
def url_and_no_last_line_end(d, s):
    d.lines[TARGET], d.last_end = f"https://{s.host}{s.target}".encode(), False


@signer("HOST_IN_PATH", "QUERY_MISSING", when=with_query)
def url_without_query(d, s):
    d.lines[TARGET] = f"https://{s.host}{s.path}".encode()


@signer("TARGET_DECODED", "LAST_NEWLINE_MISSING", when=lambda s: "%" in s.target)
def decoded_and_no_last_line_end(d, s):
    d.lines[TARGET], d.last_end = unquote(s.target).encode(), False


@signer("LAST_NEWLINE_MISSING", "BODY_RESERIALISED", when=with_body)
def python_body_and_no_last_line_end(d, s):
    d.sent_body = compact(s.json, ensure_ascii=False).encode()
    d.lines[BODY], d.last_end = json.dumps(s.json).encode(), False


@signer("PATH_PREFIX", "BODY_RESERIALISED", when=lambda s: with_body(s) and "/v3/global/" in s.target)
def mainland_path_and_python_body(d, s):
    d.sent_body = compact(s.json, ensure_ascii=False).encode()
    d.lines[TARGET] = s.target.replace("/v3/global/", "/v3/").encode()
    d.lines[BODY] = json.dumps(s.json).encode()


@signer("METHOD_CASE", "BODY_NOT_SIGNED", when=with_body)
def small_method_and_empty_body(d, s):
    d.lines[METHOD], d.lines[BODY] = s.method.lower().encode(), b""


@signer("TIMESTAMP_MILLISECONDS", "HOST_IN_PATH")
def milliseconds_and_url(d, s):
    d.lines[TIMESTAMP] += b"000"
    d.lines[TARGET] = f"https://{s.host}{s.target}".encode()


@signer("DIGEST_SHA1", "LAST_NEWLINE_MISSING")
def sha1_and_no_last_line_end(d, s):
    d.hash, d.last_end = hashes.SHA1(), False


@signer("SIGNATURE_HEX", "LAST_NEWLINE_MISSING")
def hexadecimal_and_no_last_line_end(d, s):
    d.encode, d.last_end = (lambda signature: signature.hex()), False


# ---- what nobody can find out ----

UNKNOWABLE = {
    "random_nonce": lambda d, s: d.lines.__setitem__(NONCE, secrets.token_hex(16).encode()),
    "an_hour_before": lambda d, s: d.lines.__setitem__(TIMESTAMP, str(int(d.timestamp) - 3600).encode()),
    "another_path": lambda d, s: d.lines.__setitem__(TARGET, b"/v3/certificates/of/another"),
    "another_body": lambda d, s: d.lines.__setitem__(BODY, b'{"another":1}'),
    "random_bytes": lambda d, s: setattr(d, "encode", lambda signature: base64.b64encode(secrets.token_bytes(256)).decode()),
    "short_bytes": lambda d, s: setattr(d, "encode", lambda signature: base64.b64encode(secrets.token_bytes(32)).decode()),
    "no_base64": lambda d, s: setattr(d, "encode", lambda signature: "{signature}"),
    "the_probe": lambda d, s: setattr(d, "encode", lambda signature: "WECHATPAY/SIGNTEST/" + "A" * 320),
}


def corpus(shapes):
    """(signer, shape, request) for every signer and the shapes it takes part in."""
    for one in SIGNERS:
        for shape in shapes:
            if one.fits(shape):
                d = draft(shape)
                one.change(d, shape)
                yield one, shape, d
