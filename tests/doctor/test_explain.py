"""fenzhang explain: a request out of a log, and what was wrong with it"""

import json
import re
import subprocess
import unicodedata

import pytest
from program import BINARY
from signers import SIGNERS, UNKNOWABLE, draft

GOOD, EXPLAINED, NOT_EXPLAINED = 0, 1, 2


def explain(*options, paste=b""):
    done = subprocess.run([BINARY, "explain", *map(str, options)], input=paste, capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


@pytest.fixture
def data(server):
    return "--data", server.data


@pytest.fixture
def post(shapes):
    return next(shape for shape in shapes if shape.name == "post")


@pytest.fixture
def get(shapes):
    return next(shape for shape in shapes if shape.name == "one_parameter")


def certificate(server, caller):
    return server.data / "merchants" / caller.mchid / "apiclient_cert.pem"


def as_curl_shows(request, answer=True):
    """The output of curl -v: marks before the head, remarks around, the body as it is, the answer."""
    head, _, body = request.partition(b"\r\n\r\n")
    marked = b"".join(b"> " + line + b"\n" for line in head.split(b"\r\n")) + b"> \n"
    before = b"*   Trying 127.0.0.1:8080...\n* Connected to 127.0.0.1 (127.0.0.1) port 8080 (#0)\n"
    behind = b"* upload completely sent off: 3 bytes\n< HTTP/1.1 401 Unauthorized\n< Request-ID: 0-0\n< \n{}\n"
    return before + marked + body + b"\n" + (behind if answer else b"")


def test_a_good_signature(data, right):
    for _, signed in right:
        status, out, _ = explain(*data, paste=signed.request())
        assert status == GOOD and out.startswith("NONE\nThe signature is good."), out


@pytest.mark.parametrize("one", SIGNERS, ids=lambda one: one.label)
def test_each_mistake(data, shapes, one):
    shape = [shape for shape in shapes if one.fits(shape)][-1]
    signed = draft(shape)
    one.change(signed, shape)
    status, out, _ = explain(*data, paste=signed.request())
    assert (status, set(out.splitlines()[0].split(", "))) == (EXPLAINED, set(one.mistakes)), out


@pytest.mark.parametrize("label", UNKNOWABLE)
def test_what_nobody_can_explain(data, post, label):
    signed = draft(post)
    UNKNOWABLE[label](signed, post)
    status, out, _ = explain(*data, paste=signed.request())
    assert status == NOT_EXPLAINED and out.startswith("UNKNOWN\n"), out


def test_how_the_signed_body_was_written_is_said_of_the_signed_one(data, post):
    signed = draft(post)
    signed.lines[4] = json.dumps(post.json).encode()
    out = explain(*data, paste=signed.request())[1]
    assert "(the signed one has blanks behind , and :, and letters beyond ASCII as \\uXXXX)" in out


def test_another_order_of_members_is_found_if_it_is_the_sorted_one(data, post):
    """Of any other order nothing is known, but equal lengths point to it; and where the whole body can be seen is told."""
    assert list(post.json) not in (sorted(post.json), sorted(post.json, reverse=True))
    for backwards, mistake in ((False, "BODY_RESERIALISED"), (True, "UNKNOWN")):
        signed = draft(post)
        members = sorted(post.json.items(), reverse=backwards)
        signed.lines[4] = json.dumps(dict(members), ensure_ascii=False, separators=(",", ":"), sort_keys=not backwards).encode()
        out = explain(*data, paste=signed.request())[1]
        assert out.startswith(mistake + "\n"), out
    assert "GET /requests/REQUEST_ID" in out and "same length, look at the order of the body's members" in out and "sign_information" not in out


def test_from_a_file_and_from_curl(data, post, tmp_path):
    signed = draft(post)
    signed.last_end = False
    file = tmp_path / "request.txt"
    for paste in (signed.request(), as_curl_shows(signed.request()), as_curl_shows(signed.request(), answer=False), b"\n# a log\n" + signed.request()):
        file.write_bytes(paste)
        assert explain(*data, file)[:2] == explain(*data, paste=paste)[:2]
        status, out, _ = explain(*data, file)
        assert status == EXPLAINED and out.startswith("LAST_NEWLINE_MISSING\n"), out


def test_line_ends_that_an_editor_changed(data, post):
    """The head's and the one behind the body do not matter."""
    request = draft(post).request()
    without_length = re.sub(rb"Content-Length: \d+\r\n", b"", request)
    for paste in (request.replace(b"\r\n", b"\n"), request + b"\n", request + b"\r\n", without_length + b"\n", without_length):
        assert explain(*data, paste=paste)[0] == GOOD


def test_the_caret_stands_under_the_first_difference(data, get, post):
    signed = draft(get)
    signed.lines[1] = get.path.encode()
    out = explain(*data, paste=signed.request())[1]
    was_signed, expected, caret = out.splitlines()[-3:]
    assert was_signed == f"  signed    {get.path}\\n"
    assert expected == f"  expected  {get.target}\\n"
    assert caret == " " * (len("  expected  ") + len(get.path)) + "^"

    signed = draft(post)  # behind Chinese characters, which take two columns each
    signed.lines[4] = signed.lines[4].replace(b"/notify", b"\\/notify").replace(b"://", b":\\/\\/").replace(b"R2026/", b"R2026\\/")
    out = explain(*data, paste=signed.request())[1]
    was_signed, expected, caret = out.splitlines()[-3:]
    same = next(i for i, (a, b) in enumerate(zip(was_signed[12:], expected[12:])) if a != b)
    width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in expected[12 : 12 + same])
    assert caret == " " * (12 + width) + "^"


def test_with_a_certificate_alone(server, get):
    own = certificate(server, get.caller)
    status, out, _ = explain("--key", own, paste=draft(get).request())
    assert status == GOOD, out
    signed = draft(get)
    signed.header["serial_no"] = "6" * 40
    status, out, _ = explain("--key", own, paste=signed.request())
    assert status == EXPLAINED and out.startswith("KEY_OTHER_CERTIFICATE\n"), out


def test_only_the_certificates_of_the_merchant_in_the_request(data, get, direct):
    """The data directory has the other's too."""
    signed = draft(get)
    signed.key = direct.caller.key
    status, out, _ = explain(*data, paste=signed.request())
    assert status == NOT_EXPLAINED and "none of the keys" in out
    signed.header["mchid"] = "../" + get.caller.mchid
    assert explain(*data, paste=signed.request())[0] == NOT_EXPLAINED


def test_a_header_that_is_none(data, get):
    request = draft(get).request()
    status, out, _ = explain(*data, paste=request.replace(b"nonce_str=", b"nonce="))
    assert status == EXPLAINED and "MEMBER_UNKNOWN" in out
    status, out, _ = explain(*data, paste=re.sub(rb"Authorization: [^\r]*\r\n", b"", request))
    assert status == EXPLAINED and "AUTHORIZATION_MISSING" in out
    status, out, _ = explain(*data, paste=request.replace(b"WECHATPAY2-SHA256", b"WECHATPAY2-SHA1"))
    assert status == EXPLAINED and "WECHATPAY2-SHA256-RSA2048 is expected" in out


@pytest.mark.parametrize("left", [0, 1, -40, -1], ids=["no body", "a byte", "most of it", "all but a byte"])
def test_a_body_that_is_not_all_there(data, post, left):
    """curl -v prints the head alone. An empty body would be another mistake each time, or none: an empty one was signed."""
    good, empty = draft(post), draft(post)
    empty.lines[4] = b""
    for signed in (good, empty):
        head, _, body = signed.request().partition(b"\r\n\r\n")
        part = head + b"\r\n\r\n" + body[:left]
        for paste in (part, as_curl_shows(part)) if left == 0 else (part,):
            status, out, err = explain(*data, paste=paste)
            assert (status, out) == (NOT_EXPLAINED, "") and "Append the body" in err
        assert f"{len(body) - len(body[:left])} bytes of {len(body)} are missing" in explain(*data, paste=part)[2]
    assert explain(*data, paste=good.request())[0] == GOOD
    status, out, _ = explain(*data, paste=head.replace(b"nonce_str=", b"nonce=") + b"\r\n\r\n")  # needs no body
    assert status == EXPLAINED and "MEMBER_UNKNOWN" in out


@pytest.mark.parametrize("paste", [b"", b"\n\n", b"nothing\n", b"GET\n", b"GET /\n", b"\0\0\0", b"> " * 1000, b"x" * (1 << 20)], ids=lambda paste: repr(paste[:8]))
def test_no_request(data, paste):
    status, out, err = explain(*data, paste=paste)
    assert (status, out) == (NOT_EXPLAINED, "") and err.startswith("fenzhang: ")


def test_arguments_that_are_wrong(data, get, tmp_path):
    request = draft(get).request()
    (tmp_path / "no.pem").write_text("nothing")
    for options in (("--key", tmp_path / "no.pem"), ("--key", tmp_path / "missing"), ("--data", tmp_path), ("--nonsense",), ("a", "b"), (*data, tmp_path / "missing")):
        status, out, err = explain(*options, paste=request)
        assert (status, out) == (NOT_EXPLAINED, "") and err, options


@pytest.mark.parametrize("broken", [b"\n", b"\r\n ", b"\n\t"], ids=["a line feed", "a folded header", "both"])
@pytest.mark.parametrize("as_sent", [True, False], ids=["sent", "curl"])
def test_a_line_feed_inside_a_header(data, get, broken, as_sent):
    """Base64 that was wrapped: HTTP refuses the head, so nothing is said of the signature."""
    request = draft(get).request()
    at = request.index(b'signature="') + 60
    wrapped = request[:at] + broken + request[at:]
    if not as_sent:
        wrapped = b"".join((b"> " if number == 0 or b": " in line or line == b"" else b"") + line + b"\n"
                           for number, line in enumerate(wrapped.replace(b"\r\n", b"\n").split(b"\n")))
    status, out, _ = explain(*data, paste=wrapped)
    assert status == EXPLAINED and "A line feed inside a value looks like this: wrapped base64" in out, out
    assert request[at : at + 20].decode() in out and "quote" not in out


def test_a_target_that_is_a_whole_url(data, get):
    """As a proxy of HTTP gets it: the path was signed."""
    request = draft(get).request().replace(b" /", b" http://apihk.mch.weixin.qq.com:8080/", 1)
    status, out, _ = explain(*data, paste=request)
    assert status == GOOD, out
