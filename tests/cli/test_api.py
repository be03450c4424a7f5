"""The commands that call the API: what is asked and answered, and how they end. Values are the demo book's, which are the documents'."""
import json
import os
import re
import signal
import subprocess
import time
import unicodedata
from pathlib import Path

import pytest
from client import PATIENCE
from ports import nobodys_port
from program import BINARY
from world import Party, World

from command import environment, run, start
from terminal import on_terminal

TRANSACTION = "4208450740201411110007820472"
REFUND = "1217752501201407033233368018"
ORDER = ["--total", "100", "--description", "Camera", "--mcc", "5812"]
NOTIFIED = ["--notify-url", "http://127.0.0.1:9/"]


@pytest.fixture(scope="module")
def demo(server):
    """The demo book's own clock runs on: its advance balance is today's."""
    return World(server)


@pytest.fixture
def ask(server):
    """ask("balance") is the command as the demo book's institution."""
    return lambda *arguments, **more: run(*arguments, "--env", server.data / "demo.env", **more)


@pytest.fixture
def fault(server):
    """Rules by which calls go wrong, until the end of the test."""
    control = World(server).control
    yield control.add_fault
    control.clear_faults()


def record(text):
    """{title: value} of a record."""
    return dict(re.split(r"  +", line, maxsplit=1) for line in text.splitlines())


def done(answer):
    assert (answer.returncode, answer.stderr) == (0, ""), answer
    return answer.stdout


# ---- the four documents ----


def test_an_advance_refund_can_draw_ten_yuan(ask):
    assert record(done(ask("balance"))) == {"merchant": "1900000100", "balance": "10.00 CNY"}
    assert json.loads(done(ask("balance", "--json")))["balance"] == 1000


def test_an_order_has_ten_yuan_left_to_distribute(ask):
    assert record(done(ask("amounts", TRANSACTION))) == {"transaction": TRANSACTION, "to distribute": "10.00 CNY"}
    assert json.loads(done(ask("amounts", TRANSACTION, "--json"))) == {"transaction_id": TRANSACTION, "unsplit_amount": 1000, "currency": "CNY"}


def test_a_refund_of_twenty_yuan(ask):
    shown = record(done(ask("refund", "show", REFUND)))
    assert (shown["refund"], shown["number"], shown["amount"], shown["status"]) == (REFUND, REFUND, "20.00 CNY", "SUCCESS")
    assert shown["transaction"] == TRANSACTION


@pytest.mark.parametrize("arguments", [["balance"], ["amounts", TRANSACTION], ["amounts", TRANSACTION, "--refundable"], ["refund", "show", REFUND],
                                       ["refund", "show", REFUND, "--id"], ["order", "show", TRANSACTION], ["receiver", "show", "1900000130"],
                                       ["call", "refundable-balance"]], ids=" ".join)
def test_json_is_the_answer_byte_for_byte(server, demo, ask, arguments):
    said = done(ask(*arguments, "--json"))
    logged = demo.control.get("/requests?status=200&limit=1")["requests"][0]["request_id"].split("-")[0]
    assert said == demo.control.get(f"/requests/{logged}")["answer"]["body"] + "\n"


def test_a_direct_merchant_of_the_same_file(server, ask):
    numbers = server.demo
    shown = record(done(ask("refund", "show", numbers["DIRECT_OUT_REFUND_NO"], "--profile", "direct")))
    assert shown["refund"] == numbers["DIRECT_REFUND_ID"]
    assert record(done(ask("whoami", "--profile", "direct")))["merchant"] == numbers["DIRECT_MCHID"]


# ---- refunds ----


def test_a_refund_is_found_by_either_number(ask, demo):
    made = json.loads(done(ask("refund", "submit", "EITHER1", "--transaction", TRANSACTION, "--amount", "1", "--from-order", "1", "--json")))
    assert made["out_refund_no"] == "EITHER1" and made["amount"]["refund"] == 1
    by_number, by_id = done(ask("refund", "show", "EITHER1")), done(ask("refund", "show", made["id"]))
    assert by_number == by_id and record(by_id)["refund"] == made["id"]
    refused = ask("refund", "show", "EITHER1", "--id")
    assert refused.returncode == 1 and refused.stdout == ""


def test_days_of_settlements_are_written_as_everywhere(ask):
    one, other = (ask("settlements", "--from", first, "--to", last, "--json") for first, last in (("2026-01-01", "2026-01-31"), ("20260101", "20260131")))
    assert done(one) == done(other)


def with_another(server, tmp_path, name, value):
    """The demo.env with one of its names changed."""
    lines = (server.data / "demo.env").read_text(encoding="utf-8").splitlines()
    path = tmp_path / "other.env"
    path.write_text("".join(f"{name}={value}\n" if line.startswith(f"{name}=") else line + "\n" for line in lines), encoding="utf-8")
    return path


def test_what_is_wrong_with_a_signature_is_said_once(server, tmp_path):
    refused = run("balance", "--env", with_another(server, tmp_path, "SERIAL_NO", "0" * 39 + "1"))
    assert refused.returncode == 1 and refused.stderr.count("names no certificate of this merchant") == 1
    assert refused.stderr.count(server.demo["SERIAL_NO"]) == 1 and "\n\n" not in refused.stderr


def test_a_wrong_apiv3_key_leads_to_the_doctor(server, tmp_path):
    """No certificate of the platform opens with it, so no answer can be believed; the call itself cannot know why."""
    refused = run("balance", "--env", with_another(server, tmp_path, "APIV3_KEY", "X" * 32))
    assert refused.returncode == 2 and "not known to be the platform's" in refused.stderr and "`fenzhang doctor' tells" in refused.stderr


def test_a_proxy_that_is_not_there_leads_to_the_doctor(ask):
    """The call knows the host alone; which of host and proxy is gone the doctor finds out."""
    gone = ask("balance", env={"http_proxy": "http://127.0.0.1:1"})
    assert gone.returncode == 2 and "`fenzhang doctor' tells name, connection, proxy and certificate apart" in gone.stderr
    looked = ask("doctor", env={"http_proxy": "http://127.0.0.1:1"})
    assert looked.returncode == 1 and "through the proxy http://127.0.0.1:1" in looked.stdout


def test_an_order_is_released_without_a_reason_in_words():
    """As a distribution is described by its own number. In a book of its own: the advance balance grows by it."""
    released = json.loads(done(run("run", "--", BINARY, "share", "unfreeze", "RELEASE1", "--transaction", TRANSACTION, "--json")))
    assert {slice["description"] for slice in released["receivers"]} == {"RELEASE1"}


def test_the_same_refund_again_refunds_once(ask):
    command = ["refund", "submit", "TWICE1", "--transaction", TRANSACTION, "--amount", "2", "--from-order", "2", "--json"]
    assert done(ask(*command)) == done(ask(*command))
    listed = json.loads(done(ask("refund", "list", TRANSACTION, "--json")))
    assert [one["amount"]["refund"] for one in listed if one["out_refund_no"] == "TWICE1"] == [2]
    assert listed == json.loads(done(ask("refund", "list", "20150806125346", "--out-trade-no", "--json")))


def test_a_refund_that_is_refused_says_why(ask):
    refused = ask("refund", "submit", "MUCH1", "--transaction", TRANSACTION, "--amount", "100000000")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert re.search(r"refused with [A-Z_]+ \(HTTP 4\d\d\)", refused.stderr) and "Request-ID: " in refused.stderr


def test_a_refund_that_does_not_exist(ask):
    for number in ("NOSUCH1", "12345"):  # the second is asked for by both numbers
        refused = ask("refund", "show", number, "--json")
        assert (refused.returncode, refused.stdout) == (1, "") and "RESOURCE_NOT_EXISTS" in refused.stderr


@pytest.mark.parametrize("arguments,said", [
    (["refund", "submit", "R1"], "name the order"), (["refund", "submit", "R1", "--transaction", TRANSACTION], "--amount: amount.refund is missing"),
    (["refund", "submit", "R1", "--amount", "1.5"], "--amount: amount.refund is a whole number, not `1.5'. Amounts are in the smallest unit"),
    (["refund", "submit", "R1", "--transaction", TRANSACTION, "--amount", "0"], "amount.refund is 0, and may be 1 to 100000000000"),
    (["refund", "submit", "R 1", "--transaction", TRANSACTION, "--amount", "1"], "NUMBER: out_refund_no has a letter that does not belong there"),
    (["refund", "submit", "R" * 65, "--transaction", TRANSACTION, "--amount", "1"], "has 65 characters, and may have 1 to 64"),
    (["receiver", "add", "1", "--relation", "FRIEND"], "--relation: relation_type is `FRIEND', and has to be SUPPLIER"),
    (["share", "submit", "S1", "--transaction", TRANSACTION, "--to", "1900000130"], "is not ACCOUNT=AMOUNT"),
    (["share", "show", "S1"], "--transaction: transaction_id is missing"), (["share", "submit", "S1", "--transaction", TRANSACTION, "--to", "1900000130=-1"], "--to: receivers.0.amount is -1"),
    (["refund", "submit", "R1", "--transaction", TRANSACTION, "--amount", "2", "--from-order", "x"], "--from-order or --from-balance: amount.from.0.amount is a whole number"),
    (["settlements", "--from", "2026-02-30"], "`2026-02-30' is no day"), (["settlements", "--from", "202601"], "--from: settle_start_date has 6 characters, and has to have 8"),
    (["refund", "show"], "the number is missing"), (["amounts"], "a word is missing: TRANSACTION_ID"),
    (["order", "native", "N1", *ORDER, *NOTIFIED], "out_trade_no has 2 characters"), (["order", "native", "N00001", *ORDER], "notify_url is missing"),
    (["amounts", TRANSACTION, "--sub-mchid", "x"], "sub_mchid has a letter"), (["upload", "/etc/passwd"], "end in .pdf"),
    (["upload", "/nowhere.pdf"], "No such file"), (["call", "refund-submit", "--amount", "{"], "amount is JSON"),
    (["call", "refund-submit", "--out_refund_no", "R1", "--amount", '{"x":1}'], "amount.x is no member"), (["call", "no-such-call"], "there is no call named"),
    (["call", "statement"], "fenzhang bill"),
    (["call", "order-app", "--appid", "a"], "belongs to Common mode"),
], ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "")
def test_what_a_row_forbids_is_not_sent(ask, demo, arguments, said):
    before = demo.control.get("/requests?limit=1")["requests"][0]["sequence"]
    wrong = ask(*arguments)
    assert (wrong.returncode, wrong.stdout) == (2, "") and said in wrong.stderr, wrong.stderr
    later = demo.control.get("/requests?limit=100")["requests"]
    assert {one["method"] for one in later if one["sequence"] > before} <= {"GET"}


# ---- funds distribution and orders ----


def test_a_distribution(ask, demo):
    made = json.loads(done(ask("share", "submit", "SHARE1", "--transaction", TRANSACTION, "--to", "1900000130=100", "--description", "Parts", "--json")))
    assert [(one["account"], one["amount"], one["description"]) for one in made["receivers"]] == [("1900000130", 100, "Parts")]
    lines = done(ask("share", "show", "SHARE1", "--transaction", TRANSACTION)).splitlines()
    assert re.split("  +", lines[0])[:3] == ["account", "amount", "result"] and re.split("  +", lines[1])[:2] == ["1900000130", "1.00 CNY"]


def test_a_receiver_comes_and_goes(ask):
    assert record(done(ask("receiver", "add", "1900022222", "--relation", "SUPPLIER")))["state"] == "INIT"
    assert record(done(ask("receiver", "show", "1900022222")))["relation"] == "SUPPLIER"
    assert done(ask("receiver", "rm", "1900022222")) == ""
    assert ask("receiver", "show", "1900022222").returncode == 1


@pytest.mark.parametrize("way,more,answer", [
    ("native", NOTIFIED, "code  weixin://"), ("jsapi", [*NOTIFIED, "--openid", "o-payer"], "prepay  wx"), ("app", NOTIFIED, "prepay  wx"),
    ("h5", [*NOTIFIED, "--payer-ip", "127.0.0.1", "--store", "Shop", "--store-address", "Here"], "page  https://")])
def test_an_order_is_placed_shown_and_closed(ask, way, more, answer):
    number = f"ORDER{way.upper()}"
    assert done(ask("order", way, number, *ORDER, *more)).startswith(answer)
    shown = record(done(ask("order", "show", number)))
    assert (shown["number"], shown["state"], shown["amount"]) == (number, "NOTPAY", "1.00 CNY")
    assert done(ask("order", "close", number)) == ""
    assert record(done(ask("order", "show", number)))["state"] == "CLOSED"


def test_a_payment_by_code_and_back(ask, demo):
    """The code comes by the standard input."""
    paid = done(ask("order", "pay-code", "BYCODE1", *ORDER, stdin=None, input=demo.auth_code() + "\n"))
    assert record(paid)["state"] == "SUCCESS"
    assert done(ask("order", "reverse", "BYCODE1")) == ""
    assert "missing on the standard input" in ask("order", "pay-code", "BYCODE2", *ORDER).stderr


def test_certificates_and_a_file(ask, tmp_path, server):
    serial = server.demo["PLATFORM_SERIAL_NO"]
    assert re.search(rf"^{serial}  2020-01-01T08:00:00\+08:00  2049-12-31T23:59:59\+08:00$", done(ask("certificates")), re.M)
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"%PDF-1.4 a letter")
    assert re.fullmatch(r"file  [0-9a-f-]{36}\n", done(ask("upload", letter)))


def test_settlements_are_one_list(ask, demo, server):
    listed = json.loads(done(ask("settlements", "--json")))
    answered = demo.settlements(demo_institution(demo, server), "UNSETTLE").json
    assert listed == answered["data"] and len(listed) == answered["total_count"] > 0
    days = [re.sub(r"(....)(..)(..)", r"\1-\2-\3", listed[0][name]) for name in ("trade_start_date", "trade_end_date")]
    assert days == re.findall(r"\b\d{4}-\d\d-\d\d\b", done(ask("settlements")))[:2]
    empty = ask("settlements", "--from", "20200101", "--to", "20200102")
    assert (empty.returncode, empty.stdout) == (0, "") and "there are none" in empty.stderr


def demo_institution(demo, server):
    return Party(demo.credentials(server.demo["MCHID"]), server.demo["SUB_MCHID"])


# ---- any call ----


def test_every_call_of_the_description_can_be_made(ask):
    named = {re.sub(r"-[23]$", "", one["operationId"]) for path in json.loads(run("openapi").stdout)["paths"].values() for one in path.values() if isinstance(one, dict)}
    listed = {line.split()[0] for line in run("call", "--list").stdout.splitlines()}
    assert named - listed == {"bill-file", "file-upload", "statement"}
    for name in sorted(listed):
        help = run("call", name, "-h")
        assert help.returncode == 0 and f"fenzhang call [OPTION...] {name}\n" in help.stdout


def test_a_call_by_its_members(ask):
    assert done(ask("call", "transaction-amounts", "--transaction_id", TRANSACTION)) == done(ask("amounts", TRANSACTION, "--json"))
    slices = [{"type": "MERCHANT_ID", "account": "1900000130", "amount": 5, "currency": "CNY", "description": "x"}]
    members = [word for name, value in slices[0].items() for word in (f"--receivers.0.{name}", str(value))]
    shared = ["call", "distribution-submit", "--transaction_id", TRANSACTION, "--out_order_no", "CALL1", "--unfreeze_unsplit", "false"]
    in_points = done(ask(*shared, *members))
    assert in_points == done(ask(*shared, "--receivers", json.dumps(slices)))
    body = json.dumps({"transaction_id": TRANSACTION, "out_order_no": "CALL1", "unfreeze_unsplit": False, "receivers": slices})
    assert in_points == done(ask("call", "distribution-submit", "--body", "-", stdin=None, input=body))


def test_a_member_that_was_mistyped(ask):
    wrong = ask("call", "refund-submit", "--amunt.refund", "5")
    assert wrong.returncode == 2 and "Did you mean --amount.refund?" in wrong.stderr
    assert "Did you mean refund-submit?" in ask("call", "refund-submi").stderr


# ---- what becomes of writes ----


def submit(number):
    return ["refund", "submit", number, "--transaction", TRANSACTION, "--amount", "3", "--from-order", "3", "--total", "5000", "--currency", "CNY"]


def test_a_lost_answer_is_found(ask, fault):
    """Every answer to the refund is lost, but it was made: the query says so."""
    fault(effect="reset", when="after", endpoint="refund-submit")
    found = ask(*submit("LOST1"), "--json")
    assert found.returncode == 0 and json.loads(found.stdout)["out_refund_no"] == "LOST1"
    assert "it was done" in found.stderr and "refund-by-out-refund-no" in found.stderr


def test_a_write_that_may_still_be_on_its_way(ask, fault):
    fault(effect="reset", when="before", endpoint="refund-submit")
    unknown = ask(*submit("LOST2"))
    assert (unknown.returncode, unknown.stdout) == (3, "")
    assert "may still be on its way" in unknown.stderr and "fenzhang call refund-by-out-refund-no" in unknown.stderr
    command = re.search(r"^  fenzhang (.*)$", unknown.stderr, re.M)[1]
    asked = subprocess.run(["sh", "-c", f'"$0" {command}', str(BINARY)], capture_output=True, text=True, env=environment(), check=False)
    assert asked.returncode == 1 and "RESOURCE_NOT_EXISTS" in asked.stderr


def test_a_write_of_which_nobody_can_tell(ask, fault):
    fault(effect="reset", when="after", endpoint="refund-submit")
    fault(effect="reset", endpoint="refund-by-out-refund-no")
    unknown = ask(*submit("LOST3"))
    assert (unknown.returncode, unknown.stdout) == (3, "") and "cannot be told yet" in unknown.stderr


def test_an_answer_that_does_not_verify_is_none(ask, fault):
    fault(effect="wrong_signature", endpoint="transaction-amounts")
    forged = ask("amounts", TRANSACTION)
    assert (forged.returncode, forged.stdout) == (2, "") and "signature" in forged.stderr


def wait_for(condition):
    ends = time.monotonic() + 10 * PATIENCE
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def seen(control):
    return sum(rule["seen"] for rule in control.faults())


def test_ctrl_c_ends_a_question(server, demo, fault):
    fault(delay_ms=30000, endpoint="transaction-amounts")
    process = start("amounts", TRANSACTION, "--env", server.data / "demo.env")
    wait_for(lambda: seen(demo.control) > 0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10 * PATIENCE)
    assert (process.returncode, out) == (2, "") and err != ""


def test_ctrl_c_tells_what_became_of_a_write(server, demo, fault):
    fault(delay_ms=5000, when="after", endpoint="refund-submit")
    process = start(*submit("BROKEN1"), "--env", server.data / "demo.env")
    wait_for(lambda: seen(demo.control) > 0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10 * PATIENCE)
    assert process.returncode in (0, 3) and ("it was done" in err or "may still be on its way" in err)


def test_a_server_that_is_not_there(server, tmp_path):
    text = (server.data / "demo.env").read_text()
    with nobodys_port() as port:
        (tmp_path / "demo.env").write_text(text.replace(server.api, f"http://127.0.0.1:{port}"))
        (tmp_path / "demo.env").chmod(0o600)
        gone = run("balance", "--env", tmp_path / "demo.env")
    assert (gone.returncode, gone.stdout) == (2, "")


# ---- pipes, terminals, languages, secrets ----


def test_a_pipe_that_closes_early_is_quiet(server):
    for arguments in (["call", "--list"], ["refund", "list", TRANSACTION, "--env", server.data / "demo.env"]):
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer) as closed:
            broken = subprocess.run([str(BINARY), *map(str, arguments)], stdout=closed, stderr=subprocess.PIPE, text=True, env=environment(), check=False)
        assert broken.stderr == "" and broken.returncode in (0, -signal.SIGPIPE)


def test_forty_columns(server):
    """A list that does not fit is a line a value; no line is longer than the terminal."""
    status, said = on_terminal("refund", "list", TRANSACTION, "--env", server.data / "demo.env", columns=40, env={"NO_COLOR": "1"})
    assert status == 0 and max(map(len, said.splitlines())) <= 40
    assert re.search(rf"^refund    {REFUND}$", said, re.M) and re.search(r"^amount    20\.00 CNY$", said, re.M)
    status, wide = on_terminal("refund", "list", TRANSACTION, "--env", server.data / "demo.env", columns=200, env={"NO_COLOR": "1"})
    assert re.match(r"refund +number +status +amount +accepted +arrived\n", wide)


def width(line):
    """Columns that a terminal takes for it: Chinese letters have two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


def test_chinese_letters_take_two_columns(server, ask):
    attached = "分账给供应商的货款" * 5
    done(ask("order", "native", "CHINESE1", *ORDER, *NOTIFIED, "--attach", attached))
    status, said = on_terminal("order", "show", "CHINESE1", "--env", server.data / "demo.env", columns=40, env={"NO_COLOR": "1"})
    folded = said.split("attached\n")[1].splitlines()
    assert status == 0 and max(map(width, said.splitlines())) <= 40
    assert [width(line) for line in folded[:-1]] == [40] * (len(folded) - 1) and "".join(line.strip() for line in folded) == attached


def test_what_would_move_the_cursor_is_taken_out(ask):
    """A value that somebody else wrote is shown on one's own terminal."""
    done(ask("order", "native", "CURSOR1", *ORDER, *NOTIFIED, "--attach", "tab\there"))
    assert record(done(ask("order", "show", "CURSOR1")))["attached"] == "tab?here"
    assert json.loads(done(ask("order", "show", "CURSOR1", "--json")))["attach"] == "tab\there"


def test_colours_are_for_terminals(server):
    arguments = ["balance", "--env", server.data / "demo.env"]
    assert "\x1b[1m" in on_terminal(*arguments)[1] and "\x1b" not in on_terminal(*arguments, env={"NO_COLOR": "1"})[1]
    assert "\x1b" not in run(*arguments).stdout and "\x1b[1m" in run(*arguments, env={"CLICOLOR_FORCE": "1"}).stdout
    assert "\x1b" not in on_terminal(*arguments, env={"TERM": "dumb"})[1]


def test_what_is_long_goes_through_the_pager(server, tmp_path):
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\nsed 's/^/> /'\n")
    pager.chmod(0o755)
    arguments = ["refund", "show", REFUND, "--env", server.data / "demo.env"]
    assert "> " in on_terminal(*arguments, lines=5, env={"PAGER": str(pager)})[1]
    for more in ({"lines": 50}, {"lines": 5, "env": {"PAGER": ""}}):
        assert "> " not in on_terminal(*arguments, **{"env": {"PAGER": str(pager)}, **more})[1]
    assert "> " not in on_terminal(*arguments, "--no-input", lines=5, env={"PAGER": str(pager)})[1]


def test_messages_in_chinese(ask):
    number = "4200000000000000000000009999"
    english = ask("amounts", number).stderr
    for env in ({"LC_ALL": "zh_CN.UTF-8"}, {"LC_ALL": "C.UTF-8", "LANGUAGE": "zh_CN:en"}):
        chinese = ask("amounts", number, env=env).stderr
        assert re.search("[\u4e00-\u9fff]", chinese) and not re.search("[\u4e00-\u9fff]", english)
    assert not re.search("[\u4e00-\u9fff]", ask("amounts", number, env={"LC_ALL": "C", "LANGUAGE": "zh"}).stderr)


def test_no_secret_is_in_the_arguments_or_the_output(server, demo, fault):
    fault(delay_ms=20000, endpoint="transaction-amounts")
    process = start("amounts", TRANSACTION, "--env", server.data / "demo.env")
    wait_for(lambda: seen(demo.control) > 0)
    arguments = Path(f"/proc/{process.pid}/cmdline").read_bytes()
    process.terminate()
    out, err = process.communicate(timeout=10 * PATIENCE)
    key = server.demo["APIV3_KEY"]
    assert key.encode() not in arguments and key not in out + err
    for command in (["whoami"], ["config", "list"], ["config", "list", "--json"]):
        assert key not in run(*command, "--env", server.data / "demo.env").stdout


def test_no_proxy_or_terminal_is_needed(server):
    """Nothing in the environment, no terminal anywhere."""
    bare = subprocess.run([str(BINARY), "balance", "--env", str(server.data / "demo.env")], env={}, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, start_new_session=True, timeout=20 * PATIENCE, check=False)
    assert done(bare).endswith("10.00 CNY\n")
