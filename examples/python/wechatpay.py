"""A client of API v3 on requests and cryptography: signs, verifies, opens callbacks. Take it along."""

import base64
import json
import secrets
import time

import requests
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

MINUTES_5 = 300


class Refused(Exception):
    """The answer was an error; `code` says which."""

    def __init__(self, status, said, request_id):
        super().__init__(f"{status} {said['code']}: {said['message']} (Request-ID {request_id})")
        self.status, self.code = status, said["code"]


class Forged(Exception):
    """Not from the platform, or not for us: take nothing from it."""


class WeChatPay:
    def __init__(self, base_url, mchid, serial_no, private_key_pem, apiv3_key):
        self.base_url, self.mchid, self.serial_no = base_url, mchid, serial_no
        self.key = load_pem_private_key(private_key_pem, None)
        self.apiv3_key = apiv3_key.encode()
        self.session = requests.Session()
        self.certificates = {}  # the platform's, by serial number

    # ---- requests ----

    def get(self, target):
        return self._json(self._send("GET", target))

    def post(self, target, body):
        return self._json(self._send("POST", target, json.dumps(body, ensure_ascii=False).encode()))

    def download(self, url):
        """A bill's file. It carries no signature of its own; the request does."""
        return self._send("GET", url.removeprefix(self.base_url)).content

    def _send(self, method, target, body=b""):
        timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
        message = f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"
        signature = base64.b64encode(self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()
        headers = {
            "Authorization": f'WECHATPAY2-SHA256-RSA2048 mchid="{self.mchid}",serial_no="{self.serial_no}",nonce_str="{nonce}",'
            f'timestamp="{timestamp}",signature="{signature}"',
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "shop/1",
        }
        answer = self.session.request(method, self.base_url + target, data=body, headers=headers, timeout=30)
        if not answer.ok:
            raise Refused(answer.status_code, answer.json(), answer.headers.get("Request-ID"))
        return answer

    def _json(self, answer):
        self._verify(answer.headers, answer.content)
        return answer.json() if answer.content else None

    # ---- what the platform signed ----

    def _verify(self, headers, body):
        serial_no, timestamp = headers.get("Wechatpay-Serial", ""), headers.get("Wechatpay-Timestamp", "")
        if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > MINUTES_5:
            raise Forged("stale, or not signed")
        if serial_no not in self.certificates:
            self._load_certificates()
        if serial_no not in self.certificates:
            raise Forged(f"no certificate {serial_no}")
        message = f"{timestamp}\n{headers.get('Wechatpay-Nonce', '')}\n".encode() + body + b"\n"
        try:
            signature = base64.b64decode(headers.get("Wechatpay-Signature", ""))
            self.certificates[serial_no].public_key().verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        except (ValueError, InvalidSignature):
            raise Forged("bad signature") from None

    def _load_certificates(self):
        """Only the platform can have sealed them for us: that they open is the proof."""
        for one in self._send("GET", "/v3/certificates").json()["data"]:
            self.certificates[one["serial_no"]] = load_pem_x509_certificate(self._open(one["encrypt_certificate"]))

    def _open(self, sealed):
        try:
            return AESGCM(self.apiv3_key).decrypt(
                sealed["nonce"].encode(), base64.b64decode(sealed["ciphertext"]), sealed["associated_data"].encode()
            )
        except InvalidTag:
            raise Forged("not sealed with our APIv3 key") from None

    def callback(self, headers, body):
        """The notification in a callback, its resource opened. `body` are the bytes as they came."""
        self._verify(headers, body)
        notification = json.loads(body)
        notification["resource"] = json.loads(self._open(notification["resource"]))
        return notification
