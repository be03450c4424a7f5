"""docs/operators.md: every command of the page, in its order, on a book that is written to meanwhile. What belongs to the system (adduser, systemctl,
journalctl) is stood in for; the stand-in of systemctl runs the unit's own ExecStart, on other ports."""

import json
import os
import re
import shutil
import subprocess
import threading
import time

import pytest

from client import PATIENCE
from control import Control
from pages import ROOT, Shell, blocks, section
from ports import free_ports
from program import BINARY

PAGE = (ROOT / "docs" / "operators.md").read_text("utf-8")
UNIT = (ROOT / "packaging" / "debian" / "fenzhang.service").read_text("utf-8")

pytestmark = pytest.mark.plain

SYSTEMCTL = r"""#!/bin/sh
# systemctl [enable --now|start|stop|restart|daemon-reload] of the one unit in etc/.
[ "$1" != restart ] || "$0" stop
cd "$(dirname "$0")/.."
export CONFIGURATION_DIRECTORY="$PWD/conf" STATE_DIRECTORY="$PWD/lib/fenzhang"
alive() { [ -s pid ] && [ -d "/proc/$(cat pid)" ] && grep -qs '^State:.[^Z]' "/proc/$(cat pid)/status"; }
case $1 in
daemon-reload) exit ;;
stop)
    alive || exit 0
    kill "$(cat pid)"
    while alive; do sleep 0.02; done
    exit ;;
esac
: >ready
sh -c "exec $(sed -n 's/^ExecStart=//p' etc/fenzhang.service) --listen 127.0.0.1:8080 --control 127.0.0.1:8081" >ready 2>>log </dev/null &
echo $! >pid
until grep -q '^ready ' ready; do
    alive || { echo "the unit did not start" >&2; exit 1; }
    sleep 0.02
done
"""


class Host:
    """A directory in place of the machine's own ones, and a shell in it."""

    def __init__(self, root):
        self.root = root
        api, control = free_ports(2)
        self.names = {"/etc/fenzhang": "conf", "/usr/local/bin": "bin", "/etc/systemd/system": "etc", "/var/lib": "lib", "/var/backups": "backups", "/var/tmp": "tmp"}
        self.ports = {":8080": f":{api}", ":8081": f":{control}"}
        for name in [*(name for name in self.names.values() if name != "conf"), "build-release/src/cli", "packaging/debian"]:
            (root / name).mkdir(parents=True)
        (root / "lib" / "fenzhang").mkdir()  # as StateDirectory= makes it
        (root / "build-release/src/cli/fenzhang").symlink_to(BINARY)
        (root / "packaging/debian/fenzhang.service").write_text(UNIT)
        for name, script in (("systemctl", self.here(SYSTEMCTL)), ("adduser", "#!/bin/sh\n"), ("journalctl", f"#!/bin/sh\ncat '{root}/log'\n")):
            (root / "bin" / name).write_text(script)
            (root / "bin" / name).chmod(0o755)
        self.shell = Shell(root, {**os.environ, "PATH": f"{root}/bin:{os.environ['PATH']}"})
        self.control = Control(f"http://127.0.0.1:{control}")
        self.data = root / "lib" / "fenzhang"

    def here(self, text):
        for name, ours in self.names.items():
            text = text.replace(name, f"{self.root}/{ours}")
        for port, ours in self.ports.items():
            text = text.replace(port, ours)
        return text

    def paste(self, heading):
        """All blocks of a section; what each printed."""
        found = blocks(section(PAGE, heading), "sh")
        assert found, heading
        return [self.shell.paste(self.here(content)) for _, content in found]

    def payments(self):
        return self.control.audit()["payments"]

    def pay(self):
        self.control.make_payment(mchid="1900000777", amount=100)

    def close(self):
        self.shell.close()
        subprocess.run([self.root / "bin" / "systemctl", "stop", "fenzhang"], check=True)


@pytest.fixture
def host(tmp_path):
    running = Host(tmp_path)
    yield running
    running.close()


class Customers:
    """Payments without a pause; counts those that were acknowledged."""

    def __init__(self, host):
        self.host, self.count, self.over = host, 0, False
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.over:
            self.host.pay()
            self.count += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()


def test_every_command_and_a_copy_that_is_put_back(host):
    host.paste("## A service")
    host.control.post("/merchants", {"mchid": "1900000777", "kind": "direct", "contract_date": "2025-01-01"})
    (printed,) = host.paste("## Configuration")
    assert f"# {host.root}/conf/fenzhang.conf, line 2\nlimits = off\n" in printed and host.control.get("/limits") == {"limits": "off"}
    health, metrics, audit, _log = blocks_of_watching(host)
    assert health == "ok\n" and json.loads(audit)["findings"] == 0
    alarms = set(re.findall(r"\b(?:fenzhang|process)_\w+", section(PAGE, "## Watching it")))
    assert len(alarms) > 8
    assert {name for name in alarms if not re.search(rf"^{name}(?:\{{.*\}})? ", metrics, re.M)} == set()

    with Customers(host) as customers:
        while customers.count < 20:
            assert customers.thread.is_alive()
            time.sleep(0.01)
        before = customers.count
        made = host.paste("## Making a copy")
        during = customers.count
    copied = int(re.search(r"^payments +(\d+)$", made[1], re.M)[1])
    assert f"sound: {copied} payments" in made[0] and "The book is sound." in made[1] and before <= copied <= during + 1
    backup, secret = sorted((host.root / "backups" / "fenzhang").iterdir())
    assert (backup.suffix, secret.name) == (".backup", "secret.key")
    assert all(path.stat().st_mode & 0o77 == 0 for path in [backup.parent, backup, secret])
    assert list((host.root / "tmp").iterdir()) == []
    known_to_the_page(host.data)

    printed = host.paste("## Putting a copy back")
    assert "The book is sound." in printed[0] and printed[-1].endswith("ok\n") and host.payments() == copied
    assert list((host.root / "tmp").iterdir()) == []
    host.pay()  # keys and all
    (printed,) = host.paste("## Upgrading")
    assert "upgrade  none" in printed and re.search(r"^ok\nfenzhang [\d.]+$", printed, re.M) and host.payments() == copied + 1

    # The refusal that everybody meets who puts a copy over the files that are there.
    host.shell.paste(f"systemctl stop fenzhang; cp '{backup}' '{host.data}/book.db'")
    assert host.shell.paste("systemctl start fenzhang || true").strip() == "the unit did not start"
    assert "its last commits are missing" in (host.root / "log").read_text()
    host.paste("## It refuses to start")
    assert host.payments() == copied


def blocks_of_watching(host):
    """The commands of the one block, one by one."""
    ((_, content),) = blocks(section(PAGE, "## Watching it"), "sh")
    return [host.shell.paste(host.here(line)) for line in content.splitlines()]


def known_to_the_page(data):
    """Every file of a directory in use has its row."""
    named = re.findall(r"`([\w.-]+)/?`", "\n".join(re.findall(r"^\| (`[^|]*) \|", section(PAGE, "## What lies in the data directory"), re.M)))
    assert {path.name for path in data.iterdir()} - set(named) == set()


def test_every_refusal_of_the_page_is_said_by_the_program():
    sources = "".join(path.read_text("utf-8") for folder in ("store", "server") for path in (ROOT / "src" / folder).rglob("*.c"))
    said = re.sub(r'"\s*PRId64\s*"', "%d", sources)
    said = re.sub(r'"\s*\n?\s*"', "", said)
    quoted = re.findall(r'"([^"]+)"', " ".join(row.split(" | ")[0] for row in section(PAGE, "## It refuses to start").splitlines() if row.startswith('| "')))
    assert len(quoted) > 12
    parts = [part.strip() for words in quoted for part in re.split(r"…|\b[NM]\b|book\.db[-\w]*", words)]
    assert [part for part in parts if part and part not in said] == []


def test_the_unit_is_one(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "fenzhang.service"
    unit.write_text(UNIT.replace("/usr/bin/fenzhang", "/bin/true").replace("man:fenzhang(1)", "man:man(1)"))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=60 * PATIENCE)
    assert [line for line in done.stderr.splitlines() if "fenzhang.service" in line] == []
