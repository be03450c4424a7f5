"""fenzhang world export: a book, told anew from the file that it was written down as, stands as it did."""
import json
import shlex
import subprocess

import pytest
import yaml
from control import Control
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from program import BINARY, Program

STORY = r"""
fenzhang: 1
clock: {now: "2026-03-20T12:00:00+08:00", begins: now - 10, frozen: true}
rates: {USD: 700000000}
merchants:
  - {mchid: 1900000777, kind: institution, contract_date: begin - 30, appids: [wx1], public_key: both}
  - {mchid: 1900000778, kind: sub, parent: 1900000777, fee_rate: 100, refused_scenes: [APP]}
receivers:
  - {account: 1900000799, relation_type: SUPPLIER}
  - {account: "openid of a person", type: PERSONAL_OPENID, appid: wx1, name: 张三, relation_type: CUSTOM, custom_relation: friend}
story:
  - pay: {out_trade_no: SHOP0001, transaction_id: 4200000000000000000000000001, amount: 10000, marked: true}
  - pay: {out_trade_no: SHOP0002, transaction_id: 4200000000000000000000000002, amount: 7000, marked: true, payer: credit, description: "a: #b \\"}
  - pay: {out_trade_no: SHOP0003, transaction_id: 4200000000000000000000000003, amount: 5000, coupon: {type: COUPON, amount: 500}}
  - recharge: {amount: 90000}
  - refund: {out_trade_no: SHOP0003, out_refund_no: R3, amount: 1000}
  - after: PT10M
    distribute: {out_trade_no: SHOP0001, out_order_no: S1, receivers: [{account: 1900000799, amount: 2000}, {account: 1900000777, amount: 1000}]}
  - change_receiver: {account: 1900000799, fails_with: ACCOUNT_ABNORMAL}
  - distribute: {out_trade_no: SHOP0002, out_order_no: S2, receivers: [{account: 1900000799, amount: 1500}], settles: at_once}
  - change_receiver: {account: 1900000799, fails_with: null}
  - after: P1D
    refund: {out_trade_no: SHOP0001, out_refund_no: R1, amount: 1000}
  - refund: {out_trade_no: SHOP0002, out_refund_no: R2, amount: 500, funds_account: REFUND_SOURCE_RECHARGE_FUNDS}
  - refund: {out_trade_no: SHOP0002, out_refund_no: R4, amount: 700}
  - refund_outcome: {out_trade_no: SHOP0002, out_refund_no: R4, status: ABNORMAL}
  - after: P1D
    refund_outcome: {out_trade_no: SHOP0002, out_refund_no: R4, status: REFUNDCLOSE}
  - unfreeze: {out_trade_no: SHOP0001, out_order_no: U1}
  - place: {out_trade_no: SHOP0009, amount: 100}
"""

# What a book comes to, in the API's own words.
LOOK = " ".join(f"{BINARY} refund show {number} --json;" for number in ("R1", "R2", "R3", "R4")) + " ".join(
    f"{BINARY} amounts {4200000000000000000000000000 + number} --json;" for number in (1, 2)) + f" {BINARY} audit --json; {BINARY} bill refunds 2026-03-11 2>/dev/null"


def run(world, script, **more):
    done = subprocess.run([BINARY, "run", "--world", world, "--", "sh", "-c", script], capture_output=True, text=True, timeout=240, **more)
    assert done.returncode == 0, done
    return done


@pytest.fixture
def written(tmp_path):
    """The world of the story above, and the same after it went through a book."""
    (tmp_path / "before.yaml").write_text(STORY)
    done = run(tmp_path / "before.yaml", f"{BINARY} world export --keys; echo ---; {LOOK}")
    world, _, look = done.stdout.partition("---\n{")
    (tmp_path / "after.yaml").write_text(world)
    (tmp_path / "look").write_text("{" + look)
    assert "cannot be told" not in done.stderr
    return tmp_path


def test_what_was_written_down_stands_as_it_did(written):
    look = (written / "look").read_text().replace('"payments": 4', '"payments": 3')  # the order that nobody paid is left out
    before, after = look.splitlines(), run(written / "after.yaml", LOOK).stdout.splitlines()
    refunds = [json.loads(line) for line in before[:4]]
    assert [refund["status"] for refund in refunds] == ["SUCCESS", "SUCCESS", "SUCCESS", "REFUNDCLOSE"]
    assert json.loads(before[4])["unsplit_amount"] == 0
    assert before == after


def test_twice_written_is_the_same(written):
    again = run(written / "after.yaml", f"{BINARY} world export --keys").stdout
    assert yaml.safe_load(again) == yaml.safe_load((written / "after.yaml").read_text())


def test_merchants_and_receivers_are_there(written):
    world = yaml.safe_load((written / "after.yaml").read_text())
    institution, sub = world["merchants"]
    assert (institution["mchid"], institution["appids"], institution["public_key"]) == ("1900000777", ["wx1"], "both")
    assert institution["private_key"].startswith("-----BEGIN PRIVATE KEY-----\n") and len(institution["apiv3_key"]) == 32
    assert (sub["parent"], sub["fee_rate"], sub["refused_scenes"]) == ("1900000777", 100, ["APP"])
    assert world["receivers"][1]["name"] == "张三" and world["rates"] == {"USD": 700000000}


def test_secrets_are_told_if_they_are_asked_for(written):
    done = run(written / "before.yaml", f"{BINARY} world export")
    assert "PRIVATE KEY" not in done.stdout and "apiv3_key" not in done.stdout and "CERTIFICATE" in done.stdout
    assert "Private keys and APIv3 keys are left out" in done.stderr and "Orders that were not paid are left out." in done.stderr
    assert "# Orders that were not paid are left out.\n" in done.stdout


def test_of_a_book_at_rest_and_of_one_that_is_held(tmp_path):
    running = Program(tmp_path, demo=True).start()
    held = subprocess.run([BINARY, "world", "export", "--control", running.control], capture_output=True, text=True, timeout=60)
    running.stop()
    rest = subprocess.run([BINARY, "world", "export", *running.book], capture_output=True, text=True, timeout=60)
    assert held.returncode == rest.returncode == 0
    assert yaml.safe_load(held.stdout)["story"] == yaml.safe_load(rest.stdout)["story"] != []


TYPED = ["a\nb\tc", "a\r\nb", "a\u2028b\ufeffc\uffffd", "~", "null", "7", "- x: y # z", "'\\\""]


def test_whatever_was_typed_comes_back(tmp_path):
    """The API takes tabs and line ends in a description, and YAML reads some letters otherwise: yet an export can be told, and exported as it was."""
    (tmp_path / "before.yaml").write_text(STORY.partition("story:")[0])
    orders = [f"{BINARY} order native TYPED00{number} --total 100 --mcc 5812 --notify-url http://127.0.0.1:9/ --description {shlex.quote(text)} "
              f"--attach {shlex.quote(text)} && {BINARY} pay order TYPED00{number}" for number, text in enumerate(TYPED)]
    exported = f"{BINARY} world export --keys > after.yaml"
    done = run("before.yaml", f"{{ {' && '.join(orders)}; }} >/dev/null && {exported}", cwd=tmp_path)
    assert "cannot be told" not in done.stderr
    again = run("after.yaml", f"{BINARY} world export --keys", cwd=tmp_path).stdout
    assert again == (tmp_path / "after.yaml").read_text()
    paid = [step["pay"] for step in yaml.safe_load(again)["story"] if "pay" in step]
    assert [(pay["description"], pay["attach"]) for pay in paid] == [(text, text) for text in TYPED]


INSTITUTION, SUB = "19" + "0" * 29 + "7", "19" + "0" * 29 + "8"
PERSON, MERCHANT, APPID = "o" * 64, "5" * 64, "w" * 32

LONG = """
fenzhang: 1
clock: {{now: "2026-03-20T12:00:00+08:00", frozen: true}}
platform: {{private_key: {key}}}
merchants:
  - {{mchid: {institution}, kind: institution, contract_date: "2026-01-01", apiv3_key: {apiv3_key}, serial_no: {serial_no}}}
  - {{mchid: {sub}, kind: sub, parent: {institution}}}
"""


def test_the_longest_of_every_text_comes_back(tmp_path, make_server):
    """As long as the API and the control interface take them, and as the platform's key can seal a name: with 4096 bits 470 bytes."""
    pem = rsa.generate_private_key(65537, 4096).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    (tmp_path / "before.yaml").write_text(LONG.format(key=json.dumps(pem), institution=INSTITUTION, sub=SUB, apiv3_key="k" * 32, serial_no="F" * 40))
    server = make_server("--world", tmp_path / "before.yaml", seed=None)
    control = Control(server.control)

    def call(*words):
        done = subprocess.run([BINARY, *words, "--json"], capture_output=True, text=True, timeout=120, env={"FENZHANG_ENV": str(server.data / "demo.env")})
        assert done.returncode == 0, done
        return json.loads(done.stdout)

    control.change_merchant(INSTITUTION, appids=[APPID, "wx8888888888888888"] + [f"{number:032}" for number in range(48)])
    call("receiver", "add", PERSON, "--type", "PERSONAL_OPENID", "--appid", APPID, "--relation", "CUSTOM", "--custom", "关" * 10, "--name", "n" * 470)
    call("receiver", "add", MERCHANT, "--relation", "SUPPLIER", "--name", "名" * 156)
    control.change_receiver(PERSON, audit="EFFECTIVE")
    control.change_receiver(MERCHANT, audit="FAILED", fail_reason="因" * 64)
    paid = control.make_payment(mchid=INSTITUTION, sub_mchid=SUB, amount=10000, marked=True, out_trade_no="|" * 32, transaction_id="T" * 32,
                                coupon={"type": "COUPON", "amount": 500, "promotion_id": "p" * 32})
    call("order", "native", "*" * 32, "--total", "100", "--mcc", "5812", "--notify-url", "http://127.0.0.1:9/", "--description", "述" * 127, "--attach", "附" * 127)
    control.pay("*" * 32, mchid=INSTITUTION, sub_mchid=SUB)
    control.set_clock(advance="PT10M")
    call("share", "submit", "S" * 64, "--transaction", paid["transaction_id"], "--type", "PERSONAL_OPENID", "--appid", APPID, "--to", f"{PERSON}=1000",
         "--description", "因" * 80)
    refund = call("refund", "submit", "@" * 64, "--transaction", paid["transaction_id"], "--amount", "1000", "--reason", "由" * 80)
    control.set_outcome(refund["id"], "SUCCESS", channel="OTHER_BANKCARD", recv_account="卡" * 64)
    call("share", "unfreeze", "U" * 64, "--transaction", paid["transaction_id"], "--description", "放" * 80)
    control.set_clock(advance="PT10M")
    exported = subprocess.run([BINARY, "world", "export", "--keys", "--control", server.control], capture_output=True, text=True, timeout=120)
    assert exported.returncode == 0 and "cannot be told" not in exported.stderr, exported.stderr
    (tmp_path / "after.yaml").write_text(exported.stdout)
    world = yaml.safe_load(exported.stdout)
    assert [(receiver["account"], receiver["name"]) for receiver in world["receivers"]] == [(PERSON, "n" * 470), (MERCHANT, "名" * 156)]
    assert [step["unfreeze"]["description"] for step in world["story"] if "unfreeze" in step] == ["放" * 80]
    again = run(tmp_path / "after.yaml", f"{BINARY} world export --keys").stdout
    assert yaml.safe_load(again) == world


def test_where_there_is_no_book(tmp_path):
    done = subprocess.run([BINARY, "world", "export", "--data", tmp_path], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "") and f"there is no book in {tmp_path}" in done.stderr
