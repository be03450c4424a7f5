"""The control interface by hand: fenzhang clock, pay, faults … and fenzhang control for any call."""
import json
import re
import socket
import subprocess
import threading

import pytest
import requests
from client import PATIENCE
from program import Program

from command import run


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Program(tmp_path_factory.mktemp("server"), demo=True, seed=1).start()
    yield running
    running.stop()


@pytest.fixture
def control(server):
    """control("clock", "now") of the book just made; its clock stands at 10:00 of 2026-01-05."""
    assert requests.post(server.control + "/reset", json={"again": True}, timeout=20 * PATIENCE).ok

    def call(*words, **more):
        return run(*words, "--env", server.data / "demo.env", **more)

    return call


def told(done):
    """The answer as JSON, of a command that went well."""
    assert (done.returncode, done.stderr) == (0, ""), done
    return json.loads(done.stdout)


def refused(done, *texts, status=1):
    assert (done.returncode, done.stdout) == (status, ""), done
    for text in texts:
        assert text in done.stderr, done.stderr


def test_a_word_that_was_mistaken_is_named(control):
    refused(control("clock", "avance", "PT5M"), "nothing to do with `avance'", "fenzhang clock advance ADVANCE", status=2)
    refused(control("clock", "advance", "PT5M", "PT6M"), "nothing to do with `PT6M'", status=2)
    refused(control("clock", "fre"), "nothing to do with `fre'", status=2)


def test_a_method_goes_by_small_letters_too(control):
    assert told(control("control", "get", "/limits", "--json")).keys() == {"limits"}


# ---- what is said, and how ----


def test_an_object_is_a_line_a_value(control):
    done = control("clock")
    assert done.stdout == "now     2026-01-05T10:00:00+08:00\nfrozen  true\nsign    wire\n"
    assert (done.returncode, done.stderr) == (0, "")


def test_a_list_is_a_table(control):
    lines = control("merchants").stdout.splitlines()
    assert lines[0].split()[:3] == ["mchid", "kind", "contract_date"] and len(lines) == 5
    assert lines[1].split()[:5] == ["1900000100", "institution", "2025-12-01", "60", "USD"]


def test_an_empty_list_says_so_and_prints_nothing(control):
    done = control("faults")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "fenzhang: there are none.\n")


def test_json_is_the_answer_itself(control, server):
    assert told(control("merchants", "--json")) == requests.get(server.control + "/merchants", timeout=20).json()


def test_text_is_printed_as_it_is(control):
    done = control("metrics")
    assert done.stdout.startswith("# HELP fenzhang_build_info") and "\nfenzhang_book_time_frozen 1\n" in done.stdout


# ---- the commands ----


@pytest.mark.parametrize("words, now, frozen", [
    (["clock", "now"], "2026-01-05T10:00:00+08:00", True),
    (["clock", "advance", "PT5M"], "2026-01-05T10:05:00+08:00", True),
    (["clock", "advance", "P1DT1S"], "2026-01-06T10:00:01+08:00", True),
    (["clock", "set", "2026-02-28T23:59:59+08:00"], "2026-02-28T23:59:59+08:00", True),
    (["clock", "freeze"], "2026-01-05T10:00:00+08:00", True),
])
def test_the_clock(control, words, now, frozen):
    assert told(control(*words, "--json")) == {"now": now, "frozen": frozen, "sign": "wire"}


def test_the_clock_runs_and_stops(control):
    assert told(control("clock", "free", "--json"))["frozen"] is False
    assert told(control("clock", "freeze", "--json"))["frozen"] is True


def test_the_clock_of_callbacks(control):
    assert told(control("clock", "sign", "book", "--json"))["sign"] == "book"
    assert told(control("clock", "advance", "PT1M", "--sign", "wire", "--callbacks", "later", "--json"))["sign"] == "wire"


def test_a_payment_is_of_the_merchant_of_the_demo_env(control):
    paid = told(control("pay", "1000", "--marked", "--out-trade-no", "BYHAND1", "--json"))
    assert (paid["out_trade_no"], paid["amount"], paid["currency"], paid["marked"]) == ("BYHAND1", 1000, "CNY", True)
    assert told(control("audit", "--json"))["payments"] == 7  # one more than the demo book's six


def test_a_payment_of_a_merchant_that_is_named(control):
    """The demo book's direct merchant, which has no sub-merchant: that of demo.env does not come along."""
    assert told(control("pay", "250", "--mchid", "1900000120", "--marked=false", "--json"))["marked"] is False


def test_a_voucher(control):
    paid = told(control("pay", "1000", "--coupon", '{"type":"COUPON","scope":"GLOBAL","amount":100}', "--json"))
    assert paid["amount"] == 1000


def test_what_becomes_of_the_payer(control):
    done = told(control("pay", "account", "20150806125346", "closed", "--json"))
    assert done == {"out_trade_no": "20150806125346", "payer_account": "closed"}


def test_merchants(control):
    made = told(control("merchants", "add", "1900000140", "sub", "--parent", "1900000100", "--json"))
    assert (made["mchid"], made["kind"], made["parent"]) == ("1900000140", "sub", "1900000100")
    changed = told(control("merchants", "change", "1900000140", "--papers", "missing", "--refused-scenes", "NATIVE,MWEB",
                           "--contract_date", "2026-01-02", "--json"))
    assert (changed["papers"], changed["refused_scenes"], changed["contract_date"]) == ("missing", ["NATIVE", "MWEB"], "2026-01-02")
    changed = told(control("merchants", "change", "1900000140", "--refused-scenes", "", "--contract-date", "null", "--json"))
    assert (changed["refused_scenes"], changed["contract_date"]) == ([], None)
    assert told(control("merchants", "recharge", "1900000100", "2000", "--json"))["remaining_amount"] == 2000


@pytest.mark.parametrize("value, kept", [("certificate", "certificate"), ("3000", 3000), ("null", None)])
def test_a_member_that_is_a_word_or_a_number(control, value, kept):
    done = told(control("control", "POST", "/merchants/1900000100", "--callbacks-signed-by", value, "--public-key", "both", "--json"))
    assert done.get("callbacks_signed_by") == kept or kept is None


def test_faults(control):
    made = told(control("faults", "add", "--error", "SYSTEM_ERROR", "--endpoint", "refund-submit", "--count", "1", "--json"))
    assert (made["effect"], made["error"], made["count"]) == ("error", "SYSTEM_ERROR", 1)
    assert control("faults").stdout.splitlines()[1].split()[1:3] == ["error", "SYSTEM_ERROR"]
    assert told(control("faults", "remove", made["id"], "--json")) == {"cleared": 1}
    assert told(control("faults", "clear", "--json")) == {"cleared": 0}


def test_limits(control):
    assert told(control("limits", "real", "--json")) == {"limits": "real"} == told(control("limits", "--json"))
    assert told(control("limits", "off", "--json")) == {"limits": "off"}


def test_callbacks(control):
    paid = told(control("pay", "100", "--notify-url", "http://127.0.0.1:9/notify", "--callbacks", "wait", "--json"))
    number = paid["callback"]["id"]
    (listed,) = told(control("callbacks", "--state", "WAITING", "--json"))["callbacks"]
    assert (listed["id"], listed["attempts"]) == (number, 1)
    assert told(control("callbacks", "show", number, "--json"))["resource"]["amount"]["total"] == 100
    assert told(control("callbacks", "resend", number, "--json"))["resends"] == 1
    assert told(control("callbacks", "spoil", "duplicate", "--count", "2", "--mchid", "1900000120", "--json"))["modes"][0]["mode"] == "duplicate"
    assert told(control("callbacks", "mode", "--json"))["modes"][0]["count"] == 2


def test_the_request_log(control, server):
    for _ in range(3):
        requests.get(server.api + "/v3/certificates", timeout=20)
    done = control("requests", "--status", "401", "--limit", "2")
    assert len(done.stdout.splitlines()) > 2 and re.fullmatch(r"fenzhang: more: --before \d+\n", done.stderr)
    first = told(run("requests", "--limit", "1", "--json", "--control", server.control))["requests"][0]
    whole = told(control("requests", "show", first["request_id"], "--json"))
    assert whole["target"] == "/v3/certificates" and json.loads(whole["answer"]["body"])["code"] == "SIGN_ERROR"


def test_others(control):
    assert told(control("health", "--json"))["status"] == "ok"
    assert len(told(control("platform", "--json"))["certificates"]) == 1
    assert len(told(control("platform", "rotate", "--signs-in", "PT0S", "--json"))["serial_no"]) == 40
    assert told(control("reset", "--again", "--json"))["now"] == "2026-01-05T10:00:00+08:00"
    assert told(control("receivers", "change", "1900000130", "--penalised", "--json")) == {"penalised": True, "account": "1900000130"}


def test_an_argument_with_letters_that_a_path_does_not_have(control):
    refused(control("callbacks", "show", "a/b c?d"), "no callback has this id")


def test_audit(control):
    assert control("audit").stdout.endswith("The book is sound.\n")


# ---- any call ----


def test_any_call(control):
    assert told(control("control", "POST", "/clock", "--advance", "PT5M", "--json"))["now"] == "2026-01-05T10:05:00+08:00"
    assert told(control("control", "GET", "/merchants", "--json"))["merchants"][0]["mchid"] == "1900000100"
    assert told(control("control", "DELETE", "/faults", "--json")) == {"cleared": 0}
    assert told(control("control", "POST", "/payments/20150806125346", "--payer-account", "frozen", "--json"))["payer_account"] == "frozen"


def test_no_such_call(control):
    refused(control("control", "GET", "/clocks"), "there is no call GET /clocks", "  POST   /clock\n", status=2)
    refused(control("control"), "method and path come first: fenzhang control GET /clock", status=2)


# ---- mistakes ----


def test_what_is_not_said_so(control):
    refused(control("clock", "PT5M"), "fenzhang clock advance ADVANCE\n", "  fenzhang clock\n", status=2)


def test_a_member_that_is_missing(server):
    done = run("pay", "100", "--control", server.control)
    refused(done, "mchid is missing (who is paid)", "--env FILE", status=2)


@pytest.mark.parametrize("words, said", [
    (["pay", "10.00"], "amount is `10.00', which is no whole number"),
    (["pay", "100", "--coupon", "COUPON"], "which is no JSON object"),
    (["pay", "100", "--marked=perhaps"], "which is no true or false"),
    (["faults", "--error", "SYSTEM_ERROR"], "--error does not go with these words"),
    (["clock", "--limit", "1"], "there is no option `--limit'"),
])
def test_a_value_that_is_none(control, words, said):
    refused(control(*words), said, status=2)


def test_what_the_server_refuses(control):
    refused(control("clock", "set", "2020-01-01T00:00:00+08:00"), "fenzhang: ")
    refused(control("faults", "add", "--error", "NOPE"), "fenzhang errors")
    refused(control("reset", "--again", "--json", "--control", "http://127.0.0.1:1"), "no server answers at http://127.0.0.1:1", status=2)


# ---- where the server is ----


@pytest.mark.parametrize("name", ["FENZHANG_CONTROL_URL", "CONTROL_URL"])
def test_by_a_variable(server, name):
    assert run("clock", env={name: server.control + "/"}).returncode == 0


def test_by_the_variable_of_run(server):
    assert run("clock", env={"FENZHANG_ENV": str(server.data / "demo.env")}).returncode == 0


def test_by_a_ready_file(program, tmp_path):
    ready = tmp_path / "ready.json"
    program("--ready-file", str(ready))
    assert run("clock", "--ready-file", ready).returncode == 0
    refused(run("clock", "--ready-file", tmp_path / "none"), "tells no server", status=2)


@pytest.fixture
def program(tmp_path_factory):
    started = []

    def start(*options, **settings):
        started.append(Program(tmp_path_factory.mktemp("program"), *options, **settings).start())
        return started[-1]

    yield start
    for one in started:
        one.stop()


def test_with_a_token(program, tmp_path):
    token = tmp_path / "token"
    token.write_text("0123456789abcdef0123456789abcdef\n")
    token.chmod(0o600)
    running = program("--control-token-file", str(token))
    refused(run("clock", "--control", running.control), "fenzhang: ")
    assert run("clock", "--control", running.control, "--token-file", token).returncode == 0
    token.chmod(0o644)
    refused(run("clock", "--control", running.control, "--token-file", token), "the token cannot be read", status=2)


def test_the_first_that_is_given_counts(server):
    assert run("clock", "--control", server.control, env={"FENZHANG_CONTROL_URL": "http://127.0.0.1:1"}).returncode == 0
    refused(run("clock", "--control", "127.0.0.1:8081"), "is no address of a control interface", status=2)


def test_an_answer_that_breaks_off():
    """What only reads is trouble; what may have been done is told with status 3."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        def answer_nothing():
            for _ in range(2):
                peer, _ = listening.accept()
                peer.recv(65536)
                peer.close()

        thread = threading.Thread(target=answer_nothing)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        refused(run("clock", "--control", url), "gave no answer", status=2)
        refused(run("reset", "--control", url), "may have been done", status=3)
        thread.join()


def test_who_is_no_control_interface(server):
    refused(run("clock", "--control", server.api), "is none of a control interface", "CONTROL_URL in demo.env", status=2)


def test_where_nothing_is_said_the_server_of_the_default_data_directory_is_meant(server, tmp_path):
    """If it is there: one that was killed leaves word behind."""
    state = {"XDG_STATE_HOME": str(tmp_path)}
    (tmp_path / "fenzhang").symlink_to(server.data)
    assert "now" in json.loads(run("clock", "--json", env=state).stdout)
    elsewhere = run("clock", "--control", "http://127.0.0.1:1", env=state)
    assert elsewhere.returncode == 2 and "127.0.0.1:1" in elsewhere.stderr
    ended = subprocess.Popen(["true"])
    ended.wait()
    (tmp_path / "fenzhang").unlink()
    (tmp_path / "fenzhang").mkdir()
    told = json.loads((server.data / "ready.json").read_text("utf-8")) | {"pid": ended.pid}
    (tmp_path / "fenzhang/ready.json").write_text(json.dumps(told))
    assert server.control not in run("clock", env=state).stderr


# ---- the table ----


def test_every_call_can_be_said(server):
    """All rows have words, or `fenzhang control`: clearing by POST is for those who cannot DELETE; audit, health and `fenzhang world export` have pages of their own."""
    listed = json.loads(run("openapi", "--control").stdout)["paths"]
    calls = {f"{method.upper()} {path}" for path, item in listed.items() for method in item}
    commands = re.findall(r"^  (\w+) ", run("help").stdout.split("A running server, by hand:")[1].split("\n\n")[0], re.M)
    assert commands == ["clock", "merchants", "platform", "pay", "receivers", "refunds", "requests", "tail", "faults", "callbacks", "limits", "metrics",
                        "reset", "snapshots", "watch", "replay", "control"]
    titles = {item["summary"] for path, each in listed.items() for item in each.values()}
    helps = " ".join(" ".join(run(name, "-h").stdout.split()) for name in commands + ["audit"])
    unsaid = {title for title in titles if title not in helps}
    assert unsaid == {"The same as DELETE /faults", "Checks every invariant of the book", "Whether it is alive and able to write",
                      "The book as a world file"}
    assert len(calls) >= 32


@pytest.mark.parametrize("command", ["clock", "pay", "limits", "merchants", "faults"])
def test_the_examples_of_help_are_true(control, command):
    lines = re.findall(r"^  fenzhang (.+)$", run(command, "-h").stdout, re.M)
    words = [line.split() for line in lines if not re.search(r" [A-Z_]{3,}$", line)]
    assert words
    for one in words:
        if one[:2] in (["pay", "order"], ["faults", "remove"]):
            continue  # of what another call has made
        done = control(*one)
        assert done.returncode == 0, (one, done.stderr)
