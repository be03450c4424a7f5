"""Every command of docs/local.md does what is said of it. Its Chinese page has the same ones (tests/docs), and its table is looked at, too."""
import os
import re
import signal
import subprocess
import threading
import time

import pytest
import requests
from client import PATIENCE
from pages import ROOT, blocks
from program import BINARY, Program

from command import environment, run

PAGE = (ROOT / "docs" / "local.md").read_text("utf-8")
CHINESE = (ROOT / "docs" / "zh" / "local.md").read_text("utf-8")
LINES = [line for _, content in blocks(PAGE, "sh") for line in content.splitlines() if not line.startswith("export ")]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Program(tmp_path_factory.mktemp("server"), demo=True).start()
    yield running
    running.stop()


@pytest.fixture
def shell(server, tmp_path):
    """A shell in a directory with data/ that finds `fenzhang`, after the page's export."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "fenzhang").symlink_to(BINARY)
    (tmp_path / "data").symlink_to(server.data)
    (export,) = [line for _, content in blocks(PAGE, "sh") for line in content.splitlines() if line.startswith("export ")]

    def start(line, **variables):
        more = environment(PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}", **variables)
        return subprocess.Popen(["sh", "-euc", f"{export}\nexec {line}"], cwd=tmp_path, env=more, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    return start


def exchange(server):
    return requests.get(server.api + "/v3/certificates", headers={"Accept": "*/*", "User-Agent": "t"}, timeout=20)


def test_there_are_commands():
    assert len(LINES) > 25


OF_FILES = pytest.mark.sqlite("a snapshot is a copy of the book's file")
ENDING = [line for line in LINES if not re.match(r"fenzhang (tail|watch|replay)", line)]


@pytest.mark.parametrize("line", [pytest.param(line, marks=OF_FILES) if "snapshots" in line else line for line in ENDING])
def test_a_command(shell, line):
    process = shell(line)
    out, said = process.communicate(timeout=60 * PATIENCE)
    assert process.returncode == 0, said
    assert out != "" or said == "fenzhang: there are none.\n"


@pytest.mark.parametrize("line", [line for line in LINES if re.match(r"fenzhang (tail|watch)", line)])
def test_a_command_that_goes_on(shell, server, line):
    process, told = shell(line), threading.Event()

    def stir():
        while not told.wait(0.1):
            exchange(server)
            requests.post(server.control + "/payments", timeout=20, json={
                "mchid": "1900000100", "sub_mchid": "1900000109", "amount": 1, "notify_url": "http://127.0.0.1:9/notify"})

    thread = threading.Thread(target=stir)
    thread.start()
    try:
        assert process.stdout.readline() != ""
    finally:
        told.set()
        thread.join()
    process.send_signal(signal.SIGINT)
    assert process.wait(20 * PATIENCE) == 0
    process.communicate()


def test_replay(shell, server):
    assert run("balance", "--env", server.data / "demo.env").returncode == 0
    number = requests.get(server.control + "/requests?status=200&limit=1", timeout=20).json()["requests"][0]["request_id"]
    (line,) = [line for line in LINES if line.startswith("fenzhang replay")]
    process = shell(line, REQUEST_ID=number)
    out, said = process.communicate(timeout=60 * PATIENCE)
    assert (process.returncode, out.splitlines()[-1]) == (0, "The answer is the same."), said


@pytest.mark.parametrize("page", [PAGE, CHINESE], ids=["english", "chinese"])
def test_the_table_has_all_commands_and_their_words(page):
    """Those that `fenzhang help` lists under that heading, but for those that have a section of their own; and every form of theirs."""
    (table,) = re.findall(r"^\| `clock` \|.*?\n\n", page, re.S | re.M)
    cells = [re.findall(r"`([^`]+)`", cell) for row in table.strip().splitlines() for cell in row.strip("|").split("|")]
    names = {name for cell in cells[::2] for name in cell}
    listed = re.findall(r"^  (\w+) ", run("help").stdout.split("A running server, by hand:")[1].split("\n\n")[0], re.M)
    elsewhere = {"tail", "watch", "replay"}
    assert names == {*listed, "audit", "health"} - elsewhere
    words = {cell.split()[0] for words in cells[1::2] for cell in words}
    for name in set(listed) - elsewhere:
        for form in re.findall(rf"(?:Usage:|or: ) fenzhang {name} \[OPTION\.\.\.\] (\S+)", run(name, "-h").stdout):
            assert form in words | {"list"} or form.isupper(), (name, form)


def test_the_lines_that_are_shown(server, shell):
    """Those of tail: an exchange that is refused for its signature looks so."""
    shown = next(content for _, content in blocks(PAGE, "text") if "SIGN_ERROR" in content).splitlines()[1]
    pattern = re.sub(r"\d+", "0", shown.split(" LAST_")[0].replace("1900000100 ", ""))
    process = shell("fenzhang tail --after 0 --status 401")
    time.sleep(0.1)
    exchange(server)
    line = process.stdout.readline()
    process.kill()
    process.communicate()
    assert re.sub(r"\d+", "0", line).startswith(pattern.rsplit(" ", 1)[0])
