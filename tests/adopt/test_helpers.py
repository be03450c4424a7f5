"""adopt/node, adopt/go, adopt/junit: each example in a project of its own, with a client library as its registry has it"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from client import PATIENCE
from fetch import asked, fetched_or_skipped, not_to_be_had
from page import pasted
from program import BINARY

KIT = Path(__file__).resolve().parents[2] / "adopt"

pytestmark = pytest.mark.plain


class Project:
    """A copy of a folder of the kit, where a language's own runner of tests is used."""

    def __init__(self, folder):
        self.folder = folder
        self.temporary = Path(tempfile.mkdtemp(dir=folder.parent))
        self.environment = {**os.environ, "FENZHANG": str(BINARY), "TMPDIR": str(self.temporary),
                            "FENZHANG_CONTROL_TOKEN": "of-a-server-that-is-not-the-helper-s", "GOFLAGS": "-mod=mod",
                            "JAVA_TOOL_OPTIONS": f"-Djava.io.tmpdir={self.temporary}"}

    def run(self, *command, **variables):
        how = {"cwd": self.folder, "env": {**self.environment, **variables}, "timeout": 300 * PATIENCE}
        done = subprocess.run(command, capture_output=True, text=True, **how)
        return done.returncode, done.stdout + done.stderr

    def left(self):
        """What lies where temporary files do, of ours."""
        return [one.name for one in self.temporary.glob("fenzhang-*")]


# ---- Node ----


@pytest.fixture
def node(tmp_path):
    shutil.copytree(KIT / "node", tmp_path / "node")
    (tmp_path / "node" / "node_modules").symlink_to(fetched_or_skipped("node", KIT / "node") / "node_modules")
    return Project(tmp_path / "node")


def test_node(node):
    status, text = node.run("node", "--test", "--test-reporter=tap")
    assert status == 0 and "# pass 2\n" in text, text
    assert node.left() == []


def test_node_tells_what_the_server_saw(node):
    (node.folder / "signature.test.mjs").write_text("""
import test from 'node:test';
import { fenzhang } from './fenzhang.mjs';

test('fails', async (t) => {
  const world = await fenzhang(t);
  await fetch(world.baseUrl + '/v3/certificates');
  throw new Error('on purpose');
});
test('a world that nobody stops ends with Node', async () => { await fenzhang(); });
test('what the server refuses is thrown', async (t) => {
  const world = await fenzhang(t);
  const said = await world.pay(-1).catch((refusal) => refusal);
  if (said.status !== 400 || !said.message.includes('amount')) throw said;
});
""")
    status, text = node.run("node", "--test", "--test-reporter=tap", "signature.test.mjs")
    assert status == 1 and "# pass 2\n" in text, text
    assert 'GET /v3/certificates 401 SIGN_ERROR SIGN_MALFORMED "AUTHORIZATION_MISSING' in text, text
    assert node.left() == []


def test_node_begins_with_what_was_prepared(node):
    (node.folder / "base.test.mjs").write_text("""
import test from 'node:test';
import assert from 'node:assert';
import { fenzhang } from './fenzhang.mjs';

let times = 0;
const base = fenzhang.base({
  book: ['--demo', '--seed', '5'],
  prepare: async (world) => {
    times += 1;
    await world.control('/merchants', { mchid: '1900000777', kind: 'direct', contract_date: '2025-01-01' });
  },
});
for (const name of ['one', 'two'])
  test(name, async (t) => {
    const world = await base.fork(t);
    assert.equal((await world.pay(100, { mchid: '1900000777', out_trade_no: 'ONLYONCE' })).amount, 100);
    assert.equal(times, 1);
  });
""")
    status, text = node.run("node", "--test", "--test-reporter=tap", "base.test.mjs")
    assert status == 0 and "# pass 2\n" in text, text


def test_node_says_that_there_is_no_program(node):
    status, text = node.run("node", "--test", "--test-reporter=tap", FENZHANG="/nowhere/fenzhang")
    assert status == 1 and "Is /nowhere/fenzhang the program?" in text, text
    assert node.left() == []


def test_the_package_of_npm_has_the_helper(node):
    """As packaging/portable lays it out: the program beside it, which is found there without FENZHANG."""
    packaging = KIT.parent / "packaging" / "portable"
    package = node.folder / "own" / "node_modules" / "fenzhang"
    (package / "bin").mkdir(parents=True)
    (package / "bin" / "fenzhang").symlink_to(BINARY)
    shutil.copy(packaging / "package.json", package)
    for name in ("fenzhang.mjs", "fenzhang.d.mts"):
        assert f'"{name}"' in (packaging / "tarball.py").read_text(), "copied into the package"
        shutil.copy(KIT / "node" / name, package)
    example = (node.folder / "refund.test.mjs").read_text().replace("from './fenzhang.mjs'", "from 'fenzhang'")
    (node.folder / "own" / "refund.test.mjs").write_text(example)
    (node.folder / "own" / "payment.test.mjs").write_text(pasted("js", "With node:test"))
    del node.environment["FENZHANG"]
    status, text = node.run("node", "--test", "--test-reporter=tap", "own/refund.test.mjs", "own/payment.test.mjs")
    assert status == 0 and "# pass 3\n" in text, text


# ---- Go ----


@pytest.fixture
def go(tmp_path):
    if shutil.which("go") is None:
        not_to_be_had("go is not installed")
    shutil.copytree(KIT / "go", tmp_path / "go")
    return Project(tmp_path / "go" / "example")


def test_go(go):
    status, text = asked(lambda: go.run("go", "mod", "download"))
    if status != 0:
        not_to_be_had(text)
    (go.folder / "shop").mkdir()
    (go.folder / "shop" / "payment_test.go").write_text(pasted("go", "With go test"))
    status, text = go.run("go", "test", "-count=1", "-v", "./...", GOFLAGS="-mod=readonly")
    assert status == 0 and text.count("--- PASS") == 3, text
    assert go.left() == []


def test_go_tells_what_the_server_saw(go):
    (go.folder / "refund_test.go").write_text("""package example

import (
	"net/http"
	"runtime"
	"testing"

	fenzhang "github.com/fenzhang/fenzhang/adopt/go"
)

var base = fenzhang.Base{
	Book: []string{"--demo", "--seed", "5"},
	Prepare: func(w *fenzhang.World) {
		w.Control("/merchants", fenzhang.Members{"mchid": "1900000777", "kind": "direct", "contract_date": "2025-01-01"})
	},
}

func TestSignature(t *testing.T) {
	world := base.Fork(t)
	world.Pay(100, fenzhang.Members{"mchid": "1900000777", "out_trade_no": "ONLYONCE"})
	request, _ := http.NewRequest("GET", world.BaseURL+"/v3/certificates", nil)
	request.Header.Set("Accept", "*/*")
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != 200 {
		t.Fatal("on purpose")
	}
}

func TestRefused(t *testing.T) {
	base.Fork(t).Pay(-1, fenzhang.Members{"out_trade_no": "ONLYONCE"})
}

// The book outlives what the collector takes.
func TestCollected(t *testing.T) {
	for range [3]int{} {
		runtime.GC()
		base.Fork(t)
	}
}
""")
    module = "github.com/fenzhang/fenzhang/adopt/go"
    (go.folder / "go.mod").write_text(f"module example\n\ngo 1.19\n\nrequire {module} v0.0.0\n\nreplace {module} => ../\n")
    status, text = go.run("go", "test", "-count=1", "./...")
    assert status == 1 and text.count("--- FAIL") == 2 and "on purpose" in text, text
    assert 'GET /v3/certificates 401 SIGN_ERROR SIGN_MALFORMED "AUTHORIZATION_MISSING' in text, text
    assert "POST /payments: " in text and "amount" in text
    status, text = go.run("go", "test", "-count=1", "./...", FENZHANG="/nowhere/fenzhang")
    assert status == 1 and "Is /nowhere/fenzhang the program?" in text, text


# ---- Java ----


@pytest.fixture
def maven(tmp_path):
    for tool in ("mvn", "javac"):
        if shutil.which(tool) is None:
            not_to_be_had(f"{tool} is not installed")
    shutil.copytree(KIT / "junit", tmp_path / "junit")
    return Project(tmp_path / "junit")


def test_junit(maven):
    (maven.folder / "SignatureTest.java").write_text("""
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SignatureTest {
    @RegisterExtension
    final Fenzhang fenzhang = new Fenzhang().book("--demo", "--seed", "5").options("--limits", "real");

    @Test
    void fails() throws Exception {
        URI.create(fenzhang.baseUrl() + "/v3/certificates").toURL().openStream();
    }

    @Test
    void refused() {
        Exception refusal = assertThrows(IllegalStateException.class, () -> fenzhang.pay(-1, Map.of()));
        assertTrue(refusal.getMessage().contains("/payments: 400") && refusal.getMessage().contains("amount"), refusal.getMessage());
    }
}
""")
    (maven.folder / "PaymentTest.java").write_text(pasted("java", "With JUnit 5"))
    not_transferred = "Could not transfer artifact"
    status, text = asked(lambda: maven.run("mvn", "-q", "-B", "test", MAVEN_OPTS="-XX:TieredStopAtLevel=1"), lambda _, text: not_transferred not in text)
    if not_transferred in text:
        not_to_be_had(text[-600:])
    assert status == 1 and "Tests run: 5, Failures: 0, Errors: 1" in text and "SignatureTest.fails" in text, text
    assert 'GET /v3/certificates 401 SIGN_ERROR SIGN_MALFORMED "AUTHORIZATION_MISSING' in text, text
    assert maven.left() == []
