"""The doctor in the server: whose keys it tries, how much of it there is, what it says before a signature is looked at"""

import dataclasses
import itertools
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from answers import ok
from client import PATIENCE, SCHEME
from raw import RawConnection
from signers import draft

BALANCE = "/v3/global/profit-sharing/refunds/refundable-balance"
A_SECOND = 50  # so many requests of all senders together are looked into


def shape_of(shapes, name):
    return next(shape for shape in shapes if shape.name == name)


@pytest.fixture
def plain(shapes):
    return shape_of(shapes, "no_query")


def diagnosis_of(answer):
    assert answer.status == 401, str(answer)
    return answer.json.get("diagnosis")


# ---- whose keys ----


def test_another_certificate_of_the_same_merchant(world, ask, plain):
    """Changed for a new one, but the old private key is still in use."""
    party = world.new_direct()
    old = world.credentials(party.sponsor)
    world.control.change_merchant(party.sponsor, certificate="rotate")
    new = world.credentials(party.sponsor)
    signed = draft(dataclasses.replace(plain, caller=new))
    signed.key = old.key
    assert diagnosis_of(ask(signed.request()))["mistake"] == "KEY_OTHER_CERTIFICATE"


def test_a_key_of_somebody_else_is_never_tried(world, ask, plain, institution, direct):
    """A right message signed with a key that the server knows as another's, and with one that it does not know: the answers do not differ."""
    foreign = [institution.caller, world.new_direct().caller]
    known = []
    for key in [one.key for one in foreign] + [rsa.generate_private_key(65537, 2048)]:
        signed = draft(dataclasses.replace(plain, caller=direct.caller))
        signed.key = key
        answer = ask(signed.request())
        known.append(diagnosis_of(answer))
        for one in foreign:
            assert one.mchid.encode() not in answer.body and one.serial_no.encode() not in answer.body
    assert known[0] == known[1] == known[2]
    assert known[0]["mistake"] == "UNKNOWN"


def test_a_serial_number_of_somebody_else_is_not_talked_about(ask, plain, institution, direct):
    """Neither in its own spelling nor in another: as of one that nobody has."""
    answers = []
    for serial in (institution.caller.serial_no, ":".join(re.findall("..", institution.caller.serial_no)), "0" + institution.caller.serial_no[:30], "6" * 40):
        signed = draft(plain)
        signed.header["serial_no"] = serial
        answers.append(ask.plainly(signed.request()))
    assert {(answer.number, answer.body) for answer in answers} == {(answers[0].number, answers[0].body)}
    diagnosis = diagnosis_of(answers[0])
    assert diagnosis["mistake"] == "SERIAL_UNKNOWN" and institution.caller.serial_no.encode() not in answers[0].body
    assert diagnosis["message"].endswith(f"These would do here: {plain.caller.serial_no}")


# ---- four parameters ----


def test_four_parameters_signed_in_any_other_order(ask, plain):
    """All 23 of them, not only sorted and backwards."""
    path, parameters = "/v3/global/settle/settlements", ["settle_state=UNSETTLE", "limit=5", "offset=0", "sub_mchid=1900000109"]
    sent = f"{path}?{'&'.join(parameters)}"
    for order in list(itertools.permutations(parameters))[1:]:
        signed = f"{path}?{'&'.join(order)}"
        request = draft(dataclasses.replace(plain, target=signed)).request()
        assert request.count(signed.encode()) == 1
        diagnosis = diagnosis_of(ask(request.replace(signed.encode(), sent.encode())))
        assert diagnosis["mistake"] == "QUERY_ORDER", order


# ---- serial number, clock, header ----


def spelled(ask, plain, serial):
    signed = draft(plain)
    signed.header["serial_no"] = serial
    return ask.plainly(signed.request())


def test_the_own_serial_number_in_another_spelling(ask, plain):
    serial = plain.caller.serial_no
    for spelling in ("00" + serial, ":".join(re.findall("..", serial)), "0x" + serial, str(int(serial, 16))):
        assert diagnosis_of(spelled(ask, plain, spelling))["mistake"] == "SERIAL_SPELLING", spelling


def test_the_platform_s_serial_number(server, ask, plain):
    for certificate in (server.data / "platform").glob("*.pem"):
        assert diagnosis_of(spelled(ask, plain, certificate.stem))["mistake"] == "SERIAL_PLATFORM"


def test_the_serial_numbers_that_would_do_are_those_in_force(world, ask, plain):
    party = world.new_direct()
    old = world.credentials(party.sponsor)
    world.control.change_merchant(party.sponsor, certificate="rotate")
    new = world.credentials(party.sponsor)
    message = diagnosis_of(spelled(ask, dataclasses.replace(plain, caller=new), "6" * 40))["message"]
    assert message.endswith(f": {new.serial_no}") and old.serial_no not in message
    world.control.change_merchant(party.sponsor, certificate="revoked")
    diagnosis = diagnosis_of(spelled(ask, dataclasses.replace(plain, caller=new), "6" * 40))
    assert diagnosis["mistake"] == "SERIAL_UNKNOWN" and "would do" not in diagnosis["message"]


def test_a_merchant_that_nobody_is_and_a_sub_merchant(world, ask, plain, institution):
    """The first of those that can call are named, and a sub-merchant is not among them."""
    known = sorted(one["mchid"] for one in world.control.get("/merchants")["merchants"] if one["kind"] != "sub")
    for mchid in ("1999999999", institution.sub_mchid):
        signed = draft(plain)
        signed.header["mchid"] = mchid
        diagnosis = diagnosis_of(ask.plainly(signed.request()))
        assert diagnosis["mistake"] == "MCHID_UNKNOWN" and "not of a sub-merchant" in diagnosis["message"]
        listed = diagnosis["message"].rpartition(": ")[2].split(", ")
        assert listed == known[:5] + ["…"] * (len(known) > 5)


def test_what_would_do_in_chinese(ask, plain):
    signed = draft(plain)
    signed.header["serial_no"] = "6" * 40
    request = signed.request().replace(b"\r\nAccept:", b"\r\nAccept-Language: zh-CN\r\nAccept:", 1)
    assert diagnosis_of(ask.plainly(request))["message"].endswith(f"。此处可用：{plain.caller.serial_no}")


@pytest.mark.parametrize("word, mistake", [("Bearer ", "SCHEME_OTHER"), ("WECHATPAY2-RSA ", "SCHEME_OTHER"), (SCHEME.lower() + " ", "SCHEME_OTHER"),
                                           ("WECHATPAY2-SM2-WITH-SM3 ", "SCHEME_OTHER"), ("", "SCHEME_MISSING")])
def test_another_scheme(ask, plain, word, mistake):
    answer = ask.plainly(draft(plain).request().replace(SCHEME.encode() + b" ", word.encode()))
    assert diagnosis_of(answer)["mistake"] == mistake and SCHEME in diagnosis_of(answer)["message"]


@pytest.mark.parametrize("off,mistake", [(28800, "TIMESTAMP_ZONE"), (-1000, "TIMESTAMP_CLOCK"), (-400, "TIMESTAMP_CLOCK")])
def test_a_wrong_clock(ask, plain, off, mistake):
    signed = draft(plain, timestamp=str(int(time.time()) + off))
    diagnosis = diagnosis_of(ask.plainly(signed.request()))
    assert diagnosis["mistake"] == mistake
    told = int(re.search(r"(\d+) seconds", diagnosis["message"])[1])
    assert abs(told - abs(off)) <= 5 * PATIENCE


def test_milliseconds_in_the_header(ask, plain):
    signed = draft(plain, timestamp=str(int(time.time() * 1000)))
    assert diagnosis_of(ask.plainly(signed.request()))["mistake"] == "TIMESTAMP_NOT_SECONDS"


@pytest.mark.parametrize("member", ["mchid", "nonce_str", "signature", "timestamp", "serial_no"])
def test_the_member_that_is_missing(ask, plain, member):
    signed = draft(plain)
    signed.header[member] = None
    diagnosis = diagnosis_of(ask.plainly(signed.request()))
    assert diagnosis["mistake"] == "MEMBER_MISSING" and f"({member})" in diagnosis["message"]


def test_blanks_instead_of_commas(ask, plain):
    signed = draft(plain)
    signed.join = " "
    assert diagnosis_of(ask.plainly(signed.request()))["mistake"] == "MEMBERS_JOINED"


def test_no_authorization(ask, plain):
    request = re.sub(rb"Authorization: [^\r]*\r\n", b"", draft(plain).request())
    assert diagnosis_of(ask.plainly(request))["mistake"] == "AUTHORIZATION_MISSING"


def test_two_authorizations(ask, plain):
    signed = draft(plain)
    request = signed.request().replace(b"\r\nAccept", f"\r\nAuthorization: {signed.authorization()}\r\nAccept".encode(), 1)
    assert diagnosis_of(ask.plainly(request))["mistake"] == "AUTHORIZATION_TWICE"


def test_other_refusals_have_no_diagnosis(world, plain):
    answer = world.client.get(plain.caller, "/v3/global/nothing")
    assert answer.status == 404 and "diagnosis" not in answer.json


def test_a_refusal_on_demand_is_nobody_s_mistake(world, plain):
    """The signature is good: there is nothing to find."""
    answer = world.client.get(plain.caller, BALANCE, headers={"Wechatpay-Negative-Test": "SIGN_ERROR"})
    assert answer.status == 401 and "diagnosis" not in answer.json


def test_in_chinese(ask, plain):
    signed = draft(plain)
    signed.last_end = False
    answer = ask(signed.request().replace(b"\r\nAccept:", b"\r\nAccept-Language: zh-CN\r\nAccept:", 1))
    diagnosis = diagnosis_of(answer)
    assert diagnosis["mistake"] == "LAST_NEWLINE_MISSING" and "换行符" in diagnosis["message"]


def test_in_chinese_the_member_and_the_seconds_are_told_too(ask, plain):
    def told(signed):
        return diagnosis_of(ask.plainly(signed.request().replace(b"\r\nAccept:", b"\r\nAccept-Language: zh-CN\r\nAccept:", 1)))["message"]

    lacking = draft(plain)
    lacking.header["nonce_str"] = None
    assert told(lacking).endswith("（nonce_str）")
    assert re.search("（比服务器时钟慢4[0-9][0-9]秒）$", told(draft(plain, timestamp=str(int(time.time()) - 400))))
    assert re.search("（比服务器时钟快[34][0-9][0-9]秒）$", told(draft(plain, timestamp=str(int(time.time()) + 400))))


# ---- the request log ----


def test_the_log_keeps_the_mistake_and_no_secrets(world, shapes, ask):
    """The place in the body is shown to the sender alone: it may be in the middle of a name."""
    shape = shape_of(shapes, "delete")
    signed = draft(shape)
    signed.lines[4] = shape.body.replace("张三/é".encode(), "张三\\/é".encode())
    answer = ask(signed.request(), "DELETE", shape.target)
    diagnosis = diagnosis_of(answer)
    assert diagnosis["mistake"] == "BODY_RESERIALISED" and "张三" in diagnosis["expected"]
    record = world.control.get("/requests/" + answer.header("Request-ID"))
    assert "张三" not in json.dumps(record, ensure_ascii=False)
    kept = json.loads(record["answer"]["body"])
    assert kept["diagnosis"] == {**diagnosis, "signed": "***", "expected": "***"}
    told = kept["detail"]["sign_information"]
    assert told["url"] == shape.target and told["truncated_sign_message"].startswith(f"DELETE\n{shape.target}\n")


# ---- how much of it there is ----


def wrong_request(plain):
    signed = draft(plain)
    signed.last_end = False
    return signed.request()


@pytest.mark.concurrent
def test_50_a_second_are_looked_into(server, ask, plain):
    """Of all senders together; beyond that the answer is the 401 as it always was. Counted over whole seconds, from outside. Sixty are
    sent at a time, so that there are too many however busy this machine is."""
    requests = b"".join(wrong_request(plain) for _ in range(60))
    time.sleep(1.1)
    begin = time.monotonic()

    def send_all(_):
        seen = []
        with RawConnection(server.api) as connection:
            while time.monotonic() < begin + 3:
                connection.send(requests)
                for _ in range(60):
                    answer = connection.answer("GET", BALANCE)
                    assert answer.status == 401
                    seen.append("diagnosis" in answer.json)
        return seen

    with ThreadPoolExecutor(4) as pool:
        seen = sum(pool.map(send_all, range(4)), [])
    lasted, diagnosed = time.monotonic() - begin, sum(seen)
    assert diagnosed <= A_SECOND * (int(lasted) + 2)  # the seconds at both ends are not whole
    assert diagnosed >= A_SECOND
    ok(ask(draft(plain).request()))  # good requests go on
    time.sleep(1.1)
    assert diagnosis_of(ask.plainly(wrong_request(plain)))["mistake"] == "LAST_NEWLINE_MISSING"
    if len(seen) == diagnosed:
        pytest.skip(f"{len(seen)} requests took {lasted:.1f} s here: they were never more than 50 a second")


def test_a_refusal_with_a_diagnosis_comes_soon(shapes, ask):
    """The largest body, and nothing to be found."""
    shape = dataclasses.replace(shape_of(shapes, "post"), body=b'{"a":["' + b"x" * 65000 + b'"]}')
    took = []
    for _ in range(9):
        signed = draft(shape)
        signed.lines[1] = b"/another"
        request = signed.request()
        begin = time.monotonic()
        assert diagnosis_of(ask.plainly(request, "POST", shape.target))["mistake"] == "UNKNOWN"
        took.append(time.monotonic() - begin)
    assert min(took) < 0.05 * PATIENCE  # the rest is what else this machine does
