"""The access log: a line for each exchange and each callback, on standard error, for people and for programs"""

import contextlib
import json
import os
import pty
import re
import subprocess
import threading

import pytest

from answers import ok
from callbacks import Receiver, until
from client import PATIENCE
from ports import nobodys_port
from program import BINARY, REPOSITORY, Program
from world import SHARING, World

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00"


class OnTerminal(Program):
    """The program with its standard error on a terminal, which is read unless `reads` is false."""

    def __init__(self, directory, *options, reads=True, environment=None, **settings):
        super().__init__(directory, *options, demo=True, **settings)
        self.reads = reads
        self.environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "", **(environment or {})}
        self.shown = b""

    def start(self):
        self.master, slave = pty.openpty()
        with os.fdopen(slave, "wb") as terminal:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=terminal, text=True, env=self.environment
            )
        self.reader = threading.Thread(target=self._read)
        if self.reads:
            self.reader.start()
        self.ready_line = self._first_line(20 * PATIENCE)
        words = dict(word.split("=", 1) for word in self.ready_line.split()[1:])
        self.api, self.control = words["api"], words["control"]
        return self

    def _read(self):
        with contextlib.suppress(OSError):  # the other end is closed
            while piece := os.read(self.master, 65536):
                self.shown += piece

    def log_text(self):
        return self.shown.decode("utf-8", "replace").replace("\r\n", "\n")

    def stop(self, *arguments):
        if self.process is None:
            return
        super().stop(*arguments)
        if self.reads:
            self.reader.join(10 * PATIENCE)
        else:
            self._read()
            self.left_unread = len(self.shown)
        os.close(self.master)


def place_and_pay(world, party, url):
    number = world.number("C")
    ok(world.native(party, number, 1000, notify_url=url))
    world.control.pay(number, **party.in_control())


@pytest.fixture
def on_terminal(tmp_path_factory):
    started = []

    def start(*options, **settings):
        started.append(OnTerminal(tmp_path_factory.mktemp("program"), *options, **settings).start())
        return started[-1]

    yield start
    for one in started:
        one.stop()


def exchanges(program):
    """The lines of exchanges as they are at last, without colours."""
    return [line for line in ESCAPE.sub("", program.log_text()).splitlines() if re.match(rf"{TIME} [A-Z]+ /", line)]


def objects(program):
    return [json.loads(line) for line in program.log_text().splitlines()]


def refused_and_served(world, party):
    """Four exchanges; their Request-IDs."""
    balance = f"{SHARING}/refunds/refundable-balance"
    answers = [
        world.client.get(party.caller, "/v3/certificates"),
        world.client.get(party.caller, "/v3/nowhere"),
        world.client.get(party.caller, balance, {"nope": "1"}),
        world.client.get(party.caller, "/v3/certificates", timestamp=1),
    ]
    assert [answer.status for answer in answers] == [200, 404, 400, 401]
    return [answer.header("Request-ID") for answer in answers]


def test_on_a_terminal_each_exchange_has_a_line_in_colour(on_terminal):
    program = on_terminal()
    world = World(program)
    ids = refused_and_served(world, world.party("direct"))
    program.stop()
    lines = exchanges(program)
    assert [line.split()[-1] for line in lines] == ids
    duration = r"[\d.]+(us|ms|s)"
    assert re.fullmatch(rf"{TIME} GET /v3/certificates 200 {duration} {ids[0]}", lines[0])
    assert re.fullmatch(rf'{TIME} GET /v3/nowhere 404 NOT_FOUND ".+" {duration} {ids[1]}', lines[1])
    assert re.fullmatch(rf'{TIME} GET {SHARING}/refunds/refundable-balance\?nope=1 400 PARAM_ERROR "nope: .+" {duration} {ids[2]}', lines[2])
    assert re.fullmatch(rf'{TIME} GET /v3/certificates 401 SIGN_ERROR SIGN_TIME "TIMESTAMP_\w+: .+" {duration} {ids[3]}', lines[3])
    shown = program.log_text()
    assert "\x1b[32m200\x1b[0m" in shown and "\x1b[33m404\x1b[0m" in shown


def test_no_color_and_dumb_terminals_are_heeded(on_terminal):
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        program = on_terminal(environment=environment)
        world = World(program)
        world.client.get(world.party("direct").caller, "/v3/certificates")
        program.stop()
        assert len(exchanges(program)) == 1 and "\x1b" not in program.log_text()


def test_elsewhere_there_is_none_unless_it_is_asked_for(program, on_terminal):
    quiet, asked = program(demo=True), program("--log-format", "text", demo=True)
    silenced = on_terminal("--log-format", "none")
    for one in (quiet, asked, silenced):
        world = World(one)
        world.client.get(world.party("direct").caller, "/v3/certificates")
        one.stop()
    assert exchanges(quiet) == exchanges(silenced) == []
    assert len(exchanges(asked)) == 1 and "\x1b" not in asked.log_text()


def test_standard_output_has_the_ready_line_alone(tmp_path):
    arguments = Program(tmp_path, "--log-format", "json", demo=True).command
    with subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        api = re.search(r"api=(\S+)", line)[1]
        subprocess.run(["curl", "-s", f"{api}/v3/nowhere"], check=True, capture_output=True, timeout=20 * PATIENCE)
        process.terminate()
        rest, told = process.communicate(timeout=20 * PATIENCE)
    assert line.startswith("ready ") and rest == ""
    assert [json.loads(line)["log"] for line in told.splitlines()] == ["exchange"]


def test_json_has_the_members_of_the_request_log(program):
    program = program("--log-format", "json", demo=True)
    world = World(program)
    ids = refused_and_served(world, world.party("direct"))
    kept = world.control.get("/requests")["requests"]
    program.stop()
    lines = [line for line in objects(program) if line["log"] == "exchange"]
    assert [line["request_id"] for line in lines] == ids
    assert [{name: value for name, value in line.items() if name not in ("log", "diagnosis")} for line in lines] == kept[::-1]
    assert "diagnosis" not in lines[0] and lines[2]["diagnosis"].startswith("nope: ")


def test_with_json_other_lines_are_json_too(program):
    program = program("--log-format", "json", demo=True)
    program.stop()
    (program.data / "demo.env").unlink()
    (program.data / "demo.env").mkdir()  # so it cannot be written again, which the next start tells
    program.start()
    program.stop()
    told = [line for line in objects(program) if line["log"] == "message"]
    assert told and told[0]["level"] == "warning" and "demo.env" in told[0]["text"]
    assert set(told[0]) == {"log", "time", "level", "text"}


@pytest.mark.parametrize("form", ["text", "json"])
def test_callbacks_and_what_goes_wrong_with_them(program, form):
    program = program("--log-format", form, "--callback-ladder", "15s", demo=True)
    world = World(program)
    world.control.set_clock(freeze=True)
    party = world.party("direct")
    shop = Receiver(lambda callback: 200 if len(shop.received) > 1 else 500)
    with contextlib.closing(shop):
        place_and_pay(world, party, shop.url())
        until(lambda: "refused" in program.log_text())
        world.forward(seconds=15)
        until(lambda: "delivered" in program.log_text())
        shop.answer = lambda callback: 500
        world.control.post(f"/callbacks/{shop.received[0].id}/resend")
        until(lambda: program.log_text().count("refused") == 2)
    with nobodys_port() as port:
        place_and_pay(world, party, f"http://127.0.0.1:{port}/notify")
        until(lambda: "unanswered" in program.log_text())
    program.stop()
    text = program.log_text()
    (first, *_) = shop.received
    if form == "json":
        lines = [line for line in objects(program) if line["log"] == "callback"]
        assert [(line["outcome"], line.get("status")) for line in lines] == [
            ("refused", 500), ("delivered", 200), ("refused", 500), ("unanswered", None)]
        assert {line["id"] for line in lines[:3]} == {first.id}
        assert ["due_time" in line for line in lines] == [True, False, False, True] and lines[3]["error"]
        assert {line["event_type"] for line in lines} == {"TRANSACTION.SUCCESS"}
    else:
        lines = [line for line in text.splitlines() if " callback " in line]
        assert re.fullmatch(rf'{TIME} callback \S+ 500 refused NOTIFICATION "again at {TIME} of the book" \S+ {first.id}', lines[0])
        assert re.fullmatch(rf"{TIME} callback \S+ 200 delivered NOTIFICATION \S+ {first.id}", lines[1])
        assert re.fullmatch(rf"{TIME} callback \S+ 500 refused NOTIFICATION \S+ {first.id}", lines[2])  # it is not sent again
        assert re.fullmatch(rf'{TIME} callback \S+ - unanswered NOTIFICATION ".+; again at {TIME} of the book" \S+ \S+', lines[3])


def test_a_reset_loses_no_line(program):
    program = program("--log-format", "text", demo=True)
    world = World(program)
    ids = []
    for _ in range(5):
        caller = world.party("direct").caller
        ids += [world.client.get(caller, "/v3/certificates").header("Request-ID") for _ in range(10)]
        world.control.reset()
        world._parties.clear()
    program.stop()
    assert [line.split()[-1] for line in exchanges(program)] == ids
    assert "missing" not in program.log_text()


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_is_told(program, form):
    program = program("--log-format", form, demo=True)
    world = World(program)
    caller = world.party("direct").caller
    world.client.get(caller, "/v3/billdownload/file", {"token": "t0psecrettoken"})
    world.client.post(caller, "/v3/global/refunds", {"name": "Zhang Three", "reason": "x"})
    program.stop()
    text = program.log_text()
    assert text and "t0psecrettoken" not in text and "Zhang Three" not in text


def test_a_terminal_that_stalls_holds_up_nobody(on_terminal):
    """Nobody reads it: it takes some ten kilobytes, then no more. Requests, the control interface and the stop go on."""
    program = on_terminal(reads=False)
    world = World(program)
    caller = world.party("direct").caller
    path = "/v3/nowhere/" + "x" * 280
    for _ in range(400):  # 150 KB of lines
        assert world.client.get(caller, path).status == 404
    world.control.reset()  # which waits for lines to be written, but not long
    assert world.control.raw("GET", "/health").status_code == 200
    program.stop()  # within a second
    assert 0 < program.left_unread < 100_000  # so it did stall


@pytest.mark.parametrize("options, says", [
    (["--log-format", "xml"], "text, json, journal and none"),
    (["--log-format", "json", "--log-requests", "0"], "--log-requests 0"),
    (["--log-format", "text", "--log-bytes", "0"], "--log-bytes 0"),
])
def test_what_cannot_be_is_refused(tmp_path, options, says):
    run = subprocess.run([BINARY, "serve", "--data", tmp_path, *options], capture_output=True, text=True, timeout=20 * PATIENCE)
    assert run.returncode != 0 and says in " ".join(run.stderr.split())


def test_the_page_shows_lines_as_they_are():
    page = (REPOSITORY / "docs" / "integrators.md").read_text("utf-8")
    exchange = rf'{TIME} (GET|POST) /\S+ (?P<status>\d+) ((?P<code>\w+) ((?P<name>\w+) )?".+" )?[\d.]+(us|ms|s) [0-9A-F]{{32}}-(?P<number>\d+)'
    callback = rf'{TIME} callback \S+ \d+ (delivered|refused|unanswered) NOTIFICATION (".+" )?[\d.]+ms \S+'
    shown = [line for block in re.findall(r"```text\n(.*?)```", page, re.S) for line in block.splitlines() if re.match(TIME, line)]
    rows = {name: (status, code, number) for name, status, code, _, number in re.findall(
        r'FZ_ROW\((\w+),\s*(\d+),\s*"(\w+)",\s*"(\w+)",\s*(\d+),', (REPOSITORY / "src" / "base" / "server" / "errors.def").read_text("utf-8"))}
    assert len(shown) == 4
    for line in shown:
        found = re.fullmatch(exchange, line)
        assert found or re.fullmatch(callback, line), line
        if found and found["code"]:
            assert rows[found["name"] or found["code"]] == (found["status"], found["code"], found["number"]), line
