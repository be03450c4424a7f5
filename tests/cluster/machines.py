"""Three machines with PostgreSQL under Patroni, etcd, and what stands before the program; each machine a network of its own where root allows."""

import contextlib
import os
import re
import signal
import subprocess
import time
from datetime import datetime, timezone
from pathlib import Path

import requests

from postgres import BIN, UNPRIVILEGED, nobodys
from watchdog import Watchdog

HERE = Path(__file__).parent
NETWORKS = os.environ.get("CLUSTER_NETWORKS") == "1"
PREFIX = "10.77.0" if NETWORKS else "127.0.0"  # the loopback's addresses need no network
SERVICES = f"{PREFIX}.1"
QUICK = {"ttl": 10, "loop_wait": 2, "retry_timeout": 3, "safety_margin": 2}  # instead of patroni.yml's, so that the tests are shorter

# The long form is alone on its machine, so that its seconds count. The short one runs beside whatever keeps the machine busy: there a wait is
# no measure of the program, and only ends what would last for ever.
LONG = os.environ.get("CLUSTER_LONG") == "1"
SLACK = 1 if LONG else 3


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def until(is_so, what, seconds=60):
    seconds *= SLACK
    deadline = time.monotonic() + seconds
    while True:
        found = is_so()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.2)


def can_write_at(address):
    told = subprocess.run([BIN / "psql", "-Atqc", "SELECT pg_is_in_recovery()", address], capture_output=True, text=True)
    return told.stdout.strip() == "f"


def localised(name, place):
    """A configuration of this folder, with the addresses of who is not root."""
    text = (HERE / name).read_text().replace("10.77.0", PREFIX)
    if name == "patroni.yml":
        for setting, seconds in QUICK.items():
            text, found = re.subn(rf"(?m)([ {{]{setting}): \d+", rf"\1: {seconds}", text)
            assert found == 1, setting
    path = place / name
    path.write_text(text)
    path.chmod(0o644)
    return path


class Daemon:
    """A process that is started, ended and started again; unprivileged, and gone when the test is."""

    def __init__(self, name, place, command, network=None, environment=None):
        self.name, self.log, self.command = name, place / f"{name}.log", [str(word) for word in command]
        self.network, self.environment = network, environment or {}
        self.process = None

    def start(self):
        within = ["ip", "netns", "exec", self.network] if self.network else []
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*within, *UNPRIVILEGED, *self.command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env={**os.environ, "HOME": "/nonexistent", **self.environment},
            )
        return self

    def end(self, number=signal.SIGKILL):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait()

    def log_text(self):
        return self.log.read_text("utf-8", "replace")


def children_of(pids):
    """These processes and all that came of them."""
    parents = {}
    for directory in Path("/proc").iterdir():
        if directory.name.isdecimal():
            try:
                parents[int(directory.name)] = int((directory / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                pass
    found = set(pids)
    while True:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        if not more:
            return found
        found |= more


class Machine:
    """A machine with PostgreSQL and its Patroni."""

    def __init__(self, place, index):
        self.name, self.address = f"pg{index}", f"{PREFIX}.1{index}"
        self.directory = nobodys(place / self.name)
        self.wire = f"wire{index}"
        network = None
        if NETWORKS:
            network = self.name
            self._plug_in()
            run("mount", "-t", "tmpfs", "-o", "size=400m,mode=1777", "fenzhang-cluster", self.directory)
        self.watchdog = Watchdog(place / f"{self.name}.watchdog", self.die)
        self.data = self.directory / "data"
        self.patroni = Daemon(
            self.name, place, ["patroni", self._configuration(place)], network,
            {"PATRONI_NAME": self.name,
             "PATRONI_RESTAPI_LISTEN": f"{self.address}:8008", "PATRONI_RESTAPI_CONNECT_ADDRESS": f"{self.address}:8008",
             "PATRONI_POSTGRESQL_LISTEN": f"{self.address}:5432", "PATRONI_POSTGRESQL_CONNECT_ADDRESS": f"{self.address}:5432",
             "PATRONI_POSTGRESQL_DATA_DIR": str(self.data), "PATRONI_POSTGRESQL_PGPASS": str(self.directory / "pgpass")},
        )

    def _plug_in(self):
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", self.wire, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        run("ip", "link", "set", self.wire, "master", "fenzhang", "up")
        run("ip", "-n", self.name, "addr", "add", f"{self.address}/24", "dev", "eth0")
        run("ip", "-n", self.name, "link", "set", "eth0", "up")
        run("ip", "-n", self.name, "link", "set", "lo", "up")

    def _configuration(self, place):
        text = (place / "patroni.yml").read_text()
        text, found = re.subn(r"device: [^,]+", f"device: {place / self.name}.watchdog, driver: testing", text)
        assert found == 1
        path = place / f"{self.name}.yml"
        path.write_text(text)
        path.chmod(0o644)
        return path

    def start(self):
        self.patroni.start()
        return self

    def processes(self):
        if NETWORKS:
            return [int(pid) for pid in run("ip", "netns", "pids", self.name).split()]
        first = [self.patroni.process.pid]
        if (self.data / "postmaster.pid").exists():
            first.append(int((self.data / "postmaster.pid").read_text().split()[0]))
        return children_of(first)

    def signal(self, number):
        for pid in self.processes():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def die(self):
        """As if its power were cut."""
        self.signal(signal.SIGKILL)
        self.signal(signal.SIGKILL)  # what was born meanwhile
        self.patroni.process.wait()

    def unplug(self):
        """Once nothing runs there any more."""
        run("umount", "--lazy", self.directory)
        run("ip", "link", "del", self.wire)
        run("ip", "netns", "del", self.name)

    def cut_off(self, is_cut):
        run("ip", "link", "set", self.wire, "down" if is_cut else "up")

    def fill_disk(self):
        ballast = self.directory / "ballast"
        with contextlib.suppress(OSError), open(ballast, "wb", buffering=0) as file:  # a buffer would be written once more when it is closed
            while True:
                file.write(bytes(65536))
        return ballast

    def status(self):
        try:
            return requests.get(f"http://{self.address}:8008/patroni", timeout=2).json()
        except (requests.exceptions.RequestException, ValueError):
            return {}

    def promotions(self):
        """When it took over, by its own log: {timeline: moment}."""
        found = re.findall(r"^(\S+ \S+) UTC .*selected new timeline ID: (\d+)", self.patroni.log_text(), re.M)
        return {int(line): datetime.fromisoformat(moment).replace(tzinfo=timezone.utc).timestamp() for moment, line in found}

    def ask(self, sql, database="postgres"):
        return run(BIN / "psql", "-Atqc", sql, f"postgresql://postgres:postgres@{self.address}/{database}?connect_timeout=9").strip()


class Cluster:
    def __init__(self, place):
        self.place = place
        if NETWORKS:
            run("ip", "link", "add", "fenzhang", "type", "bridge")
            run("ip", "addr", "add", f"{SERVICES}/24", "dev", "fenzhang")
            run("ip", "link", "set", "fenzhang", "up")
        for name in ("patroni.yml", "haproxy.cfg", "pgbouncer.ini"):
            localised(name, place)
        client = f"http://{SERVICES}:2379"
        self.etcd = Daemon("etcd", place, [
            "etcd", "--data-dir", nobodys(place / "etcd") / "data", "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", f"http://{SERVICES}:2380", "--initial-advertise-peer-urls", f"http://{SERVICES}:2380",
            "--initial-cluster", f"default=http://{SERVICES}:2380", "--log-level", "warn"])
        self.haproxy = Daemon("haproxy", place, ["haproxy", "-db", "-f", place / "haproxy.cfg"])
        self.machines = [Machine(place, index) for index in (1, 2, 3)]

    @property
    def store(self):
        return f"postgresql://fenzhang:fenzhang@{','.join(machine.address for machine in self.machines)}/book"

    def start(self):
        try:
            self._start()
        except BaseException:
            self.end()
            raise
        return self

    def _start(self):
        self.etcd.start()
        for machine in self.machines:
            machine.start()
        self.whole(120)
        self.primary().ask("CREATE DATABASE book OWNER fenzhang")
        self.haproxy.start()
        until(lambda: all(self.leads_to_primary() for _ in self.machines), "HAProxy knows who is the primary")

    def leads_to_primary(self):
        """HAProxy takes every server for one until it has looked twice."""
        return can_write_at(f"postgresql://postgres:postgres@{SERVICES}:5000/postgres")

    def end(self, _=False):
        for machine in self.machines:
            if machine.patroni.process is not None:
                machine.signal(signal.SIGKILL)
        for daemon in (self.haproxy, self.etcd, *(machine.patroni for machine in self.machines)):
            daemon.end()
        if NETWORKS:  # so that another cluster has room for its own
            for machine in self.machines:
                machine.unplug()
            run("ip", "link", "del", "fenzhang")

    def primary(self, seconds=60, but=None):
        """The machine that Patroni says can be written to."""
        def found():
            for machine in self.machines:
                status = machine.status() if machine is not but else {}
                if status.get("role") == "master" and status.get("state") == "running":
                    return machine
            return None
        return until(found, "a primary", seconds)

    def whole(self, seconds=90):
        """Waits until two synchronous standbys follow the primary, and returns the primary."""
        def found():
            states = [(machine, machine.status()) for machine in self.machines]
            roles = sorted(status.get("role", "") for _, status in states)
            if roles != ["master", "replica", "replica"] or any(status.get("state") != "running" for _, status in states):
                return None
            machine = next(machine for machine, status in states if status["role"] == "master")
            standbys = [one for one in dict(states)[machine].get("replication", []) if one.get("sync_state") == "sync"]
            return machine if len(standbys) == 2 else None
        return until(found, "a primary with two synchronous standbys", seconds)

    def promoted_since(self, moment, old, seconds=60):
        """The next promotion of another than `old` after that moment: (machine, when)."""
        def found():
            after = [(when, machine) for machine in self.machines if machine is not old
                     for when in machine.promotions().values() if when > moment]
            return min(after, key=lambda pair: pair[0]) if after else None
        when, machine = until(found, "a promotion", seconds)
        return machine, when
