"""The configuration file of `fenzhang serve`, and what --print-config says of it."""
import json
import os
import re
import subprocess

import pytest

from client import PATIENCE
from command import environment, run
from program import BINARY, Program


@pytest.fixture
def conf(tmp_path):
    """Writes a configuration file; its path."""

    def write(text, name="fenzhang.conf"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def printed(*arguments, **more):
    """What --print-config says: each name's value and the source in the line above it."""
    done = run("serve", "--print-config", *arguments, **more)
    assert (done.returncode, done.stderr) == (0, ""), done
    return {name: (value, source) for source, mark, name, value in re.findall(r"^# (.+)\n(#?)([a-z][a-z-]*) = ?(.*)$", done.stdout, re.M)}


def refused(path, *said, line=None):
    done = run("serve", "--config", path)
    assert (done.returncode, done.stdout) == (2, ""), done
    if line is not None:
        assert done.stderr.startswith(f"fenzhang: {path}, line {line}: "), done.stderr
    for words in said:
        assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_server_is_as_its_file_says(tmp_path, conf):
    """Addresses, paths relative to the file, limits, switches."""
    token = tmp_path / "token"
    token.touch(0o600)
    token.write_text("t" * 32)
    path = conf("# of a test\ndata = book\nlisten=127.0.0.1:0\ncontrol = 0\n\ncontrol-token-file = token\nlimits = off\ndemo = yes ; as ever\n"
                "overview-first = no\nready-file = ready.json\n")
    program = Program(tmp_path)
    program.arguments = [str(BINARY), "serve", "--config", str(path)]
    program.data = tmp_path / "book"
    program.start()
    try:
        assert run("health", "--data", program.data).stdout == "ok\n"
        assert json.loads(run("limits", "--control", program.control, "--token-file", token, "--json").stdout) == {"limits": "off"}
        assert (tmp_path / "ready.json").exists() and (program.data / "demo.env").exists()
    finally:
        program.stop()


def test_the_command_line_counts_more(conf):
    path = conf("limits = off\nworkers = 3\nlog-bytes = 1000\n")
    values = printed("--config", path, "--limits", "real", "--seed=7", "-w4", "--data", "/x")
    assert values["limits"] == ("real", "command line") and values["workers"] == ("4", "command line")
    assert values["seed"] == ("7", "command line") and values["log-bytes"] == ("1000", f"{path}, line 3")
    assert values["control"] == ("127.0.0.1:8081", "default") and values["proxy"] == ("", "not given")
    assert values["demo"] == ("no", "not given") and values["data"] == ("/x", "command line")


def test_every_option_is_printed_but_those_about_files(conf):
    options = set(re.findall(r"^  +(?:-\w, )?--([a-z-]+)", run("serve", "--help").stdout, re.M))
    assert len(options) > 25
    assert options - set(printed()) == {"config", "print-config", "help", "usage", "version"}


def test_what_is_printed_says_the_same_when_it_is_read(tmp_path, conf):
    given = ["--data", "here", "--demo", "--listen", "9", "--callback-ladder", "15s,3m", "--tls", "--public-url", "https://pay.test.example", "--proxy", "3128"]
    first = run("serve", "--print-config", *given, cwd=tmp_path).stdout
    (tmp_path / "deeper").mkdir()
    path = conf(first, "deeper/again.conf")
    once, again = printed(*given, cwd=tmp_path), printed("--config", path)
    assert {name: value for name, (value, _) in once.items()} == {name: value for name, (value, _) in again.items()}
    assert again["data"] == (str(tmp_path / "here"), f"{path}, line {first.splitlines().index(f'data = {tmp_path}/here') + 1}")


def test_names_of_hosts_add_up(conf):
    path = conf("tls = yes\ntls-name = one,two\ntls-name = three\ncontrol-host = a\n")
    values = printed("--config", path, "--control-host", "b")
    assert (values["tls-name"], values["control-host"]) == (("one,two,three", f"{path}, line 3"), ("a,b", "command line"))
    refused(conf("tls = yes\ntls-name = a b\n"), "neither a host's name nor an address", line=2)


@pytest.mark.parametrize("value", ["a ;b", " a", "a ", "x" * 181, "a\nb"])
def test_a_value_that_no_file_can_say_is_told_so(tmp_path, conf, value):
    shown = run("serve", "--print-config", "--ready-file", f"/{value}" if value[0] != " " else value, "--data", "/x", cwd="/").stdout
    assert ("a file cannot say this" in shown) == (value != " a"), shown  # a path that is relative gets its directory in front
    assert "data" in printed("--config", conf(shown))


def test_the_service_manager_names_the_directory(tmp_path, conf):
    """CONFIGURATION_DIRECTORY, the first of several; without a file there is none; --config counts more."""
    path = conf("workers = 3\n")
    env = {"CONFIGURATION_DIRECTORY": f"{tmp_path}:/elsewhere"}
    assert printed(env=env)["workers"] == ("3", f"{path}, line 1")
    assert printed("--config", conf("workers = 2\n", "other"), env=env)["workers"][0] == "2"
    path.unlink()
    assert printed(env=env)["workers"] == ("", "not given")
    assert printed(env={"CONFIGURATION_DIRECTORY": "relative"})["workers"] == ("", "not given")


@pytest.mark.parametrize("text, line, said", [
    ("limit = off\n", 1, "there is no option `limit'. Did you mean limits?"),
    ("\n# x\nzzzzzzzzz = 1\n", 3, "fenzhang serve --help"),
    ("config = x\n", 1, "there is no option `config'"),
    ("limits = off\nlimits = real\n", 2, "limits was given on line 1 already"),
    ("listen = 1\n  control = 2\n", 2, "listen was given on line 1 already. (A line that begins with a blank"),
    ("listen =\n", 1, "listen has no value"),
    ("demo = true\n", 1, "demo = true is neither yes nor no"),
    ("demo = yes\ntls = on\n", 2, "tls = on is neither yes nor no"),
    ("limits = maybe\n", 1, "--limits maybe is neither real nor off"),
    ("data = d\nworkers = 65\n", 2, "--workers 65 is no number from 1 to 64"),
    ("data = d\n\ncallback-ca = none.pem\n", 3, "none.pem cannot be read"),
    ("[serve]\nlimits = off\n", 2, "has no sections"),
    ("limits\n", 1, "it is not NAME = VALUE"),
    ("limits = off\nlog-format = \0json\n", 2, "zero byte"),
    ("# " + "x" * 300 + "\n", 1, "it is longer than 198 bytes"),
    ("data = \x1b[2J\nnope\x1b = 1\n", 2, "there is no option `nope?'"),
])
def test_a_slip_is_told_with_its_line(conf, text, line, said):
    refused(conf(text), said, line=line)


def test_a_slip_on_the_command_line_is_not_told_as_one_of_the_file(conf):
    done = run("serve", "--config", conf("limits = off\nlisten = 1\n"), "--limits", "none")
    assert done.returncode == 2 and done.stderr.startswith("fenzhang serve: --limits none is neither real nor off\n")


def test_options_that_go_together_may_come_from_both(conf):
    path = conf("tls-cert = c.pem\n")
    assert "--tls-cert and --tls-key go together" in run("serve", "--config", path).stderr
    assert printed("--config", path, "--tls-key", "k.pem", "--tls")["tls-cert"][0] == str(path.parent / "c.pem")


def test_a_file_that_cannot_be_read(tmp_path):
    for path, why in ((tmp_path / "none", "No such file"), (tmp_path, "it is no regular file")):
        refused(path, f"The configuration file {path} cannot be read: {why}", "--config")
    (tmp_path / "fenzhang.conf").mkdir()  # where the service manager says: as little
    done = run("serve", env={"CONFIGURATION_DIRECTORY": str(tmp_path)})
    assert done.returncode == 2 and f"{tmp_path}/fenzhang.conf cannot be read" in done.stderr


# ---- the journal ----


def journal(tmp_path, *options, stop=True):
    """What a server writes to a standard error that JOURNAL_STREAM names."""
    log = tmp_path / "log"
    with open(log, "wb") as file:
        found = os.fstat(file.fileno())
        env = environment(JOURNAL_STREAM=f"{found.st_dev}:{found.st_ino}")
        with subprocess.Popen([str(BINARY), "serve", "--data", str(tmp_path / "data"), "--listen", "0", "--control", "0", *options], env=env, stderr=file,
                              stdout=subprocess.PIPE, text=True) as process:
            ready = process.stdout.readline()
            if ready:
                subprocess.run(["curl", "-s", re.search(r"api=(\S+)", ready)[1] + "/v3/nowhere"], check=True, capture_output=True)
            process.terminate()
            process.wait(20 * PATIENCE)
    return log.read_text()


def test_in_the_journal_each_line_has_its_priority_and_no_time(tmp_path):
    lines = journal(tmp_path).splitlines()
    assert len(lines) == 1 and lines[0].startswith("<6>the book is empty: ")
    refused_start = journal(tmp_path, "--secret-file", str(tmp_path / "none"))
    assert re.fullmatch(r"<3>[A-Z].*\n", refused_start)


def test_a_slip_in_the_file_is_an_error_of_the_journal(tmp_path, conf):
    assert journal(tmp_path, "--config", str(conf("nope = 1\n"))).startswith(f"<3>{tmp_path}/fenzhang.conf, line 1: there is no option")


def test_exchanges_in_the_journal(tmp_path):
    text = journal(tmp_path, "--log-format", "text").splitlines()
    assert any(re.fullmatch(r"<6>GET /v3/nowhere 4\d\d .*", line) for line in text), text


def test_json_in_the_journal(tmp_path):
    lines = journal(tmp_path, "--log-format", "json").splitlines()
    assert all(line.startswith("<6>{") for line in lines) and json.loads(lines[-1][3:])["log"] in ("exchange", "message")


def test_priorities_can_be_asked_for(tmp_path):
    program = Program(tmp_path, "--log-format", "journal").start()
    run("control", "GET", "/nothing", "--control", program.control)
    subprocess.run(["curl", "-s", program.api + "/v3/nowhere"], check=True, capture_output=True)
    program.stop()
    lines = program.log_text().splitlines()
    assert lines and all(re.match(r"<[346]>", line) for line in lines) and any("GET /v3/nowhere" in line for line in lines)
