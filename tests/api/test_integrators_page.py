"""Every command of docs/integrators.md and of its Chinese page does what is said of it. Those of the example shops are run by tests/clients/test_shops.py; that of
`fenzhang explain` by tests/docs/test_documents.py."""

import json
import os
import re
import selectors
import signal
import subprocess

import pytest

from answers import ok
from client import PATIENCE
from pages import ROOT, blocks, section
from program import BINARY, READY
from world import Order, Party, World

PAGES = {"english": ROOT / "docs" / "integrators.md", "chinese": ROOT / "docs" / "zh" / "integrators.md"}

pytestmark = pytest.mark.plain


def commands(page):
    """The lines of all shell blocks."""
    return [line for _, content in blocks(page.read_text("utf-8"), "sh") for line in content.splitlines()]


class Place:
    """A directory with data/ and script/server, and a shell that finds `fenzhang`."""

    def __init__(self, root, data):
        (root / "bin").mkdir()
        (root / "script").mkdir()
        (root / "data").symlink_to(data)
        (root / "bin" / "fenzhang").symlink_to(BINARY)
        (last,) = [line for line in (ROOT / "script" / "server").read_text("utf-8").splitlines() if line.startswith("exec ")]
        script = root / "script" / "server"
        script.write_text(f"#!/bin/sh\nprogram=fenzhang\n{last}\n".replace("./data", "./own"))
        script.chmod(0o755)
        self.root = root
        self.environment = {**os.environ, "PATH": f"{root}/bin:{os.environ['PATH']}"}

    def done(self, line, **variables):
        done = subprocess.run(["sh", "-euc", line], cwd=self.root, env={**self.environment, **variables}, capture_output=True, text=True, timeout=60 * PATIENCE)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def first_line(self, line, stir=lambda: None, **variables):
        """Of a command that goes on; `stir` is called until it has printed one. The command is ended as Ctrl-C ends it."""
        running = subprocess.Popen(
            ["sh", "-euc", line], cwd=self.root, env={**self.environment, **variables}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
        )
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(running.stdout, selectors.EVENT_READ)
                for _ in range(round(200 * PATIENCE)):
                    stir()
                    if selector.select(0.1):
                        return running.stdout.readline()
            raise AssertionError(f"{line}: it printed nothing")
        finally:
            os.killpg(running.pid, signal.SIGINT)
            try:
                running.wait(10 * PATIENCE)
            finally:
                if running.poll() is None:
                    os.killpg(running.pid, signal.SIGKILL)
                running.stdout.close()


@pytest.fixture
def place(program, tmp_path):
    server = program(demo=True)
    there = Place(tmp_path, server.data)
    there.server = server
    return there


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_command(place, page):
    world = World(place.server)
    party = world.party("institution")
    answer = world.refund(world.paid(party, 10_000, marked=True), 100, "ASKED-FOR")
    control = place.server.control
    known = {"CONTROL_URL": control, "REQUEST_ID": answer.header("Request-ID"), "OUT_REFUND_NO": "ASKED-FOR"}
    ran = 0
    for line in commands(page):
        if "examples/" in line:
            continue
        ran += 1
        if line.startswith("fenzhang ca "):
            printed = place.done(line)
            assert ("NODE_EXTRA_CA_CERTS" if "--how" in line else "-----BEGIN CERTIFICATE-----") in printed
        elif line.startswith(("script/server ", "fenzhang serve ")):
            line = re.sub(r"127\.0\.0\.1:3128", "127.0.0.1:0", line)
            if line.startswith("script"):
                line = line.replace("script/server ", "script/server --listen 0 --control 0 ")
            ready = READY.fullmatch(place.first_line(line))
            assert ready and bool(ready["proxy"]) == ("--proxy" in line) and ready["api"].startswith("https:" if "--tls" in line else "http:")
        elif "/requests/stream" in line:
            told = place.first_line(line, lambda: world.client.send(party.caller, "GET", "/v3/global/nothing"), **known)
            assert re.fullmatch(r"404 GET /v3/global/nothing\n" if "| sed" in line else r"(id|event|data|retry): ?.*\n|:.*\n", told), told
        else:
            assert line.startswith("curl -s "), line
            assert "ASKED-FOR" in place.done(line, **known)
    assert ran == 9
    assert ok(world.refund_by_number(party, "ASKED-FOR"))


def notifications_of_a_refunded_order(server):
    """What is sealed in the two notifications of an order of the demo book's institution, of which 30.00 went back."""
    world = World(server)
    party = Party(world.credentials(server.demo["MCHID"]), server.demo["SUB_MCHID"])
    notified = {"notify_url": "http://127.0.0.1:9/notify", "sp_appid": server.demo["APPID"]}
    ok(world.native(party, "APPLES-0001", 10_000, **notified))
    world.control.pay("APPLES-0001", mchid=party.sponsor)
    order = Order(party, 10_000, ok(world.order_by_number(party, "APPLES-0001"))["id"], "APPLES-0001", world.now())
    ok(world.refund(order, 3_000, "BRUISED-0001", **notified))
    world.control.set_clock(advance="PT20M")
    told = world.control.get("/callbacks?out_trade_no=APPLES-0001")["callbacks"]
    return {one["event_type"]: world.control.get(f"/callbacks/{one['id']}")["resource"] for one in told}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_the_plain_texts_of_notifications(program, page):
    """As a run of --seed 1 has them, to the letter."""
    told = notifications_of_a_refunded_order(program(demo=True, seed=1))
    shown = [json.loads(content) for _, content in blocks(section(page.read_text("utf-8"), "## Callbacks" if page == PAGES["english"] else "## 回调通知"), "json")]
    assert shown == [told["TRANSACTION.SUCCESS"], told["REFUND.SUCCESS"]]
    assert [list(one) for one in shown] == [list(one) for one in told.values()][::-1]  # in their order too; the newest is told first
