"""examples/: the shops run as docs/integrators.md shows, and their receivers bear what a network does to callbacks"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from client import PATIENCE
from control import Control
from fetch import fetched_or_skipped
from program import Program

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"

pytestmark = pytest.mark.plain


def python():
    return [sys.executable, EXAMPLES / "python" / "shop.py"]


def node():
    return ["node", fetched_or_skipped("node", EXAMPLES / "node") / "shop.js"]


def printed():
    """What the page says that both print."""
    page = (ROOT / "docs" / "integrators.md").read_text("utf-8")
    assert "python3 examples/python/shop.py data/demo.env" in page and "node examples/node/shop.js data/demo.env" in page
    return re.search(r"shop\.js data/demo\.env\n```\n.*?```text\n(.*?)```", page, re.S)[1]


@pytest.fixture
def server(tmp_path):
    running = Program(tmp_path, "--callback-probes", "10000", demo=True, seed=None).start()
    yield running
    running.stop()


@pytest.mark.parametrize("shop", [python, node], ids=lambda shop: shop.__name__)
def test_a_shop(server, shop):
    control = Control(server.control)
    for first, second in ((None, None), ("concurrent", "wrong_signature"), ("stripped", "duplicate"), ("other_sub_merchant", "duplicate")):
        for mode in filter(None, (first, second)):  # of the payment's notification, of the refund's
            control.post("/callbacks/mode", {"mchid": server.demo["MCHID"], "mode": mode, "count": 1})
        done = subprocess.run([*map(str, shop()), str(server.data / "demo.env")], capture_output=True, text=True, timeout=60 * PATIENCE)
        assert (done.stdout, done.stderr) == (printed(), ""), (first, second)
    control.audit()
