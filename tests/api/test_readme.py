"""What the README shows works when it is pasted, in both languages: its shell blocks are run in order, in one shell, and the JSON shown after a block is
what the block prints last. So does the client of a few lines that docs/integrators.md has for those without the program."""
import json
import os
import re
import subprocess

import pytest

import times
from pages import MARK, ROOT, blocks, section
from program import BINARY

README, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
INTEGRATORS, CHINESE_INTEGRATORS = ROOT / "docs" / "integrators.md", ROOT / "docs" / "zh" / "integrators.md"
TOURS = {README: "## A ten-minute tour", CHINESE: "## 十分钟上手"}
WITHOUT = {INTEGRATORS: "## Without the program", CHINESE_INTEGRATORS: "## 没有本程序时"}
TRUST = '. data/demo.env; export CURL_CA_BUNDLE="$CA_CERT_PEM"\n'  # what docs/integrators.md says of --tls


def pasted(shells, directory, tls):
    """What each block prints, and the standard error of all."""
    assert 'export CURL_CA_BUNDLE="$CA_CERT_PEM"' in INTEGRATORS.read_text()
    script = (TRUST if tls else "") + f"\necho; echo '{MARK}'\n".join(shells)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("FENZHANG_")}
    done = subprocess.run(["sh", "-u"], input=script, capture_output=True, text=True, cwd=directory, timeout=120, env=plain | {"HOME": str(directory)})
    assert done.returncode == 0, done.stderr
    return done.stdout.split(MARK), done.stderr


def place(directory, server):
    """As it is below the sources: data/ beside the build."""
    (directory / "data").symlink_to(server.data)
    (directory / "build-release" / "src" / "cli").mkdir(parents=True)
    (directory / "build-release" / "src" / "cli" / "fenzhang").symlink_to(BINARY)
    return directory


@pytest.mark.parametrize("page, tls", [(README, False), (README, True), (CHINESE, False)], ids=["plain", "tls", "chinese"])
def test_the_tour_prints_what_it_shows(make_server, page, tls):
    """With --tls too, once curl has been told whom to trust. At the real time, as whoever takes it."""
    times.by_the_real_clock(lambda: take_the_tour(make_server("--demo", *(["--tls"] if tls else []), seed=None), page, tls))


def take_the_tour(server, page, tls):
    sources = server.directory / "sources"
    sources.mkdir()
    shown_blocks = blocks(section(page.read_text("utf-8"), TOURS[page]), "sh", "json")
    shells = [text for kind, text in shown_blocks if kind == "sh"]
    printed, told = pasted(shells, place(sources, server), tls)
    assert len(printed) == len(shells) == 9
    assert re.fullmatch(r"\d{4}-\d\d-\d\d  refunds  \d lines  .*\n", told), told

    at, shown = -1, 0
    for kind, text in shown_blocks:
        if kind == "sh":
            at += 1
        else:
            assert printed[at].strip().splitlines()[-1] == text.strip()  # members in their order too
            shown += 1
    assert shown == 3

    refund, bill, mistake, books, proof = printed[3], printed[4], printed[6], printed[7], printed[8]
    assert server.demo["REFUND_ID"] in refund and "SUCCESS" in refund
    assert "Refund apply time,Refund success time," in bill and server.demo["REFUND_ID"] in bill
    diagnosis = json.loads(mistake)
    assert diagnosis["code"] == "SIGN_ERROR"
    assert diagnosis["detail"]["sign_information"]["url"].endswith("refundable-balance?x=1")
    assert "It differs in 15 places" in books and "part_of_a_refund" in books
    assert "The book is sound." in proof


@pytest.mark.parametrize("page, tls", [(INTEGRATORS, False), (INTEGRATORS, True), (CHINESE_INTEGRATORS, False)], ids=["plain", "tls", "chinese"])
def test_a_client_without_the_program(make_server, tmp_path, page, tls):
    server = make_server("--demo", *(["--tls"] if tls else []))
    ((_, script),) = blocks(section(page.read_text("utf-8"), WITHOUT[page]), "shell")
    functions, calls = script.split("\n\ncall GET ", 1)
    one_by_one = [functions, *re.split(r"\n(?=call |control |link=)", f"call GET {calls}".rstrip())]
    printed, told = pasted(one_by_one, place(tmp_path, server), tls)
    assert told == ""
    balance, amounts, refund, _link, bill, paid, receiver, clock, audit = (text.strip() for text in printed[1:])
    assert json.loads(balance)["balance"] == 1000 and json.loads(amounts)["unsplit_amount"] == 1000
    assert json.loads(refund)["id"] == server.demo["REFUND_ID"]
    assert "Refund apply time,Refund success time," in bill and server.demo["REFUND_ID"] in bill
    assert json.loads(paid)["amount"] == 10000 and json.loads(receiver)["account"] == "1900033333"
    assert "now" in json.loads(clock) and "error" not in json.loads(audit)
