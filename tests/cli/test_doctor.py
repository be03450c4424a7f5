"""fenzhang doctor: everything that can be wrong with a profile is made wrong, and found with how to mend it."""
import datetime
import http.server
import json
import threading
from email.utils import formatdate
from pathlib import Path
from time import time

import pytest
import requests
from client import PATIENCE
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from ports import nobodys_port
from program import Program

from command import run

CHECKS = ["private_key", "key_permissions", "certificate_key", "serial_no", "merchant", "certificate_end", "host", "clock", "signature",
          "apiv3_key", "platform_certificates", "answer"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Program(tmp_path_factory.mktemp("server"), "--proxy", "127.0.0.1:0", demo=True, seed=1).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory):
    running = Program(tmp_path_factory.mktemp("tls"), "--tls", demo=True, seed=1).start()
    yield running
    running.stop()


def variables(server, prefix=""):
    """A profile in variables: the demo book's institution, or DIRECT_ its direct merchant."""
    names = {"MCHID": "MCHID", "SERIAL_NO": "SERIAL_NO", "PRIVATE_KEY_FILE": "PRIVATE_KEY_PEM", "CERTIFICATE_FILE": "CERTIFICATE_PEM",
             "APIV3_KEY": "APIV3_KEY"}
    return {f"FENZHANG_{name}": server.demo[prefix + demo] for name, demo in names.items()} | {"FENZHANG_HOSTS": server.api}


@pytest.fixture
def fit(server):
    assert requests.post(server.control + "/reset", json={"again": True}, timeout=20 * PATIENCE).ok
    return variables(server)


def findings(environment):
    """{check: finding} of those that do not fit, and how the program ended."""
    done = run("doctor", "--json", env=environment)
    told = json.loads(done.stdout)
    wrong = {finding["check"]: finding for finding in told["findings"] if finding["state"] == "wrong"}
    assert told["fits"] == (wrong == {}) and done.returncode == (1 if wrong else 0) and done.stderr == "", done
    assert all(finding["mend"] for finding in wrong.values())
    return wrong


def only(environment, check):
    """The one finding."""
    wrong = findings(environment)
    assert list(wrong) == [check], wrong
    return wrong[check]["text"], wrong[check]["mend"]


def change(server, mchid, **more):
    assert requests.post(f"{server.control}/merchants/{mchid}", json=more, timeout=20 * PATIENCE).ok


def of_merchant(server, mchid, name):
    return server.data / "merchants" / mchid / name


# ---- all fits ----


def test_all_fits(fit):
    done = run("doctor", env=fit)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == len(CHECKS) and all(line.startswith("✓ ") for line in lines)
    told = json.loads(run("doctor", "--json", env=fit).stdout)
    assert [finding["check"] for finding in told["findings"]] == CHECKS


def test_of_a_demo_env(server):
    for options in ([], ["--profile", "direct"]):
        done = run("doctor", "--env", server.data / "demo.env", *options)
        assert done.returncode == 0, done.stdout


def test_colours(fit):
    assert "\033[32m✓\033[0m " in run("doctor", env=fit | {"CLICOLOR_FORCE": "1"}).stdout


def test_nobody_to_look_at():
    done = run("doctor")
    assert (done.returncode, done.stdout) == (2, "") and "nobody is named who calls" in done.stderr


# ---- key and certificate ----


def test_key_and_certificate_do_not_belong_together(fit, server):
    """The direct merchant's key: what it signs, the service does not take either."""
    wrong = findings(fit | {"FENZHANG_PRIVATE_KEY_FILE": server.demo["DIRECT_PRIVATE_KEY_PEM"]})
    assert list(wrong) == ["certificate_key", "signature"]
    assert "the certificate is of another key" in wrong["certificate_key"]["text"] and "same download" in wrong["certificate_key"]["mend"]
    assert "(401)" in wrong["signature"]["text"]


def test_a_wrong_serial_number(fit, server):
    other = server.demo["DIRECT_SERIAL_NO"]
    wrong = findings(fit | {"FENZHANG_SERIAL_NO": other})
    assert list(wrong) == ["serial_no", "signature"]
    assert wrong["serial_no"]["text"] == f"the serial number is {other}, but that of the certificate {server.demo['SERIAL_NO']}"
    assert wrong["serial_no"]["mend"] == f"fenzhang config set serial_no {server.demo['SERIAL_NO']}"


def test_a_wrong_serial_number_without_a_certificate(fit):
    """Nothing to compare with: the service says it."""
    bare = {name: value for name, value in fit.items() if name != "FENZHANG_CERTIFICATE_FILE"}
    assert findings(bare) == {}
    text, _ = only(bare | {"FENZHANG_SERIAL_NO": "4" * 40}, "signature")
    assert f"serial number {'4' * 40} (401)" in text


def test_the_certificate_of_another_merchant(fit, server):
    direct = variables(server, "DIRECT_")
    wrong = findings(direct | {"FENZHANG_MCHID": "1900000100"})
    assert list(wrong) == ["merchant", "signature"] and "merchant 1900000120's, not 1900000100's" in wrong["merchant"]["text"]


def test_files_that_are_not_there_or_none(fit, tmp_path):
    text, _ = only(fit | {"FENZHANG_PRIVATE_KEY_FILE": "/nonexistent/key.pem"}, "private_key")
    assert "cannot be read from /nonexistent/key.pem" in text
    wrong = findings(fit | {"FENZHANG_PRIVATE_KEY_FILE": fit["FENZHANG_CERTIFICATE_FILE"]})
    assert "is no RSA private key" in wrong["private_key"]["text"]
    text, _ = only(fit | {"FENZHANG_CERTIFICATE_FILE": fit["FENZHANG_PRIVATE_KEY_FILE"]}, "certificate")
    assert "is no certificate" in text


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_others_can_read_the_key(fit, tmp_path, mode):
    key = tmp_path / "apiclient_key.pem"
    key.write_bytes(Path(fit["FENZHANG_PRIVATE_KEY_FILE"]).read_bytes())
    key.chmod(mode)
    text, mend = only(fit | {"FENZHANG_PRIVATE_KEY_FILE": str(key)}, "key_permissions")
    assert f"(mode 0{mode:o})" in text and mend == f"chmod 600 {key}"


def certificate(key, serial_no, days, begins=-400):
    now = datetime.datetime.now(datetime.timezone.utc)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "1900000100")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(int(serial_no, 16))
    made = made.not_valid_before(now + datetime.timedelta(days=begins)).not_valid_after(now + datetime.timedelta(days=days))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize("days, said", [(29, "ends soon"), (1, "ends soon"), (-3, "ended at")])
def test_the_certificate_is_near_its_end(fit, tmp_path, days, said):
    key = serialization.load_pem_private_key(Path(fit["FENZHANG_PRIVATE_KEY_FILE"]).read_bytes(), None)
    file = tmp_path / "apiclient_cert.pem"
    file.write_bytes(certificate(key, fit["FENZHANG_SERIAL_NO"], days))
    text, mend = only(fit | {"FENZHANG_CERTIFICATE_FILE": str(file)}, "certificate_end")
    assert said in text and "Apply for a certificate" in mend
    file.write_bytes(certificate(key, fit["FENZHANG_SERIAL_NO"], 31))
    assert findings(fit | {"FENZHANG_CERTIFICATE_FILE": str(file)}) == {}


@pytest.mark.parametrize("state", ["expired", "revoked", "rotate"])
def test_a_certificate_that_the_service_does_not_take_any_more(fit, server, tmp_path, state):
    """The files are what they were; only the service knows."""
    for name in ("CERTIFICATE_FILE", "PRIVATE_KEY_FILE"):
        kept = tmp_path / name
        kept.write_bytes(Path(fit[f"FENZHANG_{name}"]).read_bytes())
        kept.chmod(0o600)
        fit[f"FENZHANG_{name}"] = str(kept)
    change(server, "1900000100", certificate=state)
    _, mend = only(fit, "signature")
    assert "neither replaced nor revoked" in mend


# ---- the APIv3 key and the platform's keys ----


def test_the_apiv3_key_of_another_merchant(fit, server):
    text, _ = only(fit | {"FENZHANG_APIV3_KEY": server.demo["DIRECT_APIV3_KEY"]}, "apiv3_key")
    assert text == "the APIv3 key is not merchant 1900000100's: the list of certificates does not open with it"


def test_an_apiv3_key_of_another_length_or_none(fit):
    assert "has not 32 characters" in only(fit | {"FENZHANG_APIV3_KEY": "0123"}, "apiv3_key")[0]
    fit.pop("FENZHANG_APIV3_KEY")
    assert "there is no APIv3 key" in only(fit, "apiv3_key")[0]


def public_key(server, mchid="1900000100"):
    return {"FENZHANG_PUBLIC_KEY_ID": of_merchant(server, mchid, "pub_key_id").read_text().strip(),
            "FENZHANG_PUBLIC_KEY_FILE": str(of_merchant(server, mchid, "pub_key.pem"))}


@pytest.mark.parametrize("use", ["both", "only"])
def test_public_key_mode_fits(fit, server, use):
    change(server, "1900000100", public_key=use)
    assert findings(fit | public_key(server)) == {}


def test_the_public_key_of_another_merchant(fit, server):
    change(server, "1900000100", public_key="both")
    own = public_key(server)
    other = own["FENZHANG_PUBLIC_KEY_ID"][:-8] + "99999999"
    text, mend = only(fit | own | {"FENZHANG_PUBLIC_KEY_ID": other}, "public_key")
    assert f"this merchant has no public key {other}" in text and "Set the id of this merchant's public key" in mend


def test_a_public_key_that_the_merchant_does_not_use(fit, server):
    """Set up for the public key, but the merchant has certificates."""
    change(server, "1900000100", public_key="both")
    own = public_key(server)
    change(server, "1900000100", public_key="off")
    text, mend = only(fit | own, "public_key")
    assert f"this merchant has no public key {own['FENZHANG_PUBLIC_KEY_ID']}: the service signs with the certificate" in text
    assert "it uses certificates" in mend


def test_certificates_where_the_merchant_has_the_public_key_alone(fit, server):
    change(server, "1900000100", public_key="only")
    text, mend = only(fit, "public_key")
    assert text.startswith("the service lists no certificates, as for a merchant that has the platform's public key alone (500: ")
    assert "set public_key_id and public_key_file" in mend


def test_a_public_key_file_that_is_not_the_key_of_its_id(fit, server, tmp_path):
    change(server, "1900000100", public_key="both")
    other = tmp_path / "pub_key.pem"
    other.write_bytes(rsa.generate_private_key(65537, 2048).public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    text, _ = only(fit | public_key(server) | {"FENZHANG_PUBLIC_KEY_FILE": str(other)}, "public_key")
    assert "public_key_file is not the key PUB_KEY_ID_" in text


def test_an_id_without_its_file(fit):
    text, _ = only(fit | {"FENZHANG_PUBLIC_KEY_ID": "PUB_KEY_ID_0119000001002026010500000001"}, "public_key")
    assert "go together" in text


# ---- the way ----


def test_a_host_that_nobody_listens_at(fit):
    with nobodys_port() as port:
        host = f"http://127.0.0.1:{port}"
        text, mend = only(fit | {"FENZHANG_HOSTS": host}, "host")
    assert text.startswith(f"{host} cannot be reached: Failed to connect") and "firewall" in mend


def test_a_host_whose_name_leads_nowhere(fit):
    text, mend = only(fit | {"FENZHANG_HOSTS": "http://nowhere.invalid"}, "host")
    assert "the name of http://nowhere.invalid leads nowhere" in text and "DNS" in mend


def test_one_of_several_hosts(fit, server):
    """What comes after is asked of one that can be reached."""
    with nobodys_port() as port:
        only(fit | {"FENZHANG_HOSTS": f"http://127.0.0.1:{port} {server.api}"}, "host")


def test_a_proxy_that_nobody_listens_at(fit):
    with nobodys_port() as port:
        proxy = f"http://127.0.0.1:{port}"
        text, mend = only(fit | {"FENZHANG_PROXY": proxy}, "proxy")
    assert f"through the proxy {proxy}: Failed to connect" in text and "set another" in mend


def test_a_proxy_whose_name_leads_nowhere(fit):
    text, _ = only(fit | {"FENZHANG_PROXY": "http://nowhere.invalid:3128"}, "proxy")
    assert "the name of the proxy http://nowhere.invalid:3128 leads nowhere" in text


def test_a_proxy_that_refuses(fit, server):
    text, _ = only(fit | {"FENZHANG_PROXY": server.proxy, "FENZHANG_HOSTS": "https://example.com"}, "proxy")
    assert text == f"the proxy {server.proxy} does not lead to https://example.com: it says 403"


def test_a_proxy_of_the_environment(fit, server):
    text, _ = only(fit | {"https_proxy": server.proxy, "FENZHANG_HOSTS": "https://example.com"}, "proxy")
    assert server.proxy in text


def test_through_a_proxy_that_leads_there(fit, server):
    ca = str(server.data / "tls" / "ca_cert.pem")
    assert findings(fit | {"FENZHANG_PROXY": server.proxy, "FENZHANG_HOSTS": "https://apihk.mch.weixin.qq.com", "FENZHANG_CA_FILE": ca}) == {}


def test_tls_that_is_not_trusted(tls_server):
    bare = variables(tls_server)
    text, mend = only(bare, "tls")
    assert f"certificate of {tls_server.api} is not trusted" in text and "issued by CN = Fenzhang sandbox CA" in text
    assert "the system's list" in text and "ca_file" in mend
    assert findings(bare | {"FENZHANG_CA_FILE": tls_server.ca}) == {}


def test_another_ca(tls_server, server):
    other = str(server.data / "tls" / "ca_cert.pem")
    text, _ = only(variables(tls_server) | {"FENZHANG_CA_FILE": other}, "tls")
    assert f"what counts is {other}" in text


def test_a_ca_file_that_cannot_be_read(tls_server):
    text, _ = only(variables(tls_server) | {"FENZHANG_CA_FILE": "/nonexistent/ca.pem"}, "tls")
    assert "/nonexistent/ca.pem" in text


def test_tls_where_none_is_spoken(fit, server):
    text, mend = only(fit | {"FENZHANG_HOSTS": server.api.replace("http:", "https:")}, "tls")
    assert text.startswith("no TLS with https://") and "--tls" in mend


# ---- the clock ----


@pytest.fixture
def pretender(server):
    """A host that answers as the server does, but for its Date and what is changed in the answer."""
    settings = {"ahead": 0, "signed": True}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            answer = requests.get(server.api + self.path, headers=dict(self.headers), timeout=20 * PATIENCE)
            self.send_response_only(answer.status_code)
            self.send_header("Date", formatdate(time() + settings["ahead"], usegmt=True))
            for name, value in answer.headers.items():
                if name != "Date" and (settings["signed"] or not name.startswith("Wechatpay")):
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content.replace(b" ", b"  ") if settings["signed"] == "changed" else answer.content)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", settings
        running.shutdown()


@pytest.mark.parametrize("ahead, said", [(3600, "3600 s behind the service's"), (-86400, "86400 s ahead of the service's"), (290, None), (-290, None)])
def test_the_clock_is_off(fit, pretender, ahead, said):
    host, settings = pretender
    settings["ahead"] = ahead
    fit["FENZHANG_HOSTS"] = host
    if said is None:
        assert findings(fit) == {}
        return
    text, mend = only(fit, "clock")
    number = said.split()[0]
    near = [said.replace(number, str(int(number) + off)) for off in range(-5, 6)]
    assert any(f"this machine's clock is {one}" in text for one in near) and "timedatectl" in mend


def test_an_answer_that_is_not_signed(fit, pretender):
    host, settings = pretender
    settings["signed"] = False
    text, _ = only(fit | {"FENZHANG_HOSTS": host}, "signature")
    assert text == f"the answer of {host} (200) is not signed, so it is not the service's"


@pytest.mark.parametrize("fault, check", [("wrong_signature", "answer"), ("stale_timestamp", "answer"), ("no_signature", "signature")])
def test_answers_that_must_not_be_trusted(fit, server, fault, check):
    requests.post(server.control + "/faults", json={"effect": fault}, timeout=20)
    assert list(findings(fit)) == [check]


def test_no_answer(fit, server):
    requests.post(server.control + "/faults", json={"effect": "reset"}, timeout=20)
    text, _ = only(fit, "host")
    assert "gave no answer" in text
