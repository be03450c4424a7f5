"""fenzhang tail and watch: a server's exchanges and its callbacks as they come."""
import http.server
import itertools
import json
import re
import selectors
import signal
import threading

import pytest
import requests
from client import PATIENCE
from program import Program

from command import run, start

TIME = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00"
ID = r"[0-9A-F]{32}-\d+"


@pytest.fixture
def program(tmp_path_factory):
    started = []

    def begin(*options, **settings):
        started.append(Program(tmp_path_factory.mktemp("program"), *options, **settings).start())
        return started[-1]

    yield begin
    for one in started:
        one.stop()


@pytest.fixture
def following():
    """following("tail", …) is a command that goes on; ended at the end of the test if it still does."""
    begun = []

    def begin(*words, **more):
        begun.append(start(*words, **more))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            stream.close()


@pytest.fixture(scope="module")
def receiver():
    """A notify_url that answers 204, and 500 to what has /fails in its path."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(500 if "fails" in self.path else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def ask_balance(server, **more):
    return run("balance", "--env", server.data / "demo.env", **more)


def refuse(server, authorization="x"):
    return requests.get(server.api + "/v3/certificates", headers={"Authorization": authorization, "Accept": "*/*", "User-Agent": "t"}, timeout=20)


def tail(following, server, *options):
    """From the oldest that is kept: so none is missed while it begins."""
    return following("tail", "--after", "0", *options, "--env", server.data / "demo.env")


def stirred(process, stir):
    """Calls stir(0), stir(1) and so on until the command says something: nobody can know from when on it looks. Gives the last number."""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        for number in itertools.count():
            stir(number)
            if selector.select(0.1):
                return number


def pay(server, url, number, **more):
    answer = requests.post(server.control + "/payments", timeout=20 * PATIENCE, json={
        "mchid": "1900000100", "sub_mchid": "1900000109", "amount": 100, "out_trade_no": number, "notify_url": url, "callbacks": "wait", **more})
    assert answer.ok, answer.text
    return answer.json()["callback"]["id"]


def watching(following, server, receiver, *options):
    """A watch that looks already, and all that it has said so far was read."""
    process = following("watch", *options, "--env", server.data / "demo.env")
    latest = stirred(process, lambda number: pay(server, receiver + "/good", f"STIRRED{number}"))
    while f"STIRRED{latest}" not in (line := process.stdout.readline()):
        assert line != ""
    return process


# ---- tail ----


def test_a_line_for_each_exchange(program, following):
    server = program(demo=True)
    process = tail(following, server, "--path", "balance")
    assert ask_balance(server).returncode == 0
    assert re.fullmatch(
        rf"{TIME} GET /v3/global/profit-sharing/refunds/refundable-balance 200 1900000100 [\d.]+[mu]?s {ID}\n", process.stdout.readline())


def test_a_signature_that_failed_is_explained(program, following):
    server = program(demo=True)
    process = tail(following, server)
    refuse(server)
    line = process.stdout.readline()
    assert re.fullmatch(rf"{TIME} GET /v3/certificates 401 SIGN_ERROR [\d.]+[mu]?s SCHEME_OTHER: Authorization begins with .* {ID}\n", line)


def test_another_refusal_says_its_message(program, following):
    server = program(demo=True)
    process = tail(following, server, "--status", "4xx")
    requests.get(server.api + "/v3/nothing", headers={"Accept": "*/*", "User-Agent": "t"}, timeout=20)
    assert re.search(r" GET /v3/nothing 40\d [A-Z_]+ .+ [A-Z][a-z].+ " + ID, process.stdout.readline())


def test_json_is_an_object_a_line(program, following):
    server = program(demo=True)
    process = tail(following, server, "--json", "--status", "401")
    assert ask_balance(server).returncode == 0
    refuse(server)
    entry = json.loads(process.stdout.readline())
    whole = requests.get(f"{server.control}/requests/{entry['request_id']}", timeout=20).json()
    assert entry == {name: value for name, value in whole.items() if name not in ("request", "answer")}
    assert (entry["method"], entry["target"], entry["status"], entry["code"]) == ("GET", "/v3/certificates", 401, "SIGN_ERROR")


def test_it_begins_with_what_comes(program, following):
    """Without --after. What was there before is not told."""
    server = program(demo=True)
    before, after = refuse(server).headers["Request-ID"], []
    process = following("tail", "--json", "--env", server.data / "demo.env")
    stirred(process, lambda number: after.append(refuse(server).headers["Request-ID"]))
    told = json.loads(process.stdout.readline())["request_id"]
    assert told in after and told != before


def test_colours(program, following):
    server = program(demo=True)
    process = following("tail", "--after", "0", "--env", server.data / "demo.env", env={"CLICOLOR_FORCE": "1"})
    refuse(server)
    line = process.stdout.readline()
    assert "\033[1mGET\033[0m /v3/certificates \033[33m401\033[0m SIGN_ERROR" in line
    process = following("tail", "--after", "0", "--env", server.data / "demo.env", env={"NO_COLOR": "1"})
    assert "\033" not in process.stdout.readline()


def test_what_a_sender_writes_does_not_reach_the_terminal(program, following):
    """A path is shown with its escapes."""
    server = program(demo=True)
    process = tail(following, server)
    requests.get(server.api + "/v3/a%1B%5B2J", headers={"Accept": "*/*", "User-Agent": "t"}, timeout=20)
    assert " /v3/a%1B%5B2J 401 " in process.stdout.readline()


def test_a_reset_is_told(program, following):
    server = program(demo=True)
    process = tail(following, server)
    refuse(server)
    process.stdout.readline()
    requests.post(server.control + "/reset", json={}, timeout=20 * PATIENCE)
    assert process.stderr.readline() == "fenzhang: the book was reset, and the log with it.\n"
    refuse(server)
    assert " 401 " in process.stdout.readline()


# ---- its end ----


@pytest.mark.parametrize("words", [["tail", "--after", "0"], ["watch"]])
def test_ctrl_c_is_its_end(program, following, words):
    server = program(demo=True)
    process = following(*words, "--env", server.data / "demo.env")
    refuse(server)
    stirred(process, lambda number: pay(server, "http://127.0.0.1:9/", f"STIRRED{number}"))
    process.send_signal(signal.SIGINT)
    assert process.wait(20 * PATIENCE) == 0 and process.stderr.read() == ""


@pytest.mark.parametrize("words", [["tail", "--after", "0"], ["watch"]])
def test_the_server_ends(program, following, words, receiver):
    server = program(demo=True)
    process = following(*words, "--env", server.data / "demo.env")
    refuse(server)
    stirred(process, lambda number: pay(server, receiver, f"STIRRED{number}"))
    server.stop()
    assert process.wait(20 * PATIENCE) == 2
    said = process.stderr.read()
    assert said.startswith("fenzhang: ") and server.control in said and said.count("\n") == 1


@pytest.mark.parametrize("words", [["tail", "--after", "0"], ["watch"]])
def test_nobody_reads_any_more(program, following, words):
    """At once, not only with the next line; and without a word."""
    server = program(demo=True)
    process = following(*words, "--env", server.data / "demo.env")
    process.stdout.close()
    assert process.wait(20 * PATIENCE) == 0 and process.stderr.read() == ""


@pytest.mark.parametrize("word", ["tail", "watch"])
def test_no_server(word):
    done = run(word, "--control", "http://127.0.0.1:1")
    assert (done.returncode, done.stdout) == (2, "") and "no server answers at http://127.0.0.1:1" in done.stderr


def test_no_request_log(program):
    server = program("--log-requests", "0")
    done = run("tail", "--control", server.control)
    assert (done.returncode, done.stdout) == (1, "") and "--log-requests" in done.stderr


def test_a_filter_that_is_none(program):
    server = program()
    done = run("tail", "--status", "9xx", "--control", server.control)
    assert (done.returncode, done.stdout) == (1, "") and '"status" is neither a status, like 404' in done.stderr


# ---- watch ----


def test_a_line_for_each_callback(program, following, receiver):
    server = program(demo=True)
    process = watching(following, server, receiver)
    number = pay(server, receiver + "/good", "WATCHED1")
    assert re.fullmatch(rf"20\S+ TRANSACTION\.SUCCESS {receiver}/good 204 WATCHED1 [\d.]+[mu]?s {number}\n", process.stdout.readline())


def test_a_line_for_each_try(program, following, receiver):
    """The ladder's first three steps are 15, 15 and 30 seconds: a minute on, four tries were made."""
    server = program(demo=True)
    process = watching(following, server, receiver, "--json")
    number = pay(server, receiver + "/fails", "WATCHED2")
    requests.post(server.control + "/clock", json={"advance": "PT1M"}, timeout=20 * PATIENCE)
    lines = [json.loads(process.stdout.readline()) for _ in range(4)]
    assert [line["number"] for line in lines] == [1, 2, 3, 4]
    assert {(line["id"], line["answer"]["status"], line["kind"], line["event_type"], line["out_trade_no"]) for line in lines} == {
        (number, 500, "NOTIFICATION", "TRANSACTION.SUCCESS", "WATCHED2")}


def test_a_try_says_when_the_next_one_comes(program, following, receiver):
    server = program(demo=True, seed=1)
    process = watching(following, server, receiver)
    pay(server, receiver + "/fails", "WATCHED3")
    assert " 500 WATCHED3 " in (line := process.stdout.readline()) and " again at 2026-01-05T10:00:15+08:00 EV-" in line


def test_nobody_listens(program, following, receiver):
    server = program(demo=True)
    process = watching(following, server, receiver)
    pay(server, "http://127.0.0.1:9/", "WATCHED4")
    line = process.stdout.readline()
    assert " http://127.0.0.1:9/ - WATCHED4 " in line and "Failed to connect to 127.0.0.1 port 9" in line


def test_one_that_is_sent_again_by_hand_and_what_goes_beside_it(program, following, receiver):
    server = program(demo=True)
    number = pay(server, receiver + "/good", "WATCHED5")
    process = watching(following, server, receiver, "--json")
    assert run("callbacks", "spoil", "duplicate", "--count", "1", "--env", server.data / "demo.env").returncode == 0
    first = pay(server, receiver + "/good", "WATCHED6")
    seen = [json.loads(process.stdout.readline()) for _ in range(2)]
    assert {line["id"] for line in seen} == {first} and {line["kind"] for line in seen} == {"NOTIFICATION", "DUPLICATE"}
    assert run("callbacks", "resend", number, "--callbacks", "wait", "--env", server.data / "demo.env").returncode == 0
    again = json.loads(process.stdout.readline())
    assert (again["id"], again["number"], again["resends"], again["state"]) == (number, 2, 1, "DELIVERED")


def test_many_at_once(program, following, receiver):
    """More than a page between two looks."""
    server = program(demo=True)
    process = watching(following, server, receiver, "--json")

    def pay_many(part):
        for i in range(75):
            requests.post(server.control + "/payments", timeout=20 * PATIENCE, json={
                "mchid": "1900000100", "sub_mchid": "1900000109", "amount": 1, "out_trade_no": f"MANY{part}X{i:03}", "notify_url": receiver})

    threads = [threading.Thread(target=pay_many, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    told = {json.loads(process.stdout.readline())["out_trade_no"] for _ in range(300)}
    for thread in threads:
        thread.join()
    assert told == {f"MANY{k}X{i:03}" for k in range(4) for i in range(75)}
