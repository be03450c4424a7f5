"""Request signatures: ten reasons for 401, the 300 seconds by either clock, and the answers' own signatures"""

import base64
import dataclasses
import re
import time
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

import times
from answers import ok, refused
from client import PATIENCE, SCHEME, authorization, request_message
from raw import RawConnection, request_bytes
from world import SHARING

BALANCE = f"{SHARING}/refunds/refundable-balance"
PATHS = {"/v3/global": (BALANCE, "SIGN_ERROR"), "/hk/v3": ("/hk/v3/certificates", "SIGNERROR")}

MALFORMED = "missing or malformed"
WRONG_SCHEME = "Authorization type in the HTTP header is not correct"
TOO_LATE = "more than 5 minutes off"
WRONG_SERIAL = "certificate serial number is wrong"
MISMATCH = "Signature error"


@pytest.fixture
def asked(prefix):
    """(path, code of a 401) under each prefix."""
    return PATHS[prefix]


def send_raw(world, credentials, target, header, headers=None):
    """A GET with exactly this Authorization header (None: without)."""
    more = {**({} if header is None else {"Authorization": header}), **(headers or {})}
    with RawConnection(world.program.api) as connection:
        connection.send(request_bytes(None, "GET", target, headers=more))
        return world.client.accept(connection.answer("GET", target), credentials)


# ---- good signatures ----


def test_members_in_any_order_blanks_allowed(world, direct):
    members = re.findall(r'\w+="[^"]*"', authorization(direct.caller, "GET", BALANCE))
    assert len(members) == 5
    for order in (members, members[::-1], members[2:] + members[:2]):
        for joint in (",", ", ", " , "):
            ok(send_raw(world, direct.caller, BALANCE, f"{SCHEME} {joint.join(order)}"))


@pytest.mark.parametrize("nonce", ["5K8264ILTKCH16CQ2502SI8ZNMTM67VS", "0123456789", "x", "cg55d1ns.c25", "n" * 64])
def test_nonces_of_any_length(world, direct, nonce):
    ok(world.client.get(direct.caller, BALANCE, nonce=nonce))


def test_a_serial_number_in_lower_case(world, direct):
    """wechatpay-node-v3 reads it out of the certificate and sends it so."""
    ok(world.client.get(direct.caller, BALANCE, serial_no=direct.caller.serial_no.lower()))


def test_the_signature_covers_the_target_as_sent(world, institution):
    """Escapes included: nothing is decoded and encoded again. Names that this API has not are found after the signature was good."""
    child = institution.sub_mchid
    good = ("", "?", "?&", f"?sub%5Fmchid={child}", f"?sub%5fmchid=%3{child[0]}{child[1:]}", f"?&&sub_mchid={child}&")
    undefined = ("?a=%7e", "?a=~", "?a=%2F%2f", "?b=1&a=2&", "?a=b=c", "?%41=1")
    with RawConnection(world.program.api) as connection:
        for query in good + undefined:
            connection.send(request_bytes(institution.caller, "GET", BALANCE + query))
            answer = world.client.accept(connection.answer("GET", BALANCE + query), institution.caller)
            assert answer.status == (200 if query in good else 400), str(answer)


def test_the_signature_covers_the_body_as_sent(world, direct):
    """Line ends and blanks in a body are part of it."""
    number = world.number("T")
    body = '{\r\n  "out_trade_no" : "%s",\n"currency":"CNY" }\n' % number
    assert world.client.post(direct.caller, f"{SHARING}/transactions/mark", body.encode()).status == 204


def test_accept_content_type_and_host_as_libraries_send_them(world, direct):
    for headers in (
        {"Accept": "*/*"},
        {"Accept": " */*"},
        {"Accept": "application/json; charset=UTF-8"},
        {"Accept": "text/html, application/json;q=0.9"},
        {"Content-Type": "application/json"},
        {"Host": "api.mch.weixin.qq.com"},
        {"Wechatpay-Serial": ""},
        {"Wechatpay-Serial": "PUB_KEY_ID_0116400102672024"},
    ):
        header = authorization(direct.caller, "GET", BALANCE)
        ok(send_raw(world, direct.caller, BALANCE, header, headers))


# ---- 401: malformed, scheme ----


@pytest.mark.parametrize("header", [None, "", SCHEME, SCHEME + " ", SCHEME + " nonsense", SCHEME + " ,,,,"])
def test_without_a_signature(world, direct, asked, header):
    path, code = asked
    answer = send_raw(world, direct.caller, path, header)
    refused(answer, 401, code, MALFORMED)


@pytest.mark.parametrize("name", ["mchid", "nonce_str", "signature", "timestamp", "serial_no"])
def test_each_member_has_to_be_there(world, direct, asked, name):
    path, code = asked
    header = re.sub(rf'{name}="[^"]*",?', "", authorization(direct.caller, "GET", path)).rstrip(",")
    refused(send_raw(world, direct.caller, path, header), 401, code, MALFORMED)


@pytest.mark.parametrize("name", ["mchid", "nonce_str", "signature", "timestamp", "serial_no"])
def test_each_member_only_once(world, direct, name):
    header = authorization(direct.caller, "GET", BALANCE)
    doubled = header + "," + re.search(rf'{name}="[^"]*"', header)[0]
    refused(send_raw(world, direct.caller, BALANCE, doubled), 401, "SIGN_ERROR", MALFORMED)


@pytest.mark.parametrize(
    "changed",
    [
        {"mchid": "1" * 33},
        {"nonce_str": "n" * 129},
        {"serial_no": "5" * 65},
        {"timestamp": ""},
        {"timestamp": "soon"},
        {"timestamp": "-5"},
        {"timestamp": "1" * 13},
        {"timestamp": "1554208460.5"},
        {"stranger": "x"},
    ],
    ids=str,
)
def test_members_that_break_the_grammar(world, direct, changed):
    header = authorization(direct.caller, "GET", BALANCE, **changed)
    refused(send_raw(world, direct.caller, BALANCE, header), 401, "SIGN_ERROR", MALFORMED)


def test_quotes_are_needed(world, direct):
    header = authorization(direct.caller, "GET", BALANCE).replace('"', "")
    refused(send_raw(world, direct.caller, BALANCE, header), 401, "SIGN_ERROR", MALFORMED)


@pytest.mark.parametrize("scheme", ["WECHATPAY2-SM2-WITH-SM3", "Bearer", "WECHATPAY2-SHA256-RSA2049"])
def test_another_scheme(world, direct, asked, scheme):
    path, code = asked
    header = authorization(direct.caller, "GET", path, scheme=scheme)
    refused(send_raw(world, direct.caller, path, header), 401, code, WRONG_SCHEME)


# ---- 401: the signature does not verify ----


def test_a_signature_of_something_else(world, direct, asked):
    path, code = asked
    header = authorization(direct.caller, "GET", path + "?another=1")
    answer = refused(send_raw(world, direct.caller, path, header), 401, code, MISMATCH)
    assert answer.number == 270283348


@pytest.mark.parametrize("signature", ["", "nonsense", "AAAA", base64.b64encode(b"x" * 256).decode(), "=" * 344, "A" * 1000])
def test_a_signature_that_is_none(world, direct, signature):
    answer = world.client.get(direct.caller, BALANCE, signature=signature)
    assert answer.status == 401 and answer.json["code"] == "SIGN_ERROR"


def test_the_probe_of_the_vendor_is_any_bad_signature(world, direct):
    answer = world.client.get(direct.caller, BALANCE, signature="WECHATPAY/SIGNTEST/" + "A" * 320)
    refused(answer, 401, "SIGN_ERROR", MISMATCH)


def test_another_s_key(world, direct, institution):
    stranger = dataclasses.replace(direct.caller, key=institution.caller.key)
    refused(world.client.get(stranger, BALANCE), 401, "SIGN_ERROR", MISMATCH)
    unknown = dataclasses.replace(direct.caller, key=rsa.generate_private_key(65537, 2048))
    refused(world.client.get(unknown, BALANCE), 401, "SIGN_ERROR", MISMATCH)


def test_a_body_that_was_changed_on_its_way(world, direct):
    target = f"{SHARING}/transactions/mark"
    body = {"out_trade_no": world.number("T"), "currency": "CNY"}
    request = request_bytes(direct.caller, "POST", target, body)
    with RawConnection(world.program.api) as connection:
        connection.send(request.replace(b'"CNY"', b'"CNy"'))
        answer = connection.answer("POST", target)
    refused(world.client.accept(answer), 401, "SIGN_ERROR", MISMATCH)


def test_what_was_signed_is_told_for_a_get(world, direct):
    """`detail` nested in `detail`, and the message as the server understood it."""
    target = BALANCE + "?a=1"
    now = int(time.time())
    header = authorization(direct.caller, "GET", BALANCE, timestamp=now, nonce="cg55d1ns.c25")
    answer = refused(send_raw(world, direct.caller, target, header), 401, "SIGN_ERROR", MISMATCH)
    message = request_message("GET", target, now, "cg55d1ns.c25", b"")
    assert answer.detail == {
        "detail": {"issue": "sign not match"},
        "field": "signature",
        "location": "authorization",
        "sign_information": {
            "method": "GET",
            "url": target,
            "truncated_sign_message": message.decode(),
            "sign_message_length": len(message),
        },
    }


def test_of_a_body_the_first_eight_characters_are_told(world, direct):
    target = f"{SHARING}/transactions/mark"
    for body, beginning in (
        ('{"currency":"CNY","out_trade_no":"T000001"}', '{"curren'),
        ("分账分账分账分账分账", "分账分账分账分账"),
        ("12345678", "12345678"),
        ("{}", "{}"),
    ):
        now = int(time.time())
        answer = world.client.post(
            direct.caller, target, body.encode(), timestamp=now, nonce="abc", signature=base64.b64encode(b"x" * 256).decode()
        )
        information = refused(answer, 401, "SIGN_ERROR", MISMATCH).detail["sign_information"]
        assert information == {
            "method": "POST",
            "url": target,
            "truncated_sign_message": f"POST\n{target}\n{now}\nabc\n{beginning}\n",
            "sign_message_length": len(request_message("POST", target, now, "abc", body.encode())),
        }


# ---- 401: certificate and key, by their state ----


def test_a_serial_number_that_is_wrong(world, direct, institution, asked):
    path, code = asked
    for serial in ("0" * 40, institution.caller.serial_no, "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"):
        answer = world.client.get(direct.caller, path, serial_no=serial)
        refused(answer, 401, code, WRONG_SERIAL)


@pytest.mark.parametrize(
    "state,text",
    [
        ("expired", "certificate has expired"),
        ("revoked", "certificate has been revoked"),
        ("none", "never applied for an API certificate"),
    ],
)
def test_a_certificate_s_state(world, asked, state, text):
    path, code = asked
    party = world.new_direct()
    world.control.change_merchant(party.sponsor, certificate=state)
    refused(world.client.get(party.caller, path), 401, code, text)
    if state != "none":
        world.control.change_merchant(party.sponsor, certificate="valid")
        ok(world.client.get(party.caller, path))


def test_a_certificate_that_was_replaced(world, asked):
    path, code = asked
    party = world.new_direct()
    world.control.change_merchant(party.sponsor, certificate="rotate")
    refused(world.client.get(party.caller, path), 401, code, "certificate has been replaced")
    renewed = world.credentials(party.sponsor)
    assert renewed.serial_no != party.caller.serial_no
    ok(world.client.get(renewed, path))


def test_without_an_apiv3_key(world, asked):
    path, code = asked
    party = world.new_direct()
    world.control.change_merchant(party.sponsor, apiv3_key="none")
    refused(world.client.get(party.caller, path), 401, code, "has not set an APIv3 key")
    world.control.change_merchant(party.sponsor, apiv3_key="set")
    ok(world.client.get(party.caller, path))


def test_a_merchant_that_nobody_knows(world, direct):
    stranger = dataclasses.replace(direct.caller, mchid="1000000001")
    answer = world.client.get(stranger, BALANCE)
    assert answer.status == 401 and answer.json["code"] == "SIGN_ERROR"


# ---- messages in the caller's language ----


@pytest.mark.parametrize("language", ["zh-CN", "zh", "zh-HK,zh;q=0.8,en;q=0.5", "zh-TW"])
def test_messages_in_chinese(world, direct, asked, language):
    path, code = asked
    for header, text in (
        (None, "Authorization值缺失或格式错误"),
        (authorization(direct.caller, "GET", path, scheme="Bearer"), "认证类型不正确"),
        (authorization(direct.caller, "GET", path, timestamp=1), "不得超过5分钟"),
        (authorization(direct.caller, "GET", path, serial_no="0" * 40), "商户证书序列号有误"),
        (authorization(direct.caller, "GET", path + "?a"), "签名错误"),
    ):
        refused(send_raw(world, direct.caller, path, header, {"Accept-Language": language}), 401, code, text)


@pytest.mark.parametrize("language", [None, "en", "en-US,zh;q=0.5", "fr", "", ";;;", "q" * 500])
def test_messages_in_english_otherwise(world, direct, language):
    headers = {} if language is None else {"Accept-Language": language}
    refused(send_raw(world, direct.caller, BALANCE, None, headers), 401, "SIGN_ERROR", MALFORMED)


# ---- 300 seconds ----


def within_a_second(ask):
    """Calls ask(second) just after a tick of the clock; once more where a busy machine answers in another second."""
    for _ in range(20):
        time.sleep(1.005 - time.time() % 1)
        second = int(time.time())
        answer = ask(second)
        if int(time.time()) == second:
            break
    return answer


@pytest.mark.parametrize("offset,accepted", [(-301, False), (-300, True), (300, True), (301, False)])
def test_300_seconds_by_the_real_clock(world, direct, asked, offset, accepted):
    path, code = asked
    answer = within_a_second(lambda second: world.client.get(direct.caller, path, timestamp=second + offset))
    if accepted:
        ok(answer)
        assert abs(int(answer.header("Wechatpay-Timestamp")) - time.time()) < 5 * PATIENCE
    else:
        refused(answer, 401, code, TOO_LATE)


@pytest.mark.parametrize("offset,accepted", [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_300_seconds_by_book_time(world, direct, asked, offset, accepted):
    """The book's clock stands still, years away from the real one perhaps: it counts as well."""
    path, code = asked
    real = datetime.now(times.BEIJING)
    if abs(world.now() - real) < timedelta(days=1):
        world.forward(days=40)
    book = int(world.now().timestamp())
    answer = world.client.get(direct.caller, path, timestamp=book + offset)
    if accepted:
        ok(answer)
        assert int(answer.header("Wechatpay-Timestamp")) == book
    else:
        refused(answer, 401, code, TOO_LATE)


def test_an_answer_carries_the_clock_its_request_used(world, direct):
    world.forward(days=40)
    book = int(world.now().timestamp())
    by_book = world.client.get(direct.caller, BALANCE, timestamp=book)
    by_wire = world.client.get(direct.caller, BALANCE)
    assert int(by_book.header("Wechatpay-Timestamp")) == book
    assert abs(int(by_wire.header("Wechatpay-Timestamp")) - time.time()) < 5 * PATIENCE


# ---- the answers' own signature ----


def test_a_refusal_is_signed_too(world, direct):
    """answers.check verifies every answer but a 401: here is one of each kind."""
    for answer in (
        world.balance(direct),
        world.balance(direct, sub_mchid="1" * 33),
        world.mark(direct, world.number("T")),
        world.client.get(direct.caller, "/v3/global/nothing"),
        world.client.post(direct.caller, BALANCE, {}),
    ):
        assert answer.header("Wechatpay-Signature")


def test_a_401_is_not_signed(world, direct):
    answer = world.client.get(direct.caller, BALANCE, timestamp=1)
    assert [name for name, _ in answer.headers if name.startswith("Wechatpay-")] == []


def test_nonces_and_request_ids_do_not_repeat(world, direct):
    answers = [world.balance(direct) for _ in range(20)]
    assert len({answer.header("Wechatpay-Nonce") for answer in answers}) == 20
    assert len({answer.header("Request-ID") for answer in answers}) == 20
