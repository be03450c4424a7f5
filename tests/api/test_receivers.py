"""Add, query and delete receivers: POST and DELETE /v3/global/profit-sharing/receivers, GET …/receivers/{account}"""

import base64
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from answers import ok, refused, refused_parameter
from client import authorization
from control import ControlError
from raw import RawConnection, request_bytes
from world import AUDIT_DONE, SHARING, WORK_DONE


def current_platform_certificate(world, party):
    """(serial, public key) of the certificate that signs answers now."""
    serial = world.balance(party).header("Wechatpay-Serial")
    return serial, world.client.platform.key(serial)


def sealed(public_key, text):
    """RSAES-OAEP with SHA-1, as the API rules have it."""
    scheme = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    return base64.b64encode(public_key.encrypt(text.encode(), scheme)).decode()


def test_it_is_audited_for_a_minute(world, party):
    account = world.new_mchid()
    added = ok(world.add_receiver(party, account))
    assert (added["account"], added["type"], added["relation_type"]) == (account, "MERCHANT_ID", "SUPPLIER")
    assert added.get("sub_mchid") == party.sub_mchid
    assert added["state"] == "INIT"
    world.forward(seconds=59)
    assert ok(world.query_receiver(party, account))["state"] == "INIT"
    world.forward(seconds=1)
    found = ok(world.query_receiver(party, account))
    assert (found["account"], found["type"], found["state"]) == (account, "MERCHANT_ID", "EFFECTIVE")


@pytest.mark.parametrize(
    "relation", ["SUPPLIER", "DISTRIBUTOR", "TAX_SERVICE_PROVIDER", "IT_SERVICE_PROVIDER", "SERVICE_PROVIDER"]
)
def test_relations(world, party, relation):
    account = world.new_mchid()
    assert ok(world.add_receiver(party, account, relation_type=relation))["relation_type"] == relation


def test_a_relation_of_one_s_own(world, party):
    account = world.new_mchid()
    added = ok(world.add_receiver(party, account, relation_type="CUSTOM", custom_relation="franchise"))
    assert added["relation_type"] == "CUSTOM"
    refused(world.add_receiver(party, world.new_mchid(), relation_type="CUSTOM"), 400, "PARAM_ERROR")


def test_not_twice_while_init_or_effective(world, party):
    account = world.new_mchid()
    ok(world.add_receiver(party, account))
    refused(world.add_receiver(party, account), 400, "INVALID_REQUEST", "already added")
    world.forward(minutes=1)
    refused(world.add_receiver(party, account), 400, "INVALID_REQUEST", "already added")


def test_each_child_has_its_own_relations(world, institution):
    account = world.new_mchid()
    other = world.other_child()
    ok(world.add_receiver(institution, account))
    refused(world.query_receiver(other, account), 404, "RESOURCE_NOT_EXISTS", "never added")
    ok(world.add_receiver(other, account))


def test_one_that_was_never_added(world, party):
    refused(world.query_receiver(party, world.new_mchid()), 404, "RESOURCE_NOT_EXISTS", "never added")


def test_persons_need_an_appid(world, institution):
    for kind, name in (("PERSONAL_OPENID", "appid"), ("PERSONAL_SUB_OPENID", "sub_appid")):
        openid = "o" + world.number("P")
        refused(world.add_receiver(institution, openid, type=kind), 400, "INVALID_REQUEST", name)
        added = ok(world.add_receiver(institution, openid, type=kind, **{name: "wx8888888888888888"}))
        assert (added["account"], added["type"]) == (openid, kind)


# ---- the name is sealed for the platform ----


def test_a_name_that_only_the_platform_can_read(world, party):
    serial, key = current_platform_certificate(world, party)
    answer = world.add_receiver(
        party, world.new_mchid(), name=sealed(key, "深圳市某某供应商"), headers={"Wechatpay-Serial": serial}
    )
    assert ok(answer)["state"] == "INIT"


def not_sealed(world, key):
    """Plain text, plain text in base64, other paddings and hashes, noise, a changed block, half a block, another's key, nothing, a NUL."""
    wrong = [padding.PKCS1v15(), padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None),
             padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA1(), None), padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA256(), None)]
    good = sealed(key, "somebody")
    other = world.credentials(world.merchant("direct")).key.public_key()
    return ["somebody", "张三", base64.b64encode(b"somebody").decode(), *(base64.b64encode(key.encrypt(b"somebody", scheme)).decode() for scheme in wrong),
            "A" * 344, good[:-8] + "AAAAAAA=", good[:172], good[:-2], sealed(other, "somebody"), sealed(key, ""), sealed(key, "some\0body")]


def test_a_name_that_was_not_sealed_as_demanded(world, party):
    """In both places that have one: the receiver and the slice."""
    serial, key = current_platform_certificate(world, party)
    order = world.paid(party, 1000)
    headers = {"Wechatpay-Serial": serial}
    for name in not_sealed(world, key):
        body = {**party.in_distribution(), "transaction_id": order.transaction_id, "out_order_no": world.number("D"), "unfreeze_unsplit": False,
                "receivers": [world.slice("1", 10), world.slice("2", 10, name=name)]}
        for answer, field in (
            (world.add_receiver(party, world.new_mchid(), name=name, headers=headers), "/name"),
            (world.client.post(party.caller, f"{SHARING}/orders", body, headers=headers), "/receivers/1/name"),
        ):
            refused(answer, 400, "PARAM_ERROR", "encrypted field cannot be opened")
            assert answer.detail == {"field": field, "value": "", "location": "body", "issue": "is not text that was sealed as demanded: by "
                                     "RSAES-OAEP with SHA-1 for the key that Wechatpay-Serial names, in base64"}


def test_the_serial_number_in_lower_case(world, party):
    serial, key = current_platform_certificate(world, party)
    ok(world.add_receiver(party, world.new_mchid(), name=sealed(key, "somebody"), headers={"Wechatpay-Serial": serial.lower()}))


def test_the_serial_number_in_another_spelling(world, party):
    serial, key = current_platform_certificate(world, party)
    pairs = ":".join(serial[at : at + 2] for at in range(0, 40, 2))
    for spelling in (str(int(serial, 16)), pairs, pairs.replace(":", " "), "0" + serial, "0x" + serial, serial[:20] + "-" + serial[20:],
                     serial + "F", f'"{serial}"', "nonsense", "0" * 40):
        answer = world.add_receiver(party, world.new_mchid(), name=sealed(key, "somebody"), headers={"Wechatpay-Serial": spelling})
        refused(answer, 400, "PARAM_ERROR", "is not spelled as a serial number")
        assert (answer.detail["field"], answer.detail["value"]) == ("Wechatpay-Serial", spelling)


@pytest.mark.parametrize("header", [None, {}, {"Wechatpay-Serial": ""}], ids=str)
def test_a_sealed_name_without_a_serial(world, party, header):
    _, key = current_platform_certificate(world, party)
    answer = world.add_receiver(party, world.new_mchid(), name=sealed(key, "somebody"), headers=header)
    refused(answer, 400, "PARAM_ERROR", "lacks Wechatpay-Serial")
    assert (answer.detail["field"], answer.detail["value"]) == ("Wechatpay-Serial", "")


def test_a_sealed_name_with_a_serial_that_is_no_platform_certificate_s(world, party):
    """The merchant's own, a made-up one, a public key's id."""
    _, key = current_platform_certificate(world, party)
    order = world.paid(party, 1000)
    for serial in (party.caller.serial_no, "4" * 40, "PUB_KEY_ID_0000000000000024101100397200000006"):
        headers = {"Wechatpay-Serial": serial}
        answer = world.add_receiver(party, world.new_mchid(), name=sealed(key, "somebody"), headers=headers)
        refused(answer, 400, "PARAM_ERROR", "names no platform certificate")
        assert (answer.detail["field"], answer.detail["value"]) == ("Wechatpay-Serial", serial)
        share = world.slice(world.receiver(party), 10, name=sealed(key, "somebody"))
        body = {
            **party.in_distribution(),
            "transaction_id": order.transaction_id,
            "out_order_no": world.number("D"),
            "receivers": [share],
            "unfreeze_unsplit": False,
        }
        answer = world.client.post(party.caller, f"{SHARING}/orders", body, headers=headers)
        refused(answer, 400, "PARAM_ERROR", "names no platform certificate")


@pytest.mark.parametrize("serial", ["0" * 40, "", "PUB_KEY_ID_0000000000000024101100397200000006", "nonsense"])
def test_where_nothing_is_sealed_the_serial_is_nobody_s_business(world, party, serial):
    ok(world.add_receiver(party, world.new_mchid(), headers={"Wechatpay-Serial": serial}))


def test_two_serials_that_differ_leave_open_which(world, party):
    """Some libraries add the header that others have set: twice the same is the same."""
    serial, key = current_platform_certificate(world, party)
    other = party.caller.serial_no
    for first, second, good in ((serial, other, False), (other, serial, False), (serial, "", False), (serial, serial, True), (serial, serial.lower(), True)):
        body = {**party.in_distribution(), "type": "MERCHANT_ID", "account": world.new_mchid(), "relation_type": "SUPPLIER", "name": sealed(key, "somebody")}
        answer = sent_with_two_serials(world, party, body, first, second)
        if good:
            ok(answer)
        else:
            assert "two values that differ" in refused_parameter(answer, "Wechatpay-Serial", None, second).detail["issue"]


def sent_with_two_serials(world, party, body, first, second):
    path = f"{SHARING}/receivers"
    request = request_bytes(party.caller, "POST", path, body, {"Wechatpay-Serial": first})
    with RawConnection(world.program.api) as connection:
        connection.send(request.replace(b"\r\n\r\n", f"\r\nWechatpay-Serial: {second}\r\n\r\n".encode(), 1))
        return world.client.accept(connection.answer("POST", path), party.caller)


# ---- the audit's end, as the world outside has it ----


def test_an_audit_that_fails_and_papers_that_are_better(world, party):
    account = world.new_mchid()
    ok(world.add_receiver(party, account))
    told = world.control.change_receiver(
        account, **party.in_control(), audit="FAILED", fail_reason="MATERIAL_INVALID", fail_description="信函没有公章"
    )
    assert (told["account"], told["audit"]) == (account, "FAILED")
    for minutes in (1, 60):  # nothing happens by itself any more
        found = ok(world.query_receiver(party, account))
        assert found["state"] == "FAILED"
        assert (found["fail_reason"], found["fail_description"]) == ("MATERIAL_INVALID", "信函没有公章")
        world.forward(minutes=minutes)
    order = world.paid(party, 1000)
    answer = world.distribution(order, [world.slice(account, 100)], world.number("D"))
    refused(answer, 400, "INVALID_REQUEST", "no effective relation")

    letter = ok(world.upload(party, b"a letter with a stamp"))["file_id"]
    added = ok(world.add_receiver(party, account, application_file_id=letter))
    assert added["state"] == "INIT"
    assert not {"fail_reason", "fail_description"} & set(added)
    world.forward(AUDIT_DONE)
    found = ok(world.query_receiver(party, account))
    assert (found["state"], found["application_file_id"]) == ("EFFECTIVE", letter)
    ok(world.distribution(order, [world.slice(account, 100)], world.number("D")))


def test_an_audit_that_is_over_at_once(world, party):
    account = world.new_mchid()
    ok(world.add_receiver(party, account))
    world.control.change_receiver(account, audit="EFFECTIVE")
    assert ok(world.query_receiver(party, account))["state"] == "EFFECTIVE"
    world.forward(AUDIT_DONE)
    assert ok(world.query_receiver(party, account))["state"] == "EFFECTIVE"


def test_an_audit_ends_once(world, party):
    account = world.new_mchid()
    ok(world.add_receiver(party, account))
    world.control.change_receiver(account, audit="EFFECTIVE")
    for verdict in ({"audit": "EFFECTIVE"}, {"audit": "FAILED", "fail_reason": "R"}):
        with pytest.raises(ControlError, match="^409 .*no audit of this account is under way"):
            world.control.change_receiver(account, penalised=True, **verdict)
    ok(world.distribution(world.paid(party, 1000), [world.slice(account, 1)], world.number("D")))  # nor was it penalised


def test_a_verdict_for_one_relation(world, institution):
    account, other = world.new_mchid(), world.other_child()
    ok(world.add_receiver(institution, account))
    ok(world.add_receiver(other, account))
    world.control.change_receiver(account, **other.in_control(), audit="FAILED", fail_reason="R")
    assert ok(world.query_receiver(other, account))["state"] == "FAILED"
    assert ok(world.query_receiver(institution, account))["state"] == "INIT"


# ---- deleting ----


def test_a_deleted_receiver_is_no_receiver(world, party):
    account = world.new_mchid()
    ok(world.add_receiver(party, account))
    world.forward(AUDIT_DONE)
    order = world.paid(party, 1000)
    assert world.delete_receiver(party, account).status == 204
    refused(world.query_receiver(party, account), 404, "RESOURCE_NOT_EXISTS", "deleted")
    refused(
        world.distribution(order, [world.slice(account, 100)], world.number("D")), 400, "INVALID_REQUEST", "no effective relation"
    )
    refused(world.delete_receiver(party, account), 404, "RESOURCE_NOT_EXISTS", "deleted")
    assert ok(world.add_receiver(party, account))["state"] == "INIT"


def test_a_slice_on_its_way_to_a_deleted_receiver_fails(world, party):
    account = world.new_mchid()
    ok(world.add_receiver(party, account))
    world.forward(AUDIT_DONE)
    order = world.paid(party, 1000)
    before = world.unsplit(order)
    number = world.number("D")
    ok(world.distribution(order, [world.slice(account, 100)], number))
    assert world.unsplit(order) == before - 100
    assert world.delete_receiver(party, account).status == 204
    world.forward(WORK_DONE)
    (share,) = ok(world.query_distribution(order, number))["receivers"]
    assert (share["result"], share["fail_reason"]) == ("CLOSED", "NO_RELATION")
    assert world.unsplit(order) == before
    world.control.audit()


def test_deleting_ends_one_relation(world, institution):
    account = world.new_mchid()
    other = world.other_child()
    ok(world.add_receiver(institution, account))
    ok(world.add_receiver(other, account))
    assert world.delete_receiver(institution, account).status == 204
    assert ok(world.query_receiver(other, account))["account"] == account


def test_deleting_lifts_no_penalty(world, party):
    account = world.new_mchid()
    ok(world.add_receiver(party, account))
    world.control.change_receiver(account, penalised=True)
    refused(world.delete_receiver(party, account), 403, "NO_AUTH", "legally compliant")
    world.control.change_receiver(account, penalised=False)
    assert world.delete_receiver(party, account).status == 204


def test_deleting_a_person_needs_an_appid(world, institution):
    for kind, name in (("PERSONAL_OPENID", "appid"), ("PERSONAL_SUB_OPENID", "sub_appid")):
        openid = "o" + world.number("P")
        ok(world.add_receiver(institution, openid, type=kind, **{name: "wx8888888888888888"}))
        refused(world.delete_receiver(institution, openid, type=kind), 400, "INVALID_REQUEST", name)
        assert world.delete_receiver(institution, openid, type=kind, **{name: "wx8888888888888888"}).status == 204


def test_the_signature_covers_the_body_of_a_delete(world, party):
    """DELETE with a body: the answer to a signature over none, or over another, is 401, and the receiver stays."""
    account = world.new_mchid()
    ok(world.add_receiver(party, account))
    path = f"{SHARING}/receivers"
    body = json.dumps({**party.in_distribution(), "type": "MERCHANT_ID", "account": account}).encode()
    for signed in (b"", body + b"\n"):
        headers = {"Authorization": authorization(party.caller, "DELETE", path, signed)}
        answer = world.client.send(party.caller, "DELETE", path, body, headers=headers, signed=False)
        refused(answer, 401, "SIGN_ERROR", "Signature error")
    assert ok(world.query_receiver(party, account))["state"] == "INIT"
    assert world.client.send(party.caller, "DELETE", path, body).status == 204


# ---- merchants, contract, parameters ----


def test_no_child_of_the_caller(world, institution, direct):
    stranger = world.new_institution()
    for party in (institution, direct):
        refused(world.add_receiver(party, world.new_mchid(), sub_mchid=stranger.sub_mchid), 403, "NO_AUTH", "parent-child")
        refused(world.query_receiver(party, world.new_mchid(), sub_mchid=stranger.sub_mchid), 403, "NO_AUTH", "parent-child")
        refused(world.delete_receiver(party, world.new_mchid(), sub_mchid=stranger.sub_mchid), 403, "NO_AUTH", "parent-child")


def test_an_institution_has_to_name_its_child(world, institution):
    answer = world.add_receiver(institution, world.new_mchid(), sub_mchid=None)
    refused_parameter(answer, "/sub_mchid", "body")
    assert answer.number == 268443704
    answer = world.delete_receiver(institution, world.new_mchid(), sub_mchid=None)
    refused_parameter(answer, "/sub_mchid", "body")
    assert answer.number == 268443704
    answer = world.query_receiver(institution, world.new_mchid(), sub_mchid=None)
    refused_parameter(answer, "sub_mchid", "query")
    assert answer.number == 268443704


def test_without_a_contract(world, mode):
    party = world.new_party(mode, contract_date=None)
    refused(world.add_receiver(party, world.new_mchid()), 403, "NO_AUTH", "has not signed up")
    refused(world.delete_receiver(party, world.new_mchid()), 403, "NO_AUTH", "has not signed up")


@pytest.mark.parametrize(
    "changed,name",
    [
        ({"account": ""}, "account"),
        ({"account": "1" * 65}, "account"),
        ({"account": None}, "account"),
        ({"account": 5}, "account"),
        ({"type": "SOMEBODY"}, "type"),
        ({"type": None}, "type"),
        ({"relation_type": "FRIEND"}, "relation_type"),
        ({"relation_type": None}, "relation_type"),
        ({"name": "n" * 1025}, "name"),
        ({"appid": "w" * 33}, "appid"),
        ({"nonsense": 1}, "nonsense"),
    ],
    ids=str,
)
def test_members_that_are_wrong(world, party, changed, name):
    usual = {
        **party.in_distribution(),
        "type": "MERCHANT_ID",
        "account": world.new_mchid(),
        "relation_type": "SUPPLIER",
    }
    answer = world.client.post(party.caller, f"{SHARING}/receivers", world.merged(usual, changed))
    refused_parameter(answer, f"/{name}", "body")


@pytest.mark.parametrize(
    "changed,name",
    [
        ({"account": ""}, "account"),
        ({"account": "1" * 65}, "account"),
        ({"account": None}, "account"),
        ({"type": "SOMEBODY"}, "type"),
        ({"type": None}, "type"),
        ({"appid": "w" * 33}, "appid"),
        ({"relation_type": "SUPPLIER"}, "relation_type"),
    ],
    ids=str,
)
def test_members_of_a_delete_that_are_wrong(world, party, changed, name):
    refused_parameter(world.delete_receiver(party, world.new_mchid(), **changed), f"/{name}", "body")


def test_the_parameters_of_the_query(world, party):
    refused_parameter(world.query_receiver(party, "1" * 65), "account", "url", "1" * 65)
    refused(world.query_receiver(party, "1" * 64), 404, "RESOURCE_NOT_EXISTS")
    refused_parameter(world.query_receiver(party, world.new_mchid(), type="SOMEBODY"), "type", "query", "SOMEBODY")
