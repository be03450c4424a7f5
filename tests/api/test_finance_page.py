"""The code of docs/finance.md and of its Chinese page is run on real files; and what the page says of marked orders in the statement holds."""

import base64
import hashlib
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate

import bills
from answers import ok
from pages import ROOT, blocks

PAGES = {"english": ROOT / "docs" / "finance.md", "chinese": ROOT / "docs" / "zh" / "finance.md"}


@pytest.fixture(params=PAGES.values(), ids=PAGES)
def code(request):
    split, verify = (content for _, content in blocks(request.param.read_text("utf-8"), "python"))
    return SimpleNamespace(split=split, verify=verify)


def test_the_code_that_splits_a_line(code):
    known = {"line": "`1,`WALMART HONG KONG CO.,LIMITED,`2.00"}
    exec(code.split, known)
    assert known["cells"] == ["1", "WALMART HONG KONG CO.,LIMITED", "2.00"]


def test_the_code_that_verifies_a_statement(world, institution, code):
    world.paid(institution, 1000)
    day = world.today()
    world.to_next_morning()
    answer = world.statement(institution, day)
    certificate = load_pem_x509_certificate(Path(world.program.demo["PLATFORM_CERT_PEM"]).read_bytes())
    names = ("Wechatpay-Statement-Sha1", "Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature")
    known = {
        "answer": SimpleNamespace(headers={name: answer.header(name) for name in names}, content=answer.body),
        "platform_key": certificate.public_key(),
        **{"base64": base64, "hashlib": hashlib, "PKCS1v15": PKCS1v15, "SHA256": SHA256},
    }
    exec(code.verify, known)
    known["answer"].content += b" "
    with pytest.raises(AssertionError):
        exec(code.verify, known)
    known["answer"].headers["Wechatpay-Statement-Sha1"] = hashlib.sha1(known["answer"].content).hexdigest()
    with pytest.raises(InvalidSignature):
        exec(code.verify, known)


def test_marked_orders_of_a_statement_are_told_by_asking(world, mode):
    party = world.new_party(mode)
    plain = world.paid(party, 1000, marked=False)
    emptied = world.paid(party, 1000)
    world.unfreeze(emptied)
    frozen = world.paid(party, 1000)
    fresh = world.paid(party, 1000, frozen=False)
    orders = {order.transaction_id: order for order in (plain, emptied, frozen, fresh)}
    told = {number: world.amounts(order) for number, order in orders.items()}
    asked = {number: (answer.status, answer.json.get("code", answer.json.get("unsplit_amount"))) for number, answer in told.items()}
    assert asked == {
        plain.transaction_id: (400, "INVALID_REQUEST"),
        emptied.transaction_id: (200, 0),
        frozen.transaction_id: (200, 994),
        fresh.transaction_id: (500, "SYSTEM_ERROR"),
    }
    day = world.today()
    world.to_next_morning()
    statement = bills.parse(world.statement(party, day).body)
    assert sorted(line["WeChat order No."] for line in statement.lines) == sorted(orders)
    assert len(statement.header) == 38 and not any("mark" in name.lower() or "split" in name.lower() for name in statement.header)


def test_a_refund_is_on_the_refund_bill_exactly_if_its_order_is_marked(world, mode):
    """What arrived on the day; one of the day's sales and one of a marked order."""
    party = world.new_party(mode)
    orders = [world.paid(party, 1000, marked=False), world.paid(party, 1000)]
    ids = [ok(world.refund(order, 100, world.number("R")))["id"] for order in orders]
    world.forward(timedelta(minutes=21))
    day = world.today()
    world.to_next_morning()
    statement = bills.parse(world.statement(party, day).body)
    assert {line["WeChat refund No."] for line in statement.lines} == {"", *ids}
    bill = bills.parse(bills.download(world.client, party.caller, world.refund_bill(party, day)))
    assert [line["Wechat refund number(refund_id)"] for line in bill.lines] == [ids[1]]
