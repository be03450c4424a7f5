"""fenzhang serve --world FILE and fenzhang run --world FILE: a book begins as a file tells it."""
import json
import os
import subprocess
import threading
from pathlib import Path

import jsonschema
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from program import BINARY

SHOP = """
fenzhang: 1
clock: {now: "2026-03-10T12:00:00+08:00", begins: now - 3, frozen: true}
limits: off
rates: {USD: 700000000}
merchants:
  - {mchid: 1900000777, kind: institution, contract_date: begin - 10, fee_rate: 100}
  - {mchid: 1900000778, kind: sub, parent: 1900000777}
receivers:
  - {account: 1900000799, relation_type: SUPPLIER}
story:
  - pay: {out_trade_no: SHOP0001, transaction_id: 4200000000000000000000000001, amount: 10000, marked: true}
  - after: PT10M
    distribute: {out_trade_no: SHOP0001, out_order_no: S1, receivers: [{account: 1900000799, amount: 2000}]}
  - after: P1D
    refund: {out_trade_no: SHOP0001, out_refund_no: R1, refund_id: 5000000000000000000000000001, amount: 1000}
environment:
  - {mchid: 1900000777, names: {SUB_MCHID: 1900000778, ORDER: SHOP0001}}
"""


def program(*arguments, **more):
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=120, **more)


def check(tmp_path, text):
    """What `fenzhang world check` says of it, from the line on."""
    (tmp_path / "w.yaml").write_text(text)
    done = program("world", "check", tmp_path / "w.yaml")
    return done.returncode, done.stderr.removeprefix(str(tmp_path / "w.yaml") + ":").rstrip("\n")


def inside(tmp_path, text, script, *options):
    (tmp_path / "w.yaml").write_text(text)
    done = program("run", "--world", tmp_path / "w.yaml", *options, "--", "sh", "-c", script)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_story_has_happened(tmp_path):
    """100.00 at 1 %: 1.00 fee; 20.00 to the supplier, 10.00 back less 0.10 of the fee: 99.00 - 20.00 - 9.90."""
    out = inside(tmp_path, SHOP, f"{BINARY} amounts 4200000000000000000000000001 --json; {BINARY} refund show R1 --json; curl -s $CONTROL_URL/clock")
    amounts, refund, clock = (json.loads(line) for line in out.splitlines())
    assert amounts["unsplit_amount"] == 6910
    assert (refund["id"], refund["status"]) == ("5000000000000000000000000001", "SUCCESS")
    assert refund["success_time"] == "2026-03-08T12:30:00+08:00"  # three days before the end, ten minutes, a day, twenty minutes
    assert clock == {"now": "2026-03-10T12:00:00+08:00", "frozen": True, "sign": "wire"}


def test_its_limits_its_rates_and_its_names(tmp_path):
    out = inside(tmp_path, SHOP, f"curl -s $CONTROL_URL/limits; echo $MCHID $SUB_MCHID $ORDER $BILL_DATE; {BINARY} refund show R1 --json")
    limits, names, refund = out.splitlines()
    assert (limits, names) == ('{"limits":"off"}', "1900000777 1900000778 SHOP0001 2026-03-09")
    assert json.loads(refund)["amount"]["exchange_rate"]["rate"] == 700000000


def test_a_reset_tells_it_anew_with_the_same_keys(tmp_path):
    reset = "curl -s -XPOST $CONTROL_URL/reset -H 'Content-Type: application/json' -d '{}' >&2"
    out = inside(tmp_path, SHOP, f"{{ {BINARY} refund show R1 --json; cp $PRIVATE_KEY_PEM {tmp_path}/before; {BINARY} pay 500 --out-trade-no OTHER0001 "
                 f"--mchid $MCHID --sub-mchid $SUB_MCHID; {reset}; {BINARY} refund show R1 --json; cmp $PRIVATE_KEY_PEM {tmp_path}/before; }} 2>&1")
    first, *_, last = out.splitlines()
    assert json.loads(first) == json.loads(last)
    assert '"frozen":true' in out


def test_json_is_a_world_too(tmp_path):
    world = yaml.safe_load(SHOP)
    assert check(tmp_path, json.dumps(world, default=str)) == (0, "")
    assert check(tmp_path, json.dumps(world, default=str, indent=4)) == (0, "")


def test_the_schema_and_the_reader_agree(tmp_path):
    schema = json.loads(program("world", "--schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    world = yaml.safe_load(SHOP)
    assert [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(world)] == []
    assert list(jsonschema.Draft202012Validator(schema).iter_errors({**world, "about": 2026})) == [] and check(tmp_path, SHOP + "about: 2026\n") == (0, "")
    for path, value in [(["merchants", 0, "kind"], "shop"), (["story", 0, "pay", "amount"], 0), (["limits"], "none"), (["storey"], []),
                        (["story", 0, "pay", "out_trade_no"], "a b c d e f"), (["clock", "frozen"], "yes"), (["story", 0, "at"], "yesterday")]:
        spoilt = yaml.safe_load(SHOP)
        place = spoilt
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        assert list(jsonschema.Draft202012Validator(schema).iter_errors(spoilt)) != [], path
        assert check(tmp_path, json.dumps(spoilt, default=str))[0] == 1, path


HEAD = "fenzhang: 1\nmerchants:\n  - {mchid: 1900000777, kind: direct, contract_date: begin - 10}\n"


@pytest.mark.parametrize("text, said", [
    ("", "1:1: The file is empty: a world begins with `fenzhang: 1`."),
    ("[1, 2]", "1:1: A world is a mapping: it begins with `fenzhang: 1`, then `merchants:`."),
    ("fenzhang: 2\nmerchants: []\n", "1:11: `fenzhang` is not a whole number from 1 to 1: write one, without quotes."),
    ("fenzhang: 1\n", "1:1: `merchants` is missing here (an institution above its sub-merchants): add it."),
    (HEAD + "story:\n  - pay: {amount: 10.5, out_trade_no: ORDER1}\n",
     "5:19: `amount` is not a whole number from 1 to 100000000000: write one, without quotes."),
    (HEAD + "story:\n  - pay: {amount: 100, out_trade_no: ORDER1}\n  - pay: {amount: 100, out_trade_no: ORDER1}\n",
     "6:10: The order cannot be paid: its number is taken, or its state does not allow it any more. Give another number, or look at the steps above."),
    (HEAD + "story:\n  - after: PT1H\n", "5:5: This step is at "),
    (HEAD + "clock: {begins: now + 1}\n", "4:17: `begins` lies behind the end of the story"),
    (HEAD + "faults: [{effect: explode}]\n", "4:10: The fault cannot be set: \"effect\" is none of its words"),
    (HEAD + "a: {b: *c}\n", "4:8: No anchor of this name ends above"),
    (HEAD + "about: !!python/object:os.system x\n", "4:8: A world has no tags"),
    (HEAD + "about: one\nabout: two\n", "5:1: This member is there twice: take one of them out."),
    (HEAD + "about: \"\\0\"\n", "4:8: This text has a control character in it. Take it out."),
    (HEAD + "---\nfenzhang: 1\n", "4:1: A second document begins here: a file is one world. Take it out."),
    (HEAD + "story: [\n", "5:1: This is no YAML: "),
    (HEAD + "a: " + "[" * 20 + "]" * 20, "4:15: Values lie too deep inside of each other here"),
    (HEAD + "rates: {EURO: 1000}\n", "4:9: This is no currency of the book"),
    (HEAD + "receivers: [{account: 1, relation_type: SUPPLIER, mchid: 1900000999}]\n", "4:13: Who acts here cannot: "),
    (HEAD + "environment: [{mchid: 1900000999}]\n", "4:23: No merchant of this file has this `mchid`"),
    (HEAD + "environment: [{mchid: 1900000777, names: {1X: a}}]\n", "4:43: A shell takes no name that begins with a digit: begin `1X` with a letter."),
    (HEAD + "environment: [{mchid: 1900000777, prefix: 1_}]\n", "4:43: A shell takes no name that begins with a digit: begin `prefix` with a letter."),
    (HEAD + f"environment: [{{mchid: 1900000777, names: {{{', '.join(f'N{n}: {1000 * chr(120)}' for n in range(33))}}}}}]\n",
     "4:32257: With `N32` the names of `environment` and their values take more than 32 KiB"),
    (HEAD.replace("begin - 10", "begin - 90000"), "3:54: `contract_date` lies before 1970"),
    (HEAD.replace("direct,", "direct, apiv3_key: short,"), "3:50: `apiv3_key` has not 32 bytes"),
    (HEAD.replace("direct,", "direct, private_key_file: nowhere.pem,"), "3:57: The file "),
    (HEAD.replace("direct,", f"direct, private_key_file: {'/x' * 480},"),
     "3:57: The file " + "/x" * 200 + " cannot be read: there is none. Name it from where this file lies; it has 8 KiB at most."),
])
def test_a_fault_is_told_with_its_place(tmp_path, text, said):
    status, told = check(tmp_path, text)
    assert status == 1 and told.startswith(said), told


def test_a_few_lines_do_not_become_a_large_tree(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    status, told = check(tmp_path, "\n".join(lines))
    assert status == 1 and "There are more values up to here than a world may have" in told


def test_a_world_that_cannot_be_told_starts_no_server_and_leaves_nothing(tmp_path):
    (tmp_path / "w.yaml").write_text(HEAD + "storey: []\n")
    done = program("serve", "--world", tmp_path / "w.yaml", "--data", tmp_path / "data", "--listen", 0, "--control", 0)
    assert done.returncode == 2 and f"{tmp_path}/w.yaml:4:1: `storey` has no meaning here." in done.stderr
    assert not (tmp_path / "data").exists()


def key_file(path, before=b"", end=b"\n"):
    key = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(before + key.replace(b"\n", end))


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_key_from_a_file_is_in_the_book(tmp_path, end):
    """Whatever the ends of its lines are, a reset reads it from there again."""
    key_file(tmp_path / "key.pem", end=end)
    out = inside(tmp_path, HEAD.replace("direct,", "direct, private_key_file: key.pem,"),
                 "curl -s -XPOST $CONTROL_URL/reset -H 'Content-Type: application/json' -d '{}'; cat $PRIVATE_KEY_PEM")
    assert '"frozen":false' in out and "BEGIN PRIVATE KEY" in out


@pytest.mark.parametrize("before", [b"friendlyName: M\xfcller\n", b"\x1b[31m\n"])
def test_a_key_file_of_other_letters_is_refused(tmp_path, before):
    key_file(tmp_path / "key.pem", before)
    status, told = check(tmp_path, HEAD.replace("direct,", "direct, private_key_file: key.pem,"))
    assert status == 1 and told == (f"3:57: The file {tmp_path}/key.pem has control characters in it, or is not UTF-8. "
                                    "Leave of it what stands from BEGIN to END.")


def test_what_is_no_file_and_what_is_a_pipe(tmp_path):
    for name, why in (("none.yaml", "No such file or directory"), ("", "Is a directory")):
        done = program("world", "check", tmp_path / name)
        assert (done.returncode, done.stderr) == (2, f"{tmp_path / name}: It cannot be read: {why}. Name a file that this user can read.\n")
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=[HEAD])
    writer.start()
    assert program("world", "check", tmp_path / "pipe").stdout == f"{tmp_path}/pipe can be told.\n"
    writer.join()


def test_as_many_names_as_there_may_be(tmp_path):
    """32 of 1000 letters, of which a prefix makes names that a shell takes."""
    names = ", ".join(f"{n}: {1000 * 'x'}" for n in range(32))
    out = inside(tmp_path, HEAD + f"environment: [{{mchid: 1900000777, prefix: N, names: {{{names}}}}}]\n", "env | grep -c '^N[0-9]*=x*$'")
    assert out == "32\n"


def test_the_demo_book_is_such_a_file():
    demo = Path(__file__).parents[2] / "worlds" / "demo.yaml"
    assert program("world", "check", demo).stdout == f"{demo} can be told.\n"
