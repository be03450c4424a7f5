"""wechatpay-axios-plugin and wechatpay-node-v3, as npm has them, live through the life of a distributed order

Both have the vendor's host built in: they come to the server through its CONNECT proxy and trust its certificate authority.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from client import PATIENCE
from program import BINARY, Program

HERE = Path(__file__).parent
# What is to be seen of the life: each read and write of a distribution, and a callback of each kind.
STEPS = """mark, native order, order by number, order by id, amounts while freezing, add receiver, query receiver, amounts, distribute, query distribution,
refundable amounts, refund, the same refund again, refund by id, refund by number, refunds of the order, unfreeze, query unfreezing, advance balance,
delete receiver, refunds/bill-download-url, bill file, callback TRANSACTION.SUCCESS, callback REFUND.SUCCESS""".replace("\n", " ").split(", ")


@pytest.fixture(scope="session")
def node(tmp_path_factory):
    """A function that runs a program of this folder, the libraries lying beside it as package-lock.json says."""
    folder = tmp_path_factory.mktemp("clients")
    for file in [*HERE.glob("*.js"), *HERE.glob("package*.json")]:
        shutil.copy(file, folder)
    installed = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True, timeout=300
    )
    if installed.returncode != 0:
        pytest.skip(f"npm could not fetch the libraries: {installed.stderr[-300:]}")

    def run(*arguments, **environment):
        return subprocess.run(
            ["node", *map(str, arguments)],
            cwd=folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=120 * PATIENCE,
        )

    return run


@pytest.fixture
def sandbox(tmp_path):
    running = Program(tmp_path, "--proxy", "127.0.0.1:0", demo=True).start()
    yield running
    running.stop()


@pytest.mark.plain
@pytest.mark.parametrize("mode", ["institution", "direct"])
@pytest.mark.parametrize("library", ["axios_plugin", "node_v3"])
def test_the_life_of_a_distributed_order(node, sandbox, tmp_path, library, mode):
    authority = tmp_path / "ca.pem"
    authority.write_bytes(subprocess.check_output([BINARY, "ca", "--data", sandbox.data], stderr=subprocess.DEVNULL))
    life = node(
        "--require", "./through_proxy.js", "life.js", library, sandbox.data / "demo.env", mode,
        HTTPS_PROXY=sandbox.proxy, NODE_EXTRA_CA_CERTS=str(authority), NO_PROXY="127.0.0.1",
    )
    assert life.returncode == 0, life.stdout + life.stderr
    for step in STEPS + (["upload"] if library == "axios_plugin" else []):
        assert f"{step}: " in life.stdout, f"{step} was not done:\n{life.stdout}"
