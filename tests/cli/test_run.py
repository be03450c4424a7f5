"""fenzhang run: a server for the time of a command."""
import json
import os
import pty
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
import requests
from client import PATIENCE
from program import BINARY

from command import environment, run, start

NOW = '{"now":"2026-01-05T10:00:00+08:00","frozen":true,"sign":"wire"}'  # where --seed begins


@pytest.fixture
def place(tmp_path):
    """Where data directories are made: TMPDIR."""
    (tmp_path / "tmp").mkdir()
    return tmp_path / "tmp"


def shell(place, script, *options, **more):
    return run("run", *options, "--", "sh", "-c", script, env={"TMPDIR": str(place)} | more.pop("env", {}), **more)


def whose(url):
    """The process that answers there, as its Request-IDs begin; None if nobody does. A port that is given back may soon be another server's."""
    try:
        return requests.get(url + "/v3/nowhere", timeout=20).headers["Request-ID"][:8]
    except (requests.exceptions.RequestException, KeyError):
        return None


def eventually(condition, seconds=20 * PATIENCE):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)
    return True


def is_alive(pid):
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


# ---- a server for a while ----


def test_the_command_finds_its_server_in_the_environment(place):
    done = shell(place, 'curl -s "$CONTROL_URL/clock"; echo "$MCHID $SUB_MCHID $FENZHANG_WORLD"; test -r "$PRIVATE_KEY_PEM"', "--seed", 1)
    assert done.stdout == NOW + "\n1900000100 1900000109 0\n"
    assert (done.returncode, done.stderr) == (0, "")


def test_all_names_of_the_demo_env_are_there_and_the_file_itself(place):
    done = shell(place, 'env; echo ---; cat "$FENZHANG_ENV"')
    before, _, file = done.stdout.partition("---\n")
    told = dict(line.split("=", 1) for line in before.splitlines())
    names = dict(line.split("=", 1) for line in file.splitlines())
    assert len(names) > 30 and {name: told.get(name) for name in names} == names
    assert names["BASE_URL"].startswith("http://127.0.0.1:")


def test_other_commands_inside_need_no_options(place):
    done = shell(place, f"{BINARY} balance && {BINARY} balance --profile direct")
    assert done.stdout.split() == ["merchant", "1900000100", "balance", "10.00", "CNY", "merchant", "1900000120", "balance", "10.00", "CNY"]
    assert done.returncode == 0, done.stderr


def test_afterwards_nothing_is_left(place):
    done = shell(place, 'echo $BASE_URL; curl -s -D - -o "$TMPDIR/none" "$BASE_URL/v3/nowhere"; rm "$TMPDIR/none"')
    url, process = done.stdout.splitlines()[0], re.search(r"^Request-ID: (.{8})", done.stdout, re.M)[1]
    assert whose(url) != process
    assert list(place.iterdir()) == []


def test_it_is_kept_where_that_is_wanted(place):
    done = shell(place, "echo $FENZHANG_ENV", "--keep")
    (kept,) = place.iterdir()
    assert Path(done.stdout.strip()) == kept / "0" / "demo.env" and (kept / "0" / "book.db").exists()
    assert f"fenzhang serve --data {kept}/0" in done.stderr
    assert run("audit", "--data", kept / "0").returncode == 0


@pytest.mark.parametrize("limits", ["real", "off"])
def test_its_limits(place, limits):
    assert shell(place, 'curl -s "$CONTROL_URL/limits"', "--limits", limits).stdout == f'{{"limits":"{limits}"}}\n'


def test_tls_and_the_proxy(place):
    done = shell(place, 'curl -s --cacert "$CA_CERT_PEM" "$BASE_URL/health"; HTTPS_PROXY=$PROXY_URL curl -s -o /dev/null -w "%{http_code}" '
                 '--cacert "$CA_CERT_PEM" https://apihk.mch.weixin.qq.com/v3/certificates; echo " $BASE_URL"', "--tls", "--proxy")
    assert re.search(r"401 https://127\.0\.0\.1:\d+\n$", done.stdout), done


def test_input_and_output_are_the_command_s(place):
    done = shell(place, "cat; echo wrong >&2", input="right\n", stdin=None)
    assert (done.stdout, done.stderr) == ("right\n", "wrong\n")


def test_its_handles_and_habits_are_those_that_run_was_given(place, tmp_path):
    """What the server opened is not the command's, SIGPIPE is not ignored, and the limit of descriptors is the old one."""
    script = "ls /proc/self/fd | sort -n | xargs; grep Sig[BI] /proc/self/status; ulimit -n"
    with open(tmp_path / "given", "w") as given:
        inside = shell(place, script, pass_fds=[given.fileno()])
        outside = subprocess.run(["sh", "-c", script], env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                 pass_fds=[given.fileno()], check=True)
        assert str(given.fileno()) in inside.stdout.splitlines()[0].split()
    assert inside.stdout == outside.stdout


# ---- how it ends ----


@pytest.mark.parametrize("status", [0, 1, 2, 3, 42, 255])
def test_the_status_is_the_command_s(place, status):
    assert shell(place, f"exit {status}").returncode == status


def test_ended_by_a_signal_as_shells_say_it(place):
    assert shell(place, "kill -KILL $$").returncode == 128 + 9


def test_no_such_program(place):
    done = run("run", "--", "no-such-program", env={"TMPDIR": str(place)})
    assert (done.returncode, done.stderr) == (127, "fenzhang: there is no such program: no-such-program\n")
    assert list(place.iterdir()) == []


def test_no_program_that_can_be_run(place):
    done = run("run", "--", "/etc/passwd", env={"TMPDIR": str(place)})
    assert (done.returncode, done.stderr) == (126, "fenzhang: this is no program that can be run: /etc/passwd\n")


def test_no_command_at_all():
    done = run("run")
    assert done.returncode == 2 and "fenzhang run -- COMMAND" in done.stderr


def test_no_room_for_the_data():
    done = run("run", "--", "true", env={"TMPDIR": "/proc"})
    assert done.returncode == 2 and "no directory can be made in /proc" in done.stderr and "TMPDIR" in done.stderr


# ---- signals ----


def begun(place, script, *options):
    """A run whose command has said "ready PID"."""
    process = start("run", *options, "--", "sh", "-c", script, env={"TMPDIR": str(place)})
    word, pid = process.stdout.readline().split()
    assert word == "ready"
    return process, int(pid)


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "QUIT", "USR1", "USR2"])
def test_signals_are_passed_on(place, name):
    process, _ = begun(place, f"trap 'echo told; exit 5' {name}; echo ready $$; while :; do sleep 0.05; done")
    process.send_signal(getattr(signal, f"SIG{name}"))
    assert process.communicate(timeout=20 * PATIENCE) == ("told\n", "") and process.returncode == 5
    assert list(place.iterdir()) == []


def test_ctrl_c_reaches_the_command_once(place):
    """The terminal tells all of the foreground: what it told the command already is not passed on."""
    script = "trap 'echo told' INT; trap 'exit 9' TERM; echo ready $$; while :; do sleep 0.05; done"
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(BINARY, [str(BINARY), "run", "--", "sh", "-c", script], environment(TMPDIR=str(place)))
    with open(terminal, "r+b", buffering=0) as screen:
        said = b""
        while b"ready" not in said:
            said += screen.read(1000)
        screen.write(b"\x03")
        while b"told" not in said:
            said += screen.read(1000)
        time.sleep(0.3)
        os.kill(pid, signal.SIGTERM)
        try:
            while block := screen.read(1000):
                said += block
        except OSError:
            pass  # the terminal has nobody any more
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9 and said.count(b"told") == 1, said


def test_a_command_that_a_passed_signal_ends(place):
    process, _ = begun(place, "echo ready $$; exec sleep 1000")
    process.terminate()
    assert process.wait(20 * PATIENCE) == 128 + 15


def test_a_signal_before_the_command_has_begun(place):
    """The command is not begun any more. Where this machine is so busy that the signal comes too late, once more."""
    for _ in range(10):
        process = start("run", "-n", "8", "--", "echo", "ready", env={"TMPDIR": str(place)})
        eventually(lambda: any(place.iterdir()) or process.poll() is not None)
        process.terminate()
        out, _ = process.communicate(timeout=20 * PATIENCE)
        if out == "":
            break
    assert (out, process.returncode) in [("", 128 + 15), ("", -15)]


def test_killed_it_leaves_neither_a_server_nor_a_command(place):
    process, pid = begun(place, "echo ready $$; exec sleep 1000")
    (data,) = place.iterdir()
    url = re.search(r"BASE_URL=(\S+)", (data / "0" / "demo.env").read_text())[1]
    server = whose(url)
    assert server is not None and is_alive(pid)
    process.kill()
    process.communicate()
    assert eventually(lambda: not is_alive(pid) and whose(url) != server)


def test_who_is_left_behind_by_the_command_is_not_waited_for(place):
    began = time.monotonic()
    done = shell(place, "sleep 1000 & echo $!; exit 3", "-n", "2")
    assert done.returncode == 3 and time.monotonic() - began < 100
    for pid in re.findall(r"\] (\d+)", done.stdout):
        os.kill(int(pid), signal.SIGKILL)


# ---- several ----


def test_three_worlds_are_isolated(place):
    """Each pays so many orders as its number says, and sees its own alone: amounts 1, 2 and 3 of them on top of the demo book's 6."""
    script = """
        for i in $(seq 0 $FENZHANG_WORLD); do
            curl -s "$CONTROL_URL/payments" -H 'Content-Type: application/json' -d "{\\"mchid\\":\\"$MCHID\\",\\"sub_mchid\\":\\"$SUB_MCHID\\",\\"amount\\":100}" >/dev/null
        done
        curl -s "$CONTROL_URL/audit" -H 'Content-Type: application/json' -d '{}'
        echo "$BASE_URL $FENZHANG_ENV" >&2"""
    done = shell(place, script, "-n", "3", "--seed", "1")
    assert done.returncode == 0, done
    audits = {line[:4]: json.loads(line[4:]) for line in done.stdout.splitlines()}
    assert {world: audit["payments"] for world, audit in audits.items()} == {"[0] ": 7, "[1] ": 8, "[2] ": 9}
    assert [audit["findings"] for audit in audits.values()] == [0, 0, 0]
    places = [line[4:] for line in done.stderr.splitlines()]
    assert len(set(places)) == 3 and len({line.split()[0] for line in places}) == 3


def test_the_status_is_the_first_that_is_not_0(place):
    assert shell(place, "exit $((4 - FENZHANG_WORLD))", "-n", "3").returncode == 4
    assert shell(place, "test $FENZHANG_WORLD = 0 || exit 2$FENZHANG_WORLD", "-n", "3").returncode == 21


def test_lines_stay_whole_and_the_last_one_may_lack_its_end(place):
    line = "x" * 3000
    done = shell(place, f"for i in $(seq 100); do echo {line}; done; printf end", "-n", "2")
    assert sorted(done.stdout.splitlines()) == sorted([f"[{n}] {line}" for n in (0, 1)] * 100 + ["[0] end", "[1] end"])


def test_several_have_no_input(place):
    assert shell(place, "cat; echo done", "-n", "2", input="nobody's", stdin=None).stdout.splitlines() in (
        ["[0] done", "[1] done"], ["[1] done", "[0] done"])


def test_a_signal_goes_to_all(place):
    process = start("run", "-n", "2", "--", "sh", "-c", "trap 'exit 6' TERM; echo ready; while :; do sleep 0.05; done", env={"TMPDIR": str(place)})
    assert sorted([process.stdout.readline(), process.stdout.readline()]) == ["[0] ready\n", "[1] ready\n"]
    process.terminate()
    assert process.wait(20 * PATIENCE) == 6


@pytest.mark.parametrize("count", ["0", "65", "two"])
def test_how_many_can_be(count):
    done = run("run", "-n", count, "--", "true")
    assert done.returncode == 2 and "is not a whole number from 1 to 64" in done.stderr
