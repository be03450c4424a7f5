"""serve --lifeline: a server that ends with its standard input, that is, with whoever started it"""

import os
import signal
import subprocess
import sys

import pytest

from client import PATIENCE
from program import Program

SAYS = "standard input has ended"


def started(tmp_path, **how):
    running = Program(tmp_path, "--lifeline")
    with open(running.log, "ab") as log:
        process = subprocess.Popen(running.command, stdout=subprocess.PIPE, stderr=log, text=True, **how)
    return running, process


def ended(running, process):
    assert process.stdout.readline().startswith("ready ")
    status = process.wait(20 * PATIENCE)
    process.stdout.close()
    return status, SAYS in running.log_text()


def test_it_ends_when_the_other_end_is_closed(tmp_path):
    running, process = started(tmp_path, stdin=subprocess.PIPE)
    process.stdin.write("what is written into it means nothing\n" * 100)
    process.stdin.close()
    assert ended(running, process) == (0, True)
    running.arguments.remove("--lifeline")
    running.start().stop()  # the book is whole, and free


def test_it_ends_with_a_program_that_was_killed(tmp_path):
    running = Program(tmp_path, "--lifeline", "--ready-file", str(tmp_path / "ready.json"))
    starter = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE); time.sleep(600)"
    with open(running.log, "ab") as log, subprocess.Popen(
        [sys.executable, "-c", starter, *running.command], stdout=subprocess.PIPE, stderr=log, text=True
    ) as process:
        assert process.stdout.readline().startswith("ready ")
        process.send_signal(signal.SIGKILL)
        assert process.stdout.read() == "", "and with the server the last handle of the pipe is closed"
    assert SAYS in running.log_text() and not (tmp_path / "ready.json").exists()


def test_input_that_is_at_its_end_from_the_start(tmp_path):
    assert ended(*started(tmp_path, stdin=subprocess.DEVNULL)) == (0, True)


def test_input_whose_reads_do_not_wait(tmp_path):
    """As some runtimes hand it on: nothing to read is not the end."""
    theirs, ours = os.pipe()
    os.set_blocking(theirs, False)
    running, process = started(tmp_path, stdin=theirs)
    os.close(theirs)
    os.write(ours, b"x")
    assert process.stdout.readline().startswith("ready ")
    assert process.poll() is None and SAYS not in running.log_text()
    os.close(ours)
    assert process.wait(20 * PATIENCE) == 0
    process.stdout.close()


@pytest.mark.parametrize("end", ["close", "signal", "close and signal", "signal and close"])
def test_both_together_are_one_end(tmp_path, end):
    """Not a second signal, which ends a stop in its middle."""
    running, process = started(tmp_path, stdin=subprocess.PIPE)
    assert process.stdout.readline().startswith("ready ")
    for what in end.split(" and "):
        process.stdin.close() if what == "close" else process.terminate()
    assert process.wait(20 * PATIENCE) == 0, running.log_text()
    assert "second signal" not in running.log_text() and (SAYS in running.log_text() or end != "close")
    process.stdin.close()
    process.stdout.close()
