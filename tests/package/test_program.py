"""The program as it is installed, used as from a shell: what it ends with, whoever listens and wherever it runs."""
import json
import os
import signal
import subprocess

import pytest



@pytest.fixture(scope="module")
def used(installation, tmp_path_factory):
    """used(SCRIPT): runs it in a shell that finds the installed program, inside a server for as long as that takes."""
    (program,) = installation.root.rglob("bin/fenzhang")
    place = tmp_path_factory.mktemp("place")

    def run(script, **environment):
        inside = os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": str(place), "TMPDIR": str(place)} | environment
        command = ["fenzhang", "run", "--limits", "off", "--seed", "1", "--", "bash", "-o", "pipefail", "-c", script]
        return subprocess.run(command, env=inside, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)

    return run


def test_the_four_questions(used):
    """The documents' own figures."""
    done = used(
        "fenzhang balance --json; fenzhang amounts 4208450740201411110007820472 --json;"
        "fenzhang refund show 1217752501201407033233368018 --json; fenzhang bill refunds 2026-01-04 --format jsonl | head -n 1"
    )
    balance, amounts, refund, line = map(json.loads, done.stdout.splitlines())
    assert balance == {"sponsor_mchid": "1900000100", "balance": 1000, "currency": "CNY"}
    assert (amounts["unsplit_amount"], refund["amount"]["refund"], refund["status"]) == (1000, 2000, "SUCCESS")
    assert line["refund_id"] == "1217752501201407033233368018"


@pytest.mark.parametrize(
    "script, status",
    [
        ("fenzhang balance", 0),
        ("fenzhang refund show --id 5030000000000000000000000000", 1),  # refused: there is none
        ("fenzhang refund show", 2),  # of what?
        ("FENZHANG_ENV= fenzhang balance --env /nowhere", 2),
    ],
)
def test_what_it_ends_with(used, script, status):
    done = used(script)
    assert done.returncode == status, done.stderr
    assert (done.stdout == "") == (status != 0)  # data alone on standard output
    assert (done.stderr == "") == (status == 0)


def test_who_listened_has_gone(used):
    """It ends as any program does whose pipe is closed, by SIGPIPE and without a word. (More than a pipe holds, so that it is still at it.)"""
    done = used("fenzhang openapi | head -n 1")
    assert (done.returncode, done.stdout.count("\n"), done.stderr) == (128 + signal.SIGPIPE, 1, "")


def test_its_messages_in_chinese(used):
    done = used("fenzhang refund show --id 5030000000000000000000000000", LC_ALL="zh_CN.UTF-8")
    assert done.returncode == 1 and any("\u4e00" <= letter <= "\u9fff" for letter in done.stderr)


def test_a_terminal_of_40_columns(used):
    done = used('script -qec "stty cols 40; fenzhang refund list 4208450740201411110007820472 --no-input" /dev/null', NO_COLOR="1")
    lines = done.stdout.replace("\r", "").splitlines()
    assert done.returncode == 0 and max(map(len, lines)) <= 40
    assert "amount    20.00 CNY" in lines


def test_it_ends_when_it_is_told_to(used):
    done = used("timeout --signal=INT 2 fenzhang tail; echo $?")
    assert done.stdout.splitlines()[-1] == "124"  # timeout's own: that it had to tell it
