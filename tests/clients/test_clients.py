"""Client libraries, as their registries have them, live through the life of a distributed order

Node, Go, Java, Python. All have the vendor's host built in: they come to the server through its CONNECT proxy and trust its certificate
authority, set up as docs/clients.md says.
"""

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from control import Control
from fetch import fetched_or_skipped
from life import SHARING, Library, Life, merchant_of
from program import BINARY, Program

BALANCE = f"{SHARING}/refunds/refundable-balance"

pytestmark = pytest.mark.plain


def java(folder, setting, library):
    store = setting.directory / "trust.p12"
    proxy = urlsplit(setting.proxy)
    subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "fenzhang", "-file", setting.authority, "-keystore", store,
                    "-storetype", "PKCS12", "-storepass", "fenzhang"], check=True, capture_output=True)
    return ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{folder}/lib/*:{folder}/classes", f"-Dhttps.proxyHost={proxy.hostname}",
            f"-Dhttps.proxyPort={proxy.port}", f"-Djavax.net.ssl.trustStore={store}", "-Djavax.net.ssl.trustStorePassword=fenzhang",
            "Serve", library], {}


def node(folder, setting, library):
    environment = {"HTTPS_PROXY": setting.proxy, "NODE_EXTRA_CA_CERTS": setting.authority, "NO_PROXY": "127.0.0.1"}
    preload = [] if library == "axios_plugin" else ["--require", folder / "through_proxy.js"]
    return ["node", *preload, folder / "serve.js", library], environment


def go(folder, setting, library):
    return [folder / "wechatpay-go"], {"HTTPS_PROXY": setting.proxy, "SSL_CERT_FILE": setting.authority}


def python(folder, setting, library):
    environment = {"HTTPS_PROXY": setting.proxy, "REQUESTS_CA_BUNDLE": setting.authority, "PYTHONPATH": str(folder / "lib")}
    return [sys.executable, folder / "wechatpayv3_client.py"], environment


# The library's name here, how it is started, and what it has no function for: a file that is no picture, a DELETE with a body.
LIBRARIES = {
    "axios_plugin": (node, ()),
    "node_v3": (node, ("upload",)),
    "wechatpay_go": (go, ()),
    "wechatpay_java": (java, ()),
    "wechatpay_java_apache": (java, ("delete",)),
    "apache_httpclient": (java, ()),
    "wechatpayv3": (python, ("upload",)),
}


class Setting:
    """A server with its demo book, behind its proxy."""

    def __init__(self, directory):
        self.directory = directory
        self.program = Program(directory, "--proxy", "127.0.0.1:0", demo=True).start()
        self.proxy = self.program.proxy
        self.authority = str(directory / "ca.pem")
        with open(self.authority, "wb") as file:
            subprocess.run([BINARY, "ca", "--data", self.program.data], stdout=file, stderr=subprocess.DEVNULL, check=True)

    def start(self, name, mode):
        starter, _ = LIBRARIES[name]
        command, environment = starter(fetched_or_skipped(starter.__name__), self, name)
        return Library(command, merchant_of(self.program.demo, mode), env={**os.environ, **environment})


@pytest.fixture
def setting(tmp_path):
    made = Setting(tmp_path)
    yield made
    made.program.stop()


@pytest.mark.parametrize("mode", ["institution", "direct"])
@pytest.mark.parametrize("name", LIBRARIES)
def test_the_life_of_a_distributed_order(setting, name, mode):
    library = setting.start(name, mode)
    try:
        Life(library, setting.program.demo, mode, LIBRARIES[name][1]).live()
    finally:
        library.stop()


def test_a_certificate_that_signs_without_notice_is_refused(setting):
    """POST /platform/rotate {"signs_in":"PT0S"}: libraries that load certificates by the clock refuse answers, and the list with them;
    wechatpayv3 loads the list when it meets an unknown serial number. So docs/clients.md tells."""
    control = Control(setting.program.control)
    libraries = {name: setting.start(name, "direct") for name in ("axios_plugin", "wechatpay_go", "wechatpay_java", "wechatpayv3")}
    try:
        for library in libraries.values():
            assert library("get", path=BALANCE)["status"] == 200
        control.post("/platform/rotate", {"signs_in": "PT0S"})
        taken = {name for name, library in libraries.items() if not library.said("get", path=BALANCE).get("failed")}
        assert taken == {"wechatpayv3"}
    finally:
        for library in libraries.values():
            library.stop()


def test_wechatpay_java_retries_at_another_domain(setting):
    """enableRetryMultiDomain(): after a connection that failed it asks at api2.wechatpay.cn, and says so in its User-Agent."""
    library = setting.start("wechatpay_java", "direct")
    control = Control(setting.program.control)
    try:
        library("get", path=BALANCE)
        control.add_fault(effect="reset", count=2)  # of the connection that it kept, which OkHttp repeats by itself, and of a new one
        assert library("get", path=BALANCE)["status"] == 200
    finally:
        library.stop()
    latest = control.get("/requests?limit=1")["requests"][0]["request_id"]
    headers = control.get(f"/requests/{latest}")["request"]["headers"]
    assert "Host: api2.wechatpay.cn" in headers
    assert any(header.startswith("User-Agent: ") and "Retried" in header for header in headers)
