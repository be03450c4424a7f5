"""Upload a file: POST /v3/global/merchant-storage/file/upload, multipart/form-data, whose `meta` alone is signed"""

import contextlib
import hashlib
import json
import re

import pytest
import requests

from answers import ok, refused, refused_parameter
from client import authorization
from raw import RawConnection
from world import SHARING

PATH = "/v3/global/merchant-storage/file/upload"
MIB = 1024 * 1024
LETTER = b"%PDF-1.4 a letter\r\n--with what looks like a boundary\r\n\x00\xff" + bytes(range(256)) * 40


def told_of(content, **members):
    return json.dumps({"filename": "letter.pdf", "sha256": hashlib.sha256(content).hexdigest(), **members}).encode()


def part(name, content, filename=None):
    return (name, (filename, content))


def by_hand(boundary, parts, end=b"--\r\n"):
    """A multipart body, written out."""
    body = b""
    for name, content in parts:
        body += b"--" + boundary + b'\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n' + content + b"\r\n"
    return body + b"--" + boundary + end


def send(world, party, body, content_type, signed, **headers):
    sent = {"Content-Type": content_type, "Authorization": authorization(party.caller, "POST", PATH, signed), **headers}
    return world.client.send(party.caller, "POST", PATH, body, headers=sent, signed=False)


# ---- what it answers ----


def test_it_answers_with_a_number_for_the_file(world, party):
    answer = ok(world.upload(party, LETTER))
    assert set(answer) == {"file_id"}
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", answer["file_id"])


def test_the_same_file_again_is_the_same_file(world, party):
    content = world.number("F").encode()
    first = ok(world.upload(party, content))["file_id"]
    world.forward(minutes=1)
    assert ok(world.upload(party, content))["file_id"] == first
    assert ok(world.upload(party, content, filename="other.png"))["file_id"] != first
    assert ok(world.upload(party, content + b"."))["file_id"] != first


def test_a_file_belongs_to_who_uploaded_it(world, institution, direct):
    assert ok(world.upload(institution, LETTER))["file_id"] != ok(world.upload(direct, LETTER))["file_id"]


def test_no_contract_is_needed(world, mode):
    ok(world.upload(world.new_party(mode, contract_date=None), LETTER))


@pytest.mark.parametrize("filename", ["a.pdf", "a.jpg", "a.bmp", "a.png", "合同.PDF", "n" * 124 + ".Jpg"])
def test_names_and_kinds(world, party, filename):
    ok(world.upload(party, LETTER, filename=filename))


def test_the_digest_in_capitals_and_by_its_other_name(world, party):
    digest = hashlib.sha256(LETTER).hexdigest()
    file_id = ok(world.upload(party, LETTER))["file_id"]
    assert ok(world.upload(party, LETTER, sha256=digest.upper()))["file_id"] == file_id
    assert ok(world.upload(party, LETTER, sha256=None, digest=digest))["file_id"] == file_id
    assert ok(world.upload(party, LETTER, digest=digest))["file_id"] == file_id


# ---- the form of the body ----


@pytest.mark.parametrize("content_type", ['multipart/form-data; boundary="{}"', "Multipart/Form-Data;boundary={}"])
@pytest.mark.parametrize("file_first", [False, True])
def test_parts_in_any_order_boundary_quoted_or_not(world, direct, content_type, file_first):
    parts = [(b"meta", told_of(LETTER)), (b"file", LETTER)]
    body = by_hand(b"a-Boundary_7", reversed(parts) if file_first else parts)
    ok(send(world, direct, body, content_type.format("a-Boundary_7"), told_of(LETTER)))


def test_what_is_signed_is_meta_as_it_was_sent(world, direct):
    """Blanks, escapes and order of its members included."""
    told = b'{ "sha256" : "%s",\n "filename":"\\u5408.pdf"}' % hashlib.sha256(LETTER).hexdigest().encode()
    parts = [part("meta", told), part("file", LETTER, "x")]
    ok(world.upload(direct, LETTER, parts=parts, signed=told))
    refused(world.upload(direct, LETTER, parts=parts, signed=told.replace(b" ", b"")), 401, "SIGN_ERROR", "Signature error")


def test_a_body_in_one_byte_pieces(world, direct):
    """The boundary may be cut anywhere."""
    content = b"\r\n--\r\n--a-Boundary\r"
    body = by_hand(b"a-Boundary_7", [(b"file", content), (b"meta", told_of(content))])
    head = {
        "Host": "localhost",
        "Accept": "*/*",
        "User-Agent": "t",
        "Content-Type": "multipart/form-data; boundary=a-Boundary_7",
        "Transfer-Encoding": "chunked",
        "Authorization": authorization(direct.caller, "POST", PATH, told_of(content)),
    }
    with RawConnection(world.program.api) as connection:
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        connection.send(f"POST {PATH} HTTP/1.1\r\n{lines}\r\n".encode())
        connection.send(b"".join(b"1\r\n" + body[i : i + 1] + b"\r\n" for i in range(len(body))) + b"0\r\n\r\n")
        ok(world.client.accept(connection.answer("POST", PATH), direct.caller))


def test_the_signature_comes_before_everything_in_the_body(world, direct):
    """Nothing of a body whose meta is not signed is believed, nor told to be wrong."""
    for parts in (
        [part("meta", told_of(b"other")), part("file", LETTER, "x")],
        [part("meta", b"no JSON"), part("file", LETTER, "x")],
        [part("file", LETTER, "x")],
        [part("meta", told_of(LETTER)), part("file", LETTER, "x"), part("more", b"1")],
    ):
        refused(world.upload(direct, LETTER, parts=parts, signed=b"{}"), 401, "SIGN_ERROR", "Signature error")


@pytest.mark.parametrize(
    "parts,field",
    [
        ([part("meta", told_of(LETTER))], "/file"),
        ([part("meta", told_of(LETTER)), part("file", b"", "x")], "/file"),
        ([part("meta", told_of(LETTER)), part("file", LETTER, "x"), part("file", LETTER, "x")], "/file"),
        ([part("meta", told_of(LETTER)), part("file", LETTER, "x"), part("meta", told_of(LETTER))], "/meta"),
        ([part("meta", told_of(LETTER)), part("file", LETTER, "x"), part("more", b"1")], "/more"),
    ],
    ids=["no file", "an empty file", "two files", "two metas", "an unknown part"],
)
def test_parts_that_are_wrong(world, party, parts, field):
    refused_parameter(world.upload(party, LETTER, parts=parts, signed=told_of(LETTER)), field, "body")


def test_without_meta_nothing_is_signed(world, direct):
    answer = world.upload(direct, LETTER, parts=[part("file", LETTER, "x")], signed=b"")
    refused_parameter(answer, "/meta", "body")


@pytest.mark.parametrize(
    "changed,field",
    [
        ({"filename": None}, "/meta/filename"),
        ({"filename": ""}, "/meta/filename"),
        ({"filename": "n" * 125 + ".pdf"}, "/meta/filename"),
        ({"filename": "letter.doc"}, "/meta/filename"),
        ({"filename": ".pdf"}, "/meta/filename"),
        ({"sha256": None}, "/meta/sha256"),
        ({"sha256": "0" * 64}, "/meta/sha256"),
        ({"sha256": "x" * 64}, "/meta/sha256"),
        ({"sha256": "0" * 63}, "/meta/sha256"),
        ({"sha256": 5}, "/meta/sha256"),
        ({"digest": "0" * 64}, "/meta/digest"),
        ({"nonsense": 1}, "/meta/nonsense"),
    ],
    ids=str,
)
def test_members_of_meta_that_are_wrong(world, party, changed, field):
    refused_parameter(world.upload(party, LETTER, **changed), field, "body")


def test_a_meta_that_is_no_json(world, direct):
    for told in (b"", b"filename", b"[]", b'{"filename":1,"filename":2}'):
        parts = [part("meta", told), part("file", LETTER, "x")]
        refused_parameter(world.upload(direct, LETTER, parts=parts, signed=told), "/meta", "body")


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=b"],
)
def test_a_body_of_another_form(world, direct, content_type):
    body = by_hand(b"b", [(b"meta", told_of(LETTER)), (b"file", LETTER)])
    answer = send(world, direct, body, content_type, b"")
    refused_parameter(answer, "", "body")
    assert "multipart/form-data" in answer.detail["issue"]


@pytest.mark.parametrize(
    "content_type, name, mistake, said",
    [
        ("multipart/form-data", b"meta", "FORM_BOUNDARY", "Content-Type has no boundary"),
        ("multipart/form-data; boundary=", b"meta", "FORM_BOUNDARY", "Content-Type has no boundary"),
        ("multipart/form-data; charset=utf-8", b"meta", "FORM_BOUNDARY", "Content-Type has no boundary"),
        ("application/json", b"meta", "FORM_TYPE", "is not multipart/form-data"),
        ("multipart/form-data; boundary=other", b"meta", "FORM_META", "begins with the boundary of Content-Type"),
        ("multipart/form-data; boundary=b7", b"Meta", "FORM_META", "no part named `meta`"),
    ],
)
def test_where_meta_cannot_be_found_the_diagnosis_says_so(world, direct, content_type, name, mistake, said):
    """As a library sends it that was given the header without its boundary: what was signed is right, and cannot be seen to be."""
    body = by_hand(b"b7", [(name, told_of(LETTER)), (b"file", LETTER)])
    answer = send(world, direct, body, content_type, told_of(LETTER))
    refused(answer, 401, "SIGN_ERROR", "Signature error")
    assert answer.json["diagnosis"]["mistake"] == mistake and said in answer.json["diagnosis"]["message"]


def test_a_wrong_signature_over_a_meta_that_is_there_is_looked_into(world, direct):
    body = by_hand(b"b7", [(b"meta", told_of(LETTER)), (b"file", LETTER)])
    answer = send(world, direct, body, "multipart/form-data; boundary=b7", b"")
    refused(answer, 401, "SIGN_ERROR", "Signature error")
    assert answer.json["diagnosis"]["mistake"] == "BODY_NOT_SIGNED"


def test_nothing_is_found_between_the_boundaries_of_another_body(world, direct):
    body = by_hand(b"b", [(b"meta", told_of(LETTER)), (b"file", LETTER)])
    answer = refused_parameter(send(world, direct, body, "multipart/form-data; boundary=other", b""), "", "body")
    assert "no part that begins with the boundary" in answer.detail["issue"]


def test_a_body_that_ends_too_soon(world, direct):
    body = by_hand(b"b7", [(b"meta", told_of(LETTER)), (b"file", LETTER)], end=b"")
    refused_parameter(send(world, direct, body[:-10], "multipart/form-data; boundary=b7", told_of(LETTER)), "", "body")


# ---- sizes ----


def test_a_file_of_5_mib(world, direct):
    content = bytes(5 * MIB)
    ok(world.upload(direct, content))
    answer = world.upload(direct, content + b"1")
    refused_parameter(answer, "/file", "body")
    assert "5 MiB" in answer.detail["issue"]


def too_large(upload, *arguments, **members):
    """Refused before the signature could be looked at, so the answer is not signed. Who takes more than two seconds for the rest is not heard
    out, and may not get to see it: then once more."""
    for attempt in range(5):
        with contextlib.suppress(*[requests.ConnectionError] * (attempt < 4)):
            return refused(upload(*arguments, **members), 413, "INVALID_REQUEST", "5 MiB and 64 KiB")


def test_a_body_of_more_than_5_mib_and_64_kib(world, direct):
    too_large(world.upload, direct, bytes(5 * MIB + 64 * 1024))


def test_a_meta_of_more_than_64_kib(world, direct):
    told = told_of(LETTER, more="1" * 64 * 1024)
    parts = [part("meta", told), part("file", LETTER, "x")]
    too_large(world.upload, direct, LETTER, parts=parts, signed=told)


def test_only_this_path_takes_large_bodies(world, direct):
    body = by_hand(b"b7", [(b"meta", told_of(LETTER)), (b"file", bytes(64 * 1024))])
    too_large(world.client.send, direct.caller, "POST", f"{SHARING}/receivers", body)


# ---- what it is for ----


def test_papers_of_a_receiver(world, party):
    letter = ok(world.upload(party, LETTER))["file_id"]
    proof = ok(world.upload(party, LETTER + b"2", filename="proof.png"))["file_id"]
    account = world.new_mchid()
    added = ok(world.add_receiver(party, account, application_file_id=letter, partnership_file_id=proof))
    assert (added["application_file_id"], added["partnership_file_id"]) == (letter, proof)
    found = ok(world.query_receiver(party, account))
    assert (found["application_file_id"], found["partnership_file_id"]) == (letter, proof)


@pytest.mark.parametrize("name", ["application_file_id", "partnership_file_id"])
def test_papers_that_were_not_uploaded(world, institution, direct, name):
    foreign = ok(world.upload(direct, LETTER))["file_id"]
    for file_id in (foreign, "de851a06-5a38-9d31-a102-275a17c477de"):
        account = world.new_mchid()
        answer = world.add_receiver(institution, account, **{name: file_id})
        refused_parameter(answer, f"/{name}", "body", file_id)
        refused(world.query_receiver(institution, account), 404, "RESOURCE_NOT_EXISTS")


def test_a_child_s_receiver_has_papers_of_its_institution(world, institution):
    letter = ok(world.upload(institution, LETTER))["file_id"]
    ok(world.add_receiver(world.other_child(), world.new_mchid(), application_file_id=letter))
