"""What a server tells when it is ready, and to whom: --ready-file, the hint for an empty book, SIGHUP under nohup"""

import json
import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest

from client import PATIENCE
from program import BINARY, Program


def wait_until(happens):
    deadline = time.monotonic() + 10 * PATIENCE
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# ---- --ready-file ----


@pytest.mark.parametrize("proxy", [False, True])
def test_the_ready_file(tmp_path, proxy):
    directory = tmp_path / "a 'b' proxy=x\ndata=y \"z\" 账"
    directory.mkdir()
    file = tmp_path / "ready.json"
    running = Program(tmp_path, *(["--proxy", "0"] if proxy else []), "--ready-file", str(file))
    running.arguments[running.arguments.index("--data") + 1] = str(directory / "data")
    with subprocess.Popen(running.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        wait_until(file.exists)
        ready = json.loads(file.read_text("utf-8"))  # whole from the first moment
        line = process.stdout.readline().decode()
        assert list(ready) == ["api", "control", "proxy", "data", "pid"]
        assert line.startswith(f"ready api={ready['api']} control={ready['control']} data=")
        assert (ready["data"], ready["pid"]) == (str(directory / "data"), process.pid)
        assert ready["proxy"] is None if not proxy else ready["proxy"].startswith("http://127.0.0.1:")
        process.terminate()
        assert process.wait(10 * PATIENCE) == 0
    assert list(tmp_path.iterdir()) == [directory], "removed at the end, and nothing beside it is left"


def test_what_a_killed_server_left_is_not_taken_for_ready(tmp_path):
    """Before the next one is ready: here it never is."""
    file = tmp_path / "ready.json"
    running = Program(tmp_path, "--ready-file", str(file)).start()
    running.kill()
    assert file.exists()
    failing = [*running.command, "--secret-file", str(tmp_path / "none")]
    assert subprocess.run(failing, capture_output=True, timeout=20 * PATIENCE).returncode == 2
    assert not file.exists()


def test_a_server_that_runs_keeps_its_ready_file(tmp_path):
    file = tmp_path / "ready.json"
    running = Program(tmp_path, "--ready-file", str(file)).start()
    try:
        before = file.read_text()
        second = subprocess.run(running.command, capture_output=True, text=True, timeout=20 * PATIENCE)
        assert second.returncode == 2 and "held by another server" in second.stderr
        assert file.read_text() == before
    finally:
        running.stop()
    assert not file.exists()


def test_a_ready_file_replaces_nothing_else(tmp_path):
    """Not the book, by a slip; not a device or a pipe either, which a rename would end."""
    (tmp_path / "notes").write_text("of somebody")
    (tmp_path / "other.json").write_text('{"name":"pid"}')
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/null")
    for name in ("notes", "other.json", "pipe", "link"):
        done = subprocess.run(Program(tmp_path, "--ready-file", str(tmp_path / name)).command, capture_output=True, text=True,
                              timeout=20 * PATIENCE)
        assert (done.returncode, done.stdout) == (2, "") and str(tmp_path / name) in done.stderr and "replaced" in done.stderr
    assert (tmp_path / "notes").read_text() == "of somebody" and (tmp_path / "pipe").is_fifo() and (tmp_path / "link").is_symlink()
    assert not (tmp_path / "data").exists()
    (tmp_path / "empty").touch()  # as mktemp makes it
    Program(tmp_path, "--ready-file", str(tmp_path / "empty")).start().stop()


def test_a_ready_file_that_cannot_be_written(tmp_path):
    for name in (tmp_path / "none" / "ready.json", Path("/proc/none")):
        done = subprocess.run(Program(tmp_path, "--ready-file", str(name)).command, capture_output=True, text=True,
                              timeout=20 * PATIENCE)
        assert (done.returncode, done.stdout) == (2, "") and str(name) in done.stderr and "--ready-file" in done.stderr


def test_a_data_directory_that_json_cannot_tell(tmp_path):
    arguments = [os.fsencode(word) for word in Program(tmp_path, "--ready-file", str(tmp_path / "ready.json")).command]
    arguments[arguments.index(b"--data") + 1] = os.fsencode(tmp_path) + b"/\xff"
    done = subprocess.run(arguments, capture_output=True, timeout=20 * PATIENCE)
    assert done.returncode == 2 and b"not UTF-8" in done.stderr and not (tmp_path / "ready.json").exists()


# ---- an empty book ----


def test_an_empty_book_says_what_to_do(tmp_path):
    running = Program(tmp_path).start()
    running.stop()
    (line,) = [line for line in running.log_text().splitlines() if "empty" in line]
    assert f"POST {running.control}/merchants" in line and "fenzhang serve --demo --data" in line
    assert "because it was made without --demo" not in line
    running.arguments.append("--demo")  # which changes nothing in a book that exists
    running.start().stop()
    assert "because it was made without --demo" in running.log_text()


def test_a_book_with_merchants_says_nothing(tmp_path):
    running = Program(tmp_path, demo=True).start()
    running.stop()
    assert "is empty" not in running.log_text()


def pasted(running):
    """The command below the ready line, as a terminal shows it, run by a shell."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(running.command, stdout=theirs, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as process:
        os.close(theirs)
        with os.fdopen(ours, "rb", buffering=0) as terminal:
            text = b""
            while text.count(b"\n") < 2:
                text += terminal.read(4096)
            _, command = text.decode().splitlines()[:2]
            done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=20 * PATIENCE)
            process.terminate()
            assert process.wait(10 * PATIENCE) == 0
    return json.loads(done.stdout)


@pytest.mark.parametrize("demo", [True, False])
def test_what_can_be_pasted_works(tmp_path, demo):
    directory = tmp_path / "it's \"here\" $HOME"
    directory.mkdir()
    told = pasted(Program(directory, demo=demo))
    if demo:
        assert told == {"sponsor_mchid": "1900000100", "balance": 1000, "currency": "CNY"}
    else:
        assert (told["mchid"], told["kind"]) == ("1900000001", "direct")


# ---- SIGHUP ----


def test_a_hang_up_ends_it(tmp_path):
    Program(tmp_path).start().stop(signal.SIGHUP)


def test_under_nohup_a_hang_up_is_ignored(tmp_path):
    running = Program(tmp_path)
    running.arguments = ["nohup", *running.arguments]
    running.start()
    running.process.send_signal(signal.SIGHUP)
    ignored = int(next(line.split()[1] for line in open(f"/proc/{running.process.pid}/status") if line.startswith("SigIgn")), 16)
    held = int(next(line.split()[1] for line in open(f"/proc/{running.process.pid}/status") if line.startswith("SigBlk")), 16)
    hang_up = 1 << (signal.SIGHUP - 1)
    assert ignored & hang_up and not held & hang_up
    time.sleep(0.2)
    assert running.process.poll() is None
    running.stop()
