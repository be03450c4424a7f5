"""Merchants that bring their keys, by a world file or by POST /merchants: what they sign with goes on unchanged."""
import datetime
import json
import secrets
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

from answers import ok, refused
from book import book_shows
from client import Client, Credentials
from control import Control, ControlError
from program import Program

WORLDS = Path(__file__).resolve().parents[2] / "worlds"
BALANCE = "/v3/global/profit-sharing/refunds/refundable-balance"
APIV3 = "TheKeyThatTheProjectHas0123456789"[:32]


class Own:
    """A key, and a certificate of it that somebody else has issued."""

    def __init__(self, bits=2048):
        self.key = rsa.generate_private_key(65537, bits)
        self.serial = secrets.randbits(150) | 1 << 155
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an issuer")])
        day = datetime.datetime(2024, 1, 1)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key()).serial_number(self.serial)
        made = made.not_valid_before(day).not_valid_after(day + datetime.timedelta(days=3650)).sign(self.key, hashes.SHA256())
        self.certificate = made.public_bytes(Encoding.PEM).decode()
        self.private = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        self.public = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        self.serial_no = f"{self.serial:X}"

    def credentials(self, mchid, serial_no=None):
        return Credentials(mchid, serial_no or self.serial_no, self.key, APIV3.encode())


@pytest.fixture(scope="module")
def client(server):
    return Client(server.api, server.data / "platform")


@pytest.fixture(scope="module")
def control(server):
    return Control(server.control)


@pytest.fixture
def number():
    return str(1900100000 + secrets.randbelow(10**8))


@pytest.mark.parametrize("bring", [lambda own: {"certificate": own.certificate},
                                   lambda own: {"certificate": own.certificate, "serial_no": own.serial_no.lower()},
                                   lambda own: {"merchant_public_key": own.public, "serial_no": own.serial_no},
                                   lambda own: {"private_key": own.private, "serial_no": own.serial_no},
                                   lambda own: {"private_key": own.private, "certificate": own.certificate}],
                         ids=["certificate", "certificate and number", "public key", "private key", "both"])
def test_a_merchant_signs_with_its_own_key(client, control, server, number, bring):
    own = Own()
    made = control.make_merchant(mchid=number, kind="direct", contract_date="2025-01-01", apiv3_key=APIV3, **bring(own))
    assert made["serial_no"] == own.serial_no
    assert ok(client.get(own.credentials(number), BALANCE))["sponsor_mchid"] == number
    copies = server.data / "merchants" / number
    assert (copies / "apiv3_key").read_text() == APIV3
    assert (copies / "apiclient_key.pem").exists() == ("private_key" in bring(own))
    certificate = x509.load_pem_x509_certificate((copies / "apiclient_cert.pem").read_bytes())
    assert (f"{certificate.serial_number:X}", certificate.public_key().public_numbers()) == (own.serial_no, own.key.public_key().public_numbers())


def test_a_merchant_changes_to_its_own_key_and_the_one_before_is_over(client, control, server, number):
    control.make_merchant(mchid=number, kind="direct", contract_date="2025-01-01")
    before = Credentials.load(server.data / "merchants" / number)
    ok(client.get(before, BALANCE))
    own = Own()
    control.change_merchant(number, certificate=own.certificate)
    ok(client.get(own.credentials(number), BALANCE))
    refused(client.get(before, BALANCE), 401, "SIGN_ERROR")
    assert not (server.data / "merchants" / number / "apiclient_key.pem").exists()
    control.change_merchant(number, certificate=own.certificate)  # the same once more changes nothing
    ok(client.get(own.credentials(number), BALANCE))


def test_without_an_apiv3_key_one_is_drawn(control, server, number):
    control.make_merchant(mchid=number, kind="direct", certificate=Own().certificate)
    assert len((server.data / "merchants" / number / "apiv3_key").read_text()) == 32


ONE, OTHER, SMALL = Own(), Own(), Own(1024)


@pytest.mark.parametrize("members, why", [
    ({"certificate": ONE.certificate, "private_key": OTHER.private}, "private_key is another than that of the certificate"),
    ({"certificate": ONE.certificate, "serial_no": OTHER.serial_no}, "serial_no is another than that of the certificate"),
    ({"certificate": ONE.certificate, "merchant_public_key": ONE.public}, "a certificate has the public key in it"),
    ({"merchant_public_key": ONE.public}, "a public key alone has no serial number"),
    ({"serial_no": "ABC"}, "a serial_no alone is no identity"),
    ({"certificate": SMALL.certificate}, "the key has not 2048 to 4096 bits"),
    ({"certificate": ONE.public}, "certificate is no X.509 certificate"),
    ({"private_key": "abc"}, '"private_key" is no PEM'),
    ({"private_key": ONE.private, "certificate": "expired"}, "do not go together"),
    ({"certificate": ONE.certificate, "apiv3_key": "short"}, '"apiv3_key" is none of its words'),
    ({"certificate": "-----BEGIN " + "A" * 9000}, '"certificate" is no PEM of less than 8192 bytes'),
])
def test_what_is_no_identity_changes_nothing(control, number, members, why):
    with pytest.raises(ControlError) as refusal:
        control.make_merchant(mchid=number, kind="direct", **members)
    assert refusal.value.status == 400 and why in refusal.value.text
    assert number not in [merchant["mchid"] for merchant in control.get("/merchants")["merchants"]]


def test_a_serial_number_names_one_key(control, number):
    own = Own()
    control.make_merchant(mchid=number, kind="direct", certificate=own.certificate)
    for call in (lambda: control.make_merchant(mchid=number + "1", kind="direct", certificate=own.certificate),
                 lambda: control.change_merchant(number, merchant_public_key=OTHER.public, serial_no=own.serial_no)):
        with pytest.raises(ControlError) as refusal:
            call()
        assert refusal.value.status == 409 and "names another key in this book" in refusal.value.text


def test_an_existing_project_goes_on_with_its_own_files(tmp_path):
    """worlds/own-keys.yaml; also after a reset and a restart."""
    running = Program(tmp_path, "--world", WORLDS / "own-keys.yaml").start()
    key = load_pem_private_key((WORLDS / "own-keys" / "apiclient_key.pem").read_bytes(), None)
    project = Credentials("1900009511", "5157F09EFDC096DE15EBE81A47057A7200A1B2C3", key, b"ExistingProjectApiV3Key012345678")
    for again in (None, "reset", "restart"):
        if again == "reset":
            Control(running.control).reset()
        if again == "restart":
            running.stop()
            running.start()
        client = Client(running.api, running.data / "platform")
        assert ok(client.get(project, BALANCE))["sponsor_mchid"] == "1900009511"
        listed = ok(client.get(project, "/v3/certificates"))["data"]
        assert len(listed) == 1
    environment = (running.data / "demo.env").read_text()
    assert "SERIAL_NO=5157F09EFDC096DE15EBE81A47057A7200A1B2C3\n" in environment and "PRIVATE_KEY_PEM" not in environment
    running.stop()


def test_what_a_world_leaves_open_is_made_once(tmp_path):
    """Keys that it does not name are the same after a reset and a restart."""
    (tmp_path / "w.yaml").write_text(json.dumps({"fenzhang": 1, "merchants": [{"mchid": 1900000777, "kind": "direct", "public_key": "both"}]}))
    running = Program(tmp_path, "--world", tmp_path / "w.yaml").start()
    copies = running.data / "merchants" / "1900000777"
    names = ["apiclient_key.pem", "serial_no", "apiv3_key", "pub_key.pem", "pub_key_id"]
    first = [(copies / name).read_text() for name in names]
    Control(running.control).reset()
    assert [(copies / name).read_text() for name in names] == first
    running.stop()
    assert not book_shows(running, APIV3) and not book_shows(running, first[2])  # they lie there sealed
