"""A Fenzhang of its own for each test: fixtures for pytest, alone and under pytest-xdist. Needs nothing but pytest 7 or later.

The program is looked for in this order: what the variable FENZHANG names; the one in the wheel `fenzhang`; `fenzhang` in PATH.

With the wheel installed the fixtures are there. Without it, copy this file to your conftest.py's folder and put into that:

    pytest_plugins = ["fenzhang_pytest"]

A test then is

    def test_a_refund(fenzhang):
        order = fenzhang.pay(10000)["out_trade_no"]
        client = my_client(fenzhang.base_url, fenzhang.merchant)  # mchid, serial_no, private_key, apiv3_key ...
        client.refund(order, 1000)
        fenzhang.advance("PT20M")  # the refund arrives, and its callback has been answered
        assert client.query(order).status == "SUCCESS"

fenzhang         a server for this test alone, a fork of what was made once a session: what a test pays, breaks or moves, no other sees
fenzhang_hosts   the same, and for this test the vendor's own hosts lead to it (by HTTPS_PROXY and the variables that name a bundle of
                 certificates), for clients that have them built in
fenzhang_shared  one server for the session, put back to its beginning before each test that asks for it: for an application that is
                 started once with one base URL. Its connections stay open, and nobody signs with another key
fenzhang_base    what every test begins with. To add merchants, orders ... to it once, override it in conftest.py:

                     @pytest.fixture(scope="session")
                     def fenzhang_base(fenzhang_base):
                         with fenzhang_base.serving() as world:
                             world.control("/merchants", {"mchid": "1900000777", "kind": "direct", "contract_date": "2025-01-01"})
                         return fenzhang_base

In pytest.ini, `fenzhang_book` is what that is made of (`--demo --seed 1` where nothing is said; options of `fenzhang serve`), and
`fenzhang_options` what every server is given (`--limits off`). When a test fails, its report has what the server saw: a line for each
request and callback, and why a signature was refused.
"""

import contextlib
import functools
import json
import os
import select
import shlex
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

READY_WITHIN = 60  # seconds; it takes a fraction of one
ENDED_WITHIN = 30
WRITTEN_WITHIN = 5
LINES_TOLD = 60  # of the server's log, when a test fails
HOW = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--proxy", "127.0.0.1:0", "--lifeline", "--log-format", "text"]


def program_of_the_wheel():
    try:
        from fenzhang import PROGRAM
    except ImportError:
        return None
    return str(PROGRAM)


def find_program():
    wanted = os.environ.get("FENZHANG") or program_of_the_wheel() or "fenzhang"
    found = shutil.which(wanted)
    if not found:
        raise FileNotFoundError(
            f"{wanted} is not to be found, or cannot be run: install the wheel `fenzhang`, put the program into PATH, or name it in "
            "the variable FENZHANG"
        )
    return found


class Refused(Exception):
    """The control interface said no. `status` is HTTP's."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


class Merchant:
    """Who calls the API: what a client is told of it. Keys and certificates are PEM texts, the files are named in `World.env`."""

    def __init__(self, env, prefix=""):
        self.mchid, self.serial_no = env[prefix + "MCHID"], env[prefix + "SERIAL_NO"]
        self.sub_mchid = env["SUB_MCHID"] if not prefix else None  # a direct merchant has none
        self.apiv3_key, self.appid = env[prefix + "APIV3_KEY"], env[prefix + "APPID"]
        self.private_key = Path(env[prefix + "PRIVATE_KEY_PEM"]).read_text()
        self.certificate = Path(env[prefix + "CERTIFICATE_PEM"]).read_text()
        self.platform_serial_no = env[prefix + "PLATFORM_SERIAL_NO"]
        self.platform_certificate = Path(env[prefix + "PLATFORM_CERT_PEM"]).read_text()


def environment():
    """This process's, without the token of another server: the fixture's calls bear none."""
    return {name: value for name, value in os.environ.items() if name != "FENZHANG_CONTROL_TOKEN"}


class World:
    """A server that runs: where it is, who calls it, and the world outside it."""

    def __init__(self, directory, *options):
        self.directory = Path(directory)
        self.data = self.directory / "data"
        self._options = options
        self._start()

    def _start(self):
        ready = self.directory / "ready.json"
        command = [find_program(), "serve", *self._options, "--data", self.data, "--ready-file", ready, *HOW]
        with open(self.directory / "log", "wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environment())
        told, _, _ = select.select([self._process.stdout], [], [], READY_WITHIN)
        if not told or not self._process.stdout.readline():
            self._process.kill()
            self._process.wait()
            self._close()
            raise RuntimeError(f"fenzhang did not start: {self.log() or f'not ready after {READY_WITHIN} seconds'}")
        where = json.loads(ready.read_text("utf-8"))
        self.base_url, self.control_url, self.proxy_url = where["api"], where["control"], where["proxy"]
        self.ca_file = str(self.data / "tls" / "ca_cert.pem")

    def _close(self):
        self._process.stdin.close()
        self._process.stdout.close()

    def stop(self):
        """Ends the server. What was acknowledged is in its data."""
        if self._process.returncode is None:
            self._process.terminate()
            status = self._process.wait(ENDED_WITHIN)
            self._close()
            if status != 0:
                raise RuntimeError(f"fenzhang ended with status {status}: {self.log()}")

    def log(self):
        """What the server said: a line for each request and callback, whole once it has stopped."""
        return (self.directory / "log").read_text("utf-8", "replace")

    def whole_log(self):
        """The same of a server that goes on: with its latest exchange, which a thread of its own writes behind the answer."""
        latest = [one["request_id"] for one in self.control("/requests?limit=1")["requests"]]
        end = time.monotonic() + WRITTEN_WITHIN
        while not all(number in self.log() for number in latest) and time.monotonic() < end:
            time.sleep(0.01)
        return self.log()

    # ---- who calls ----

    @functools.cached_property
    def env(self):
        """All names of demo.env, as `fenzhang env` prints them: MCHID, TRANSACTION_ID, BILL_DATE …"""
        told = subprocess.run([find_program(), "env", "--data", self.data, "--json"], capture_output=True, check=True)
        return json.loads(told.stdout)

    @property
    def merchant(self):
        """The institution, which calls for its sub-merchants."""
        return Merchant(self.env)

    @property
    def direct_merchant(self):
        return Merchant(self.env, "DIRECT_")

    @property
    def environment(self):
        """For programs below this one: with these variables the vendor's hosts lead here, and the certificate is trusted."""
        trusted = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
        return {"HTTPS_PROXY": self.proxy_url, "NO_PROXY": "127.0.0.1,localhost", **dict.fromkeys(trusted, self.ca_file)}

    # ---- the world ----

    def snapshot(self, name):
        """Keeps the world as it is now: book, keys, clock, faults, limits."""
        return self.control("/snapshots", {"name": name})

    def restore(self, name):
        """Comes back to it. What is drawn from then on is new, so that no number comes twice."""
        return self.control(f"/snapshots/{name}/restore", {})

    # ---- the world outside ----

    def control(self, path, members=None, method=None):
        """A call of the control interface (docs/control.md): POST with members, else GET. Gives what it answers."""
        body = None if members is None else json.dumps(members).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        request = urllib.request.Request(self.control_url + path, body, headers, method=method)
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise Refused(refusal.code, f"{path}: {json.load(refusal).get('error')}") from None

    def pay(self, amount, **members):
        """A paid order of so many fen, of the institution's sub-merchant unless `mchid` names another. Gives its numbers."""
        whose = {} if "mchid" in members else {"mchid": self.env["MCHID"], "sub_mchid": self.env["SUB_MCHID"]}
        return self.control("/payments", {**whose, "amount": amount, **members})

    def pay_order(self, out_trade_no, **members):
        """The payer pays an order that your code has placed; comes back when your code has answered the callback, if it wants one."""
        return self.control(f"/payments/{out_trade_no}/pay", {"callbacks": "wait", **members})

    def advance(self, duration):
        """Moves the clock on ("PT20M", "P1D"): all that falls due happens, callbacks too. Gives the time then, as RFC 3339."""
        return self.control("/clock", {"advance": duration})["now"]

    def move_to(self, time):
        return self.control("/clock", {"now": time})["now"]

    @property
    def now(self):
        return self.control("/clock")["now"]

    def fault(self, **members):
        """Requests go wrong from now on: fault(effect="reset", when="after", count=1), fault(error="SYSTEM_ERROR")"""
        return self.control("/faults", members)

    def audit(self):
        """Re-adds the whole book; Refused says what does not hold."""
        return self.control("/audit", {})


class Base:
    """A book at rest that worlds begin with."""

    def __init__(self, directory, book, options):
        self.directory, self._book, self._options = Path(directory), book, options
        with self.serving():
            pass

    @contextlib.contextmanager
    def serving(self):
        """A server on the book itself, to change what every test begins with."""
        world = World(self.directory, *self._book, *self._options)
        try:
            yield world
        finally:
            world.stop()

    def fork(self, directory):
        return World(directory, "--from", self.directory / "data", *self._options)


# ---- fixtures ----

FAILED = pytest.StashKey[bool]()


def pytest_addoption(parser):
    parser.addini("fenzhang_book", "options of `fenzhang serve` that make the book that tests begin with", default="--demo --seed 1")
    parser.addini("fenzhang_options", "options of `fenzhang serve` for every server", default="--limits off")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed


def has_failed(request):
    return request.node.stash.get(FAILED, False)


def tell(log):
    """As output of the test's teardown, which is in the report of one that failed."""
    print("What fenzhang saw:")
    print("\n".join(log.splitlines()[-LINES_TOLD:]) or "no request")


@pytest.fixture(scope="session")
def fenzhang_base(request, tmp_path_factory):
    settings = [shlex.split(request.config.getini(name)) for name in ("fenzhang_book", "fenzhang_options")]
    return Base(tmp_path_factory.mktemp("fenzhang-base"), *settings)


@pytest.fixture
def fenzhang(request, fenzhang_base, tmp_path_factory):
    world = fenzhang_base.fork(tmp_path_factory.mktemp("fenzhang"))
    yield world
    world.stop()
    if has_failed(request):
        tell(world.log())
    else:
        shutil.rmtree(world.directory)


@pytest.fixture(scope="session")
def fenzhang_server(fenzhang_base, tmp_path_factory):
    world = fenzhang_base.fork(tmp_path_factory.mktemp("fenzhang-shared"))
    world.snapshot("begin")
    yield world
    world.stop()


@pytest.fixture
def fenzhang_shared(request, fenzhang_server):
    fenzhang_server.restore("begin")
    told_before = len(fenzhang_server.log())
    yield fenzhang_server
    if has_failed(request):
        tell(fenzhang_server.whole_log()[told_before:])


@pytest.fixture
def fenzhang_hosts(fenzhang, monkeypatch):
    for name, value in fenzhang.environment.items():
        monkeypatch.setenv(name, value)
    return fenzhang
