"""Platform certificates: GET /v3/certificates, /v3/global/certificates, /hk/v3/certificates"""

import base64
import re
from datetime import timezone

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import times
from answers import ok, refused

PATHS = ("/v3/certificates", "/v3/global/certificates", "/hk/v3/certificates")


def opened(entry, apiv3_key):
    """The PEM text inside `encrypt_certificate`."""
    sealed = entry["encrypt_certificate"]
    return AESGCM(apiv3_key).decrypt(
        sealed["nonce"].encode("ascii"),
        base64.b64decode(sealed["ciphertext"], validate=True),
        sealed["associated_data"].encode(),
    )


@pytest.mark.parametrize("path", PATHS)
def test_the_certificates_open_with_the_apiv3_key(demo, mode, path):
    caller = demo.party(mode).caller
    answer = demo.client.get(caller, path)
    entries = ok(answer)["data"]
    assert entries
    for entry in entries:
        assert re.fullmatch(r"[1-9A-F][0-9A-F]{39}", entry["serial_no"])
        sealed = entry["encrypt_certificate"]
        assert (sealed["algorithm"], sealed["associated_data"]) == ("AEAD_AES_256_GCM", "certificate")
        assert re.fullmatch(r"[0-9A-Za-z]{12}", sealed["nonce"])
        certificate = x509.load_pem_x509_certificate(opened(entry, caller.apiv3_key))
        assert format(certificate.serial_number, "040X") == entry["serial_no"]
        assert isinstance(certificate.public_key(), RSAPublicKey)
        for name, moment in (("effective_time", certificate.not_valid_before), ("expire_time", certificate.not_valid_after)):
            assert times.RFC_3339.fullmatch(entry[name])
            assert times.read(entry[name]) == moment.replace(tzinfo=timezone.utc)
    assert answer.header("Wechatpay-Serial") in [entry["serial_no"] for entry in entries]


def test_sandbox_certificates_hold_under_either_clock(demo):
    for entry in ok(demo.client.get(demo.direct.caller, "/v3/certificates"))["data"]:
        assert (entry["effective_time"][:4], entry["expire_time"][:4]) == ("2020", "2049")


def test_all_paths_give_the_same_certificates(demo):
    caller, plain = demo.direct.caller, []
    for path in PATHS:
        entries = ok(demo.client.get(caller, path))["data"]
        plain.append([(entry["serial_no"], opened(entry, caller.apiv3_key)) for entry in entries])
    assert plain == [plain[0]] * 3


def test_an_algorithm_may_be_asked_for(demo):
    assert ok(demo.client.get(demo.direct.caller, "/v3/certificates", {"algorithm_type": "RSA"}))["data"]


def test_each_is_sealed_anew(demo):
    caller = demo.direct.caller
    nonces = [ok(demo.client.get(caller, "/v3/certificates"))["data"][0]["encrypt_certificate"]["nonce"] for _ in range(3)]
    assert len(set(nonces)) == 3


def test_another_merchant_s_key_does_not_open_them(demo):
    entry = ok(demo.client.get(demo.direct.caller, "/v3/certificates"))["data"][0]
    with pytest.raises(InvalidTag):
        opened(entry, demo.institution.caller.apiv3_key)


def test_the_certificate_is_the_one_in_the_data_directory(demo):
    for entry in ok(demo.client.get(demo.direct.caller, "/v3/certificates"))["data"]:
        file = demo.program.data / "platform" / f"{entry['serial_no']}.pem"
        on_disk = x509.load_pem_x509_certificate(file.read_bytes())
        sent = x509.load_pem_x509_certificate(opened(entry, demo.direct.caller.apiv3_key))
        assert on_disk == sent


@pytest.mark.parametrize("path", PATHS)
def test_only_for_those_who_sign(demo, path):
    code = "SIGNERROR" if path.startswith("/hk/") else "SIGN_ERROR"
    refused(demo.client.get(demo.direct.caller, path, signed=False), 401, code)


def test_no_contract_is_needed(world, mode):
    party = world.new_party(mode, contract_date=None)
    assert ok(world.client.get(party.caller, "/v3/certificates"))["data"]
