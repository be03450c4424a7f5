"""examples/c: built in a clean folder by what pkg-config says, and run against the server, plain and over TLS. What they print is that of the
demo book of --seed 1 (`fenzhang openapi` has its refund) or follows from what the test itself pays."""
import os
import re
import shutil
import subprocess
import sys
import time

import pytest
import requests

from conftest import ROOT, run

sys.path.append(str(ROOT / "tests" / "api"))
import program  # noqa: E402

EXAMPLES = ROOT / "examples" / "c"
REFUND = "1217752501201407033233368018"


@pytest.fixture(scope="module")
def built(installation, tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    for file in (*EXAMPLES.glob("*.[ch]"), EXAMPLES / "Makefile"):
        shutil.copy(file, folder)
    settings = {"PKG_CONFIG_LIBDIR": str(installation.pkgconfig), "PKG_CONFIG_SYSROOT_DIR": str(installation.root)}
    run("make", "CFLAGS=-Werror -O2", cwd=folder, env={**os.environ, **settings})
    return folder


class Shop:
    """The examples with the environment that `fenzhang env` prints, and the server's control interface."""

    def __init__(self, server, folder, libraries):
        self.server, self.folder = server, folder
        self.environment = {**os.environ, **server.demo, "LD_LIBRARY_PATH": str(libraries)}

    def start(self, name, *arguments):
        command = [self.folder / name, *map(str, arguments)]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, name, *arguments):
        """(exit status, output, complaint)"""
        process = self.start(name, *arguments)
        output, complaint = process.communicate(timeout=60)
        return process.returncode, output, complaint

    def control(self, path, **members):
        answer = requests.post(self.server.control + path, json=members, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pay(self, out_trade_no, **more):
        demo = self.server.demo
        self.control("/payments", mchid=demo["MCHID"], sub_mchid=demo["SUB_MCHID"], amount=1000, out_trade_no=out_trade_no, **more)
        return out_trade_no


@pytest.fixture(scope="module", params=[(), ("--tls",)], ids=["plain", "tls"])
def shop(request, installation, built, tmp_path_factory):
    (program.BINARY,) = installation.root.rglob("bin/fenzhang")
    server = program.Program(tmp_path_factory.mktemp("server"), *request.param, demo=True, seed=1).start()
    assert server.api.startswith("https" if request.param else "http:")
    yield Shop(server, built, installation.libraries)
    server.stop()


def test_a_refund_is_queried(shop):
    assert shop.run("query_refund") == (0, f"{REFUND}: 2000 CNY of order 20150806125346, SUCCESS\n", "")
    status, output, complaint = shop.run("query_refund", "NOBODYS")
    assert (status, output) == (1, "") and "RESOURCE_NOT_EXISTS (HTTP 404)" in complaint


def test_a_refund_is_submitted(shop):
    status, output, complaint = shop.run("submit_refund", shop.pay("WITHOUT-TROUBLE"), "R-PLAIN", 300, 1000)
    assert (status, complaint) == (0, "") and output.startswith("accepted as ") and output.endswith(": 300 CNY\n")
    status, output, complaint = shop.run("submit_refund", "WITHOUT-TROUBLE", "R-MORE", 800, 1000)  # 700 are left
    assert (status, output) == (1, "") and "HTTP 4" in complaint


@pytest.mark.parametrize("when,says", [("after", "refund-by-out-refund-no"), ("before", "refund-submit")])
def test_a_lost_answer_is_lived_through(shop, when, says):
    """Every attempt of the first call is struck: four by default, and one of libcurl's own where a kept connection broke. Made by one that
    was, or by the repeat: once either way."""
    number = f"LOST-{when}"
    shop.pay(number)
    shop.control("/faults", effect="reset", when=when, endpoint="refund-submit", count=5)
    assert shop.run("submit_refund", number, f"R-{number}", 300, 1000) == (0, f"the answer was lost; refunded all the same, says {says}\n", "")
    assert shop.run("query_refund", f"R-{number}")[1].endswith(f": 300 CNY of order {number}, PROCESSING\n")
    assert shop.run("submit_refund", number, "R-REST-" + when, 700, 1000)[0] == 0  # so no more than 300 were
    shop.control("/audit")


def test_a_payment_code_is_paid(shop):
    assert shop.run("point_of_sale", "CODE-1", "130061098828000001", 100) == (0, "SUCCESS\n", "")
    status, output, complaint = shop.run("point_of_sale", "CODE-2", "130061098828000001", 100)  # good for one order
    assert (status, output) == (1, "") and "AUTH_CODE_INVALID" in complaint


def test_the_password_is_waited_for(shop):
    """The order has to be there before the payer can be asked for it."""
    till = shop.start("point_of_sale", "CODE-3", "130061098828009902", 100)
    pay = {"url": f"{shop.server.control}/payments/CODE-3/pay", "json": {"mchid": shop.server.demo["MCHID"]}, "timeout": 60}
    while requests.post(**pay).status_code != 200 and till.poll() is None:
        time.sleep(0.05)
    output, complaint = till.communicate(timeout=60)
    assert re.fullmatch("(USERPAYING\n)+SUCCESS\n", output) and (complaint, till.returncode) == ("", 0)


def test_what_is_not_paid_is_reversed(shop):
    assert shop.run("point_of_sale", "CODE-4", "130061098828019902", 100, 1) == (3, "USERPAYING\nUSERPAYING\nreversed\n", "")


def test_callbacks_are_received(shop):
    receiver = shop.start("callback_receiver")
    url = receiver.stdout.readline().strip()
    try:
        shop.pay("TOLD-OF", notify_url=url, callbacks="wait")
        assert receiver.stdout.readline() == "TRANSACTION.SUCCESS TOLD-OF SUCCESS\n"
        sent = requests.get(shop.server.control + "/callbacks?out_trade_no=TOLD-OF", timeout=60).json()["callbacks"]
        assert [one["state"] for one in sent] == ["DELIVERED"]
        assert requests.post(url, data=b"{}", timeout=60).status_code == 401
    finally:
        receiver.terminate()
        assert receiver.communicate(timeout=60)[0] == ""


# 60.00 were refunded of an order that had 49.70 left, the rest came from the advance balance; each source at 6.5 CNY a USD:
# 3.08 + 7.65 + 1.58.
TABLE = """\
1217752501201407033233368018     20.00 CNY from ORDER_REFUNDABLE_BALANCE
1217752501201407033233368019     49.70 CNY from ORDER_REFUNDABLE_BALANCE
1217752501201407033233368019     10.30 CNY from FUNDS_REFUNDABLE_BALANCE
settled in USD: 2 refunds, 12.31
3 lines
"""


def test_a_bill_is_a_table(shop):
    assert shop.run("bill_table") == (0, TABLE, "")
    status, output, complaint = shop.run("bill_table", "2026-01-05")  # out from 10:00 of the next day
    assert (status, output) == (1, "") and "STATEMENT_CREATING" in complaint
