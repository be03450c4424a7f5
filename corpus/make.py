#!/usr/bin/env python3
"""Writes the corpus beside it, byte for byte the same each time: keys/*_key.pem are its input, the time is fixed, and what is random elsewhere (the seed of
OAEP, the nonces) is not here. Knows nothing of Fenzhang's own code: python3-cryptography and the vendor's documents alone."""

import base64
import hashlib
import json
import pathlib
import shutil
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

HERE = pathlib.Path(__file__).resolve().parent
NOW = 1767495600  # 2026-01-04T11:00:00+08:00
NONCE = "5K8264ILTKCH16CQ2502SI8ZNMTM67VS"
MCHID, SUB_MCHID = "1900000100", "1900000109"
APIV3_KEY, OTHER_APIV3_KEY = "corpus-apiv3-key-0123456789abcde", "corpus-another-key-0123456789abc"
PUBLIC_KEY_ID = "PUB_KEY_ID_0119000001002026010400000000"
SERIALS = {
    "merchant": "3775B6A45ACD588826D15E583A95F5DD1A6E5A01",
    "merchant_old": "3775B6A45ACD588826D15E583A95F5DD1A6E5A02",
    "stranger": "3775B6A45ACD588826D15E583A95F5DD1A6E5A03",
    "platform": "5157F09EFDC096DE15EBE81A47057A7232F1B811",
    "platform_next": "5157F09EFDC096DE15EBE81A47057A7232F1B812",
    "platform_ended": "5157F09EFDC096DE15EBE81A47057A7232F1B813",
}
KEYS = {
    name: serialization.load_pem_private_key((HERE / "keys" / f"{name}_key.pem").read_bytes(), None)
    for name in ("merchant", "merchant_old", "stranger", "platform", "platform_next")
}
KEYS["platform_ended"] = KEYS["stranger"]
CASES = []


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def b64(data):
    return base64.b64encode(data).decode()


def sign(key, message, pad=None, digest=None):
    return key.sign(message, pad or padding.PKCS1v15(), digest or hashes.SHA256())


def case(name, about, reason, files, **says):
    """A folder of its own, with `files` (bytes by name) and a case.json that names them."""
    folder = HERE / name
    folder.mkdir()
    for file, content in files.items():
        (folder / file).write_bytes(content)
    kind = name.partition("-")[0]
    text = {"kind": kind, "about": about, "valid": reason is None, "reason": reason, **says}
    (folder / "case.json").write_text(json.dumps(text, ensure_ascii=False, indent=2) + "\n", "utf-8")
    CASES.append(name)


# ---- keys ----


def certificate(name, issuer, begin, end):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Corpus {name}")])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Corpus")]))
    builder = builder.public_key(KEYS[name].public_key()).serial_number(int(SERIALS[name], 16)).not_valid_before(begin).not_valid_after(end)
    return builder.sign(KEYS[issuer], hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def write_keys():
    begin, end, ended = datetime(2025, 1, 1), datetime(2045, 1, 1), datetime(2026, 1, 1)
    for name in SERIALS:
        (HERE / "keys" / f"{name}_certificate.pem").write_bytes(certificate(name, "platform", begin, ended if name == "platform_ended" else end))
    public = KEYS["platform"].public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (HERE / "keys" / "platform_public_key.pem").write_bytes(public)


# ---- requests ----

SHARING = "/v3/global/profit-sharing"
GET = ("GET", f"{SHARING}/bill-download-url?sub_mchid={SUB_MCHID}&bill_date=2026-01-03&note=%E5%88%86%20a%2Fb", b"")
POST = (
    "POST",
    "/v3/global/refunds",
    compact(
        {
            "sp_mchid": MCHID,
            "sub_mchid": SUB_MCHID,
            "out_refund_no": "R2026/01",
            "reason": "商品已售完",
            "notify_url": "https://example.com/notify",
            "amount": {"refund": 888, "total": 888, "currency": "USD"},
        }
    ),
)
PATH = ("GET", f"/v3/global/refunds/out-refund-no/R%7C1%2A?sp_mchid={MCHID}&sub_mchid={SUB_MCHID}", b"")
PLAIN = ("GET", f"{SHARING}/refunds/refundable-balance", b"")
DELETE = ("DELETE", f"{SHARING}/receivers", compact({"sub_mchid": SUB_MCHID, "type": "MERCHANT_ID", "account": "1900000333"}))
EMPTY = ("POST", f"/v3/global/transactions/out-trade-no/T1/close?sp_mchid={MCHID}", b"")
PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
META = compact({"filename": "一.png", "sha256": hashlib.sha256(PICTURE).hexdigest()})
FORM = (
    b'--corpus\r\nContent-Disposition: form-data; name="meta"\r\nContent-Type: application/json\r\n\r\n' + META + b"\r\n"
    b'--corpus\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n' + PICTURE + b"\r\n--corpus--\r\n"
)
UPLOAD = ("POST", "/v3/global/merchant-storage/file/upload", FORM)


def message(*lines):
    return b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines)


def request(name, about, of, reason=None, signed=None, key="merchant", serial="merchant", nonce=NONCE, signer=sign,
            encode=b64, scheme="WECHATPAY2-SHA256-RSA2048", header=lambda text: text):
    """`signed` makes of the right lines what was signed."""
    method, target, body = of
    lines = method, target, str(NOW), nonce, META if body is FORM else body
    right = message(*lines)
    wrong = right if signed is None else signed(*lines)
    signature = encode(signer(KEYS[key], wrong))
    authorization = header(
        f'{scheme} mchid="{MCHID}",nonce_str="{nonce}",signature="{signature}",timestamp="{NOW}",serial_no="{SERIALS[serial]}"'
    )
    headers = {
        "Host": "apihk.mch.weixin.qq.com",
        "Accept": "application/json",
        "User-Agent": "corpus/1",
        "Content-Type": "multipart/form-data; boundary=corpus" if body is FORM else "application/json",
        "Authorization": authorization,
    }
    if body or method != "GET":
        headers["Content-Length"] = str(len(body))
    head = "".join(f"{field}: {value}\r\n" for field, value in headers.items())
    files = {"request.http": f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body, "body": body, "string_to_sign": right}
    says = {"method": method, "target": target, "headers": headers, "body": "body", "request": "request.http", "string_to_sign": "string_to_sign"}
    if body is FORM:
        files["meta"] = META
        says["signed_part"] = "meta"
    if wrong != right:
        files["was_signed"] = wrong
        says["was_signed"] = "was_signed"
    if key != serial:
        says["was_signed_with"] = f"../keys/{key}_key.pem"
    case(
        f"request-{name}", about, reason, files, **says, mchid=MCHID, timestamp=str(NOW), nonce=nonce, serial_no=SERIALS[serial],
        signature=signature, authorization=authorization, private_key=f"../keys/{serial}_key.pem",
        certificates=["../keys/merchant_certificate.pem", "../keys/merchant_old_certificate.pem"],
    )


def prehashed(key, text):
    return sign(key, hashlib.sha256(text).digest())


def good_requests():
    request("good-get-query", "GET with a query: escapes are signed as they are sent", GET)
    request("good-get-path-escapes", "GET with escapes in the path", PATH)
    request("good-get-plain", "GET without a query: the fifth line is empty, and ends with a line feed all the same", PLAIN)
    request("good-post-utf8", "POST of JSON with Chinese in UTF-8: the bytes of the body are signed", POST)
    request("good-post-empty", "POST with an empty body", EMPTY)
    request("good-delete-body", "DELETE with a body, which is signed", DELETE)
    request("good-upload", "Upload: of the form only the part meta is signed", UPLOAD)


def broken_requests():
    def put(place, new):  # another text on one line
        return lambda *lines: message(*lines[:place], new(lines[place]), *lines[place + 1 :])

    request("bad-last-newline", "The line feed behind the empty body was left out", PLAIN, "LAST_NEWLINE_MISSING", lambda *l: message(*l)[:-1])
    request("bad-newline-extra", "A line feed too many at the end", POST, "NEWLINE_EXTRA", lambda *l: message(*l) + b"\n")
    request("bad-crlf", "Lines ended by CR LF", POST, "CRLF_LINES", lambda *l: message(*l).replace(b"\n", b"\r\n"))
    request("bad-backslash-n", "A backslash and an n in place of line feeds", GET, "BACKSLASH_N", lambda *l: message(*l).replace(b"\n", b"\\n"))
    request("bad-line-order", "Nonce before timestamp", POST, "LINE_ORDER", lambda m, t, s, n, b: message(m, t, n, s, b))
    request("bad-answer-message", "The three lines of an answer were signed", POST, "ANSWER_MESSAGE", lambda m, t, s, n, b: message(s, n, b))
    request("bad-method-case", "The method in small letters", GET, "METHOD_CASE", put(0, str.lower))
    request("bad-host", "Scheme and host signed with the path", GET, "HOST_IN_PATH", put(1, lambda t: "https://apihk.mch.weixin.qq.com" + t))
    request("bad-query-missing", "The path was signed without its query", GET, "QUERY_MISSING", put(1, lambda t: t.partition("?")[0]))
    request("bad-decoded", "The path was signed without its escapes", PATH, "TARGET_DECODED", put(1, lambda t: t.replace("%7C", "|").replace("%2A", "*")))
    request("bad-mainland", "The mainland's path was signed", DELETE, "PATH_PREFIX", put(1, lambda t: t.replace("/v3/global/profit-sharing", "/v3/profitsharing")))
    request("bad-timestamp", "The clock was read twice, a second apart", GET, "TIMESTAMP_OTHER", put(2, lambda s: str(int(s) - 1)))
    request("bad-milliseconds", "The timestamp was signed in milliseconds", GET, "TIMESTAMP_MILLISECONDS", put(2, lambda s: s + "000"))
    request("bad-nonce", "The nonce was signed without its dashes", GET, "NONCE_OTHER", put(3, lambda n: n.replace("-", "")), nonce="c9c8e7a0-2f61-4a15-9b7a-0d1f4cb0b3a1")
    request("bad-reserialised", "The body was serialised again, with blanks and \\u escapes", POST, "BODY_RESERIALISED", put(4, lambda b: json.dumps(json.loads(b)).encode()))
    request("bad-body-not-signed", "An empty body was signed", POST, "BODY_NOT_SIGNED", put(4, lambda b: b""))
    request("bad-braces", "{} was signed where no body was sent", PLAIN, "BODY_NOT_SENT", put(4, lambda b: b"{}"))
    request("bad-gbk-signed", "The body was signed in GBK and sent in UTF-8", POST, "BODY_CHARSET", put(4, lambda b: b.decode().encode("gb18030")))
    request("bad-sha1", "Signed over SHA-1", GET, "DIGEST_SHA1", signer=lambda key, text: sign(key, text, digest=hashes.SHA1()))
    request("bad-digest-twice", "The message was hashed before it was signed", POST, "DIGEST_TWICE", signer=prehashed)
    request("bad-pss", "PSS padding (salt of length 0)", POST, "PADDING_PSS",
            signer=lambda key, text: sign(key, text, padding.PSS(padding.MGF1(hashes.SHA256()), 0)))
    request("bad-key-old", "serial_no names the new certificate, the older key signed", POST, "KEY_OTHER_CERTIFICATE", key="merchant_old")
    request("bad-serial-old", "serial_no names the older certificate, the new key signed", GET, "KEY_OTHER_CERTIFICATE", serial="merchant_old")
    request("bad-key-stranger", "Signed with a key that belongs to no certificate of this merchant: no more can be known", GET, "UNKNOWN", key="stranger")
    request("bad-url-safe", "The url-safe alphabet of base64", POST, "SIGNATURE_URL_SAFE", encode=lambda s: base64.urlsafe_b64encode(s).decode())
    request("bad-scheme", "Another word before the members", GET, "SCHEME_OTHER", scheme="WECHATPAY2-RSA2048-SHA256")
    request("bad-upload", "The part meta of an upload was serialised again", UPLOAD, "BODY_RESERIALISED", put(4, lambda b: json.dumps(json.loads(b)).encode()))
    request("bad-member-missing", "Authorization without timestamp", GET, "MEMBER_MISSING", header=lambda text: text.replace(f'timestamp="{NOW}",', ""))


# ---- answers, certificates, callbacks: what the platform signs ----


def platform(body, key="platform", serial=None, timestamp=NOW, signature=None):
    """The four headers of what `key` signed."""
    return {
        "Wechatpay-Timestamp": str(timestamp),
        "Wechatpay-Nonce": "c5ac7061fccab6bf3e254dcf98995b8c",
        "Wechatpay-Serial": serial or SERIALS[key],
        "Wechatpay-Signature": signature or b64(sign(KEYS[key], message(str(timestamp), "c5ac7061fccab6bf3e254dcf98995b8c", body))),
    }


def probe(body):
    return "WECHATPAY/SIGNTEST/" + platform(body)["Wechatpay-Signature"]


def trust(public_key=False, names=("platform",)):
    if public_key:
        return {"certificates": [], "public_key_id": PUBLIC_KEY_ID, "public_key": "../keys/platform_public_key.pem"}
    return {"certificates": [f"../keys/{name}_certificate.pem" for name in names]}


BALANCE = compact({"sponsor_mchid": MCHID, "balance": 1000, "currency": "CNY", "备注": "分账"})


def answer(name, about, headers, reason=None, body=BALANCE, arrived=NOW + 2, believed=None):
    case(f"answer-{name}", about, reason, {"body": body}, headers=headers, body="body", arrived=arrived, tolerance_s=300, **(believed or trust()))


def answers():
    right = platform(BALANCE)
    answer("good", "Signed by the platform's certificate", right)
    answer("good-empty", "204: an empty body is signed as an empty line", platform(b""), body=b"")
    answer("good-two-certificates", "Two certificates are believed while one is rotated in; Wechatpay-Serial says which", platform(BALANCE, "platform_next"),
           believed=trust(names=("platform", "platform_next")))
    answer("good-public-key", "Public key mode: Wechatpay-Serial is the key's ID", platform(BALANCE, serial=PUBLIC_KEY_ID), believed=trust(True))
    answer("good-late", "Arrived 300 seconds after its timestamp: just in time", right, arrived=NOW + 300)
    answer("bad-body", "Another body than was signed: a digit was changed", right, "signature", body=BALANCE.replace(b"1000", b"9000"))
    answer("bad-reserialised", "The body was parsed and written again by a framework", right, "signature", body=json.dumps(json.loads(BALANCE)).encode())
    answer("bad-timestamp", "The timestamp in the header was changed", {**right, "Wechatpay-Timestamp": str(NOW + 1)}, "signature")
    answer("bad-old", "Arrived 301 seconds after its timestamp: an old one played again", right, "timestamp", arrived=NOW + 301)
    answer("bad-probe", "The platform's probe: a signature that begins with WECHATPAY/SIGNTEST/ is a wrong one", {**right, "Wechatpay-Signature": probe(BALANCE)}, "signature")
    answer("bad-serial", "Wechatpay-Serial names a certificate that is not known", platform(BALANCE, "platform_next"), "serial")
    answer("bad-serial-of-another", "Wechatpay-Serial names a known certificate whose key did not sign", platform(BALANCE, "platform_next", SERIALS["platform"]), "signature")
    answer("bad-ended", "Signed by a certificate that is not in force any more", platform(BALANCE, "platform_ended"), "certificate", believed=trust(names=("platform_ended",)))
    answer("bad-unsigned", "No signature at all", {}, "unsigned")


def seal(plain, nonce, associated, key=APIV3_KEY):
    return b64(AESGCM(key.encode()).encrypt(nonce.encode(), plain, associated.encode()))


def listed(name, key):
    pem = (HERE / "keys" / f"{name}_certificate.pem").read_bytes()
    nonce = "61f9c719728a"
    sealed = {"algorithm": "AEAD_AES_256_GCM", "nonce": nonce, "associated_data": "certificate", "ciphertext": seal(pem, nonce, "certificate", key)}
    end = "2026-01-01T08:00:00+08:00" if name == "platform_ended" else "2045-01-01T08:00:00+08:00"
    return {"serial_no": SERIALS[name], "effective_time": "2025-01-01T08:00:00+08:00", "expire_time": end, "encrypt_certificate": sealed}


def certificates(name, about, names, signer, reason=None, key=APIV3_KEY, believed=None):
    body = compact({"data": [listed(one, key) for one in names]})
    case(f"certificates-{name}", about, reason, {"body": body}, headers=platform(body, signer), body="body", arrived=NOW + 1, tolerance_s=300,
         apiv3_key=APIV3_KEY, holds=[f"../keys/{one}_certificate.pem" for one in believed or names] if reason is None else [])


def certificate_lists():
    certificates("good", "One certificate, which signed the answer that brings it", ["platform"], "platform")
    certificates("good-two", "Two: the next one is listed before it signs", ["platform", "platform_next"], "platform")
    certificates("bad-key", "Sealed under another APIv3 key", ["platform"], "platform", "seal", OTHER_APIV3_KEY)
    certificates("bad-signer", "Signed by a key that is not listed", ["platform"], "platform_next", "serial")
    certificates("bad-ended", "The one certificate, which signed, is not in force any more", ["platform_ended"], "platform_ended", "certificate")


RATE = {"type": "SETTLEMENT_RATE", "rate": 765000000}


def refunded(status):
    plain = {
        "sp_mchid": MCHID, "sub_mchid": SUB_MCHID, "transaction_id": "4208450740201411110007820472", "out_trade_no": "T20260104",
        "refund_id": "50200207182018070300011301001", "out_refund_no": "R2026/01", "refund_status": status, "recv_account": "招商银行信用卡0403",
        "fund_source": "REFUND_SOURCE_UNSETTLED_FUNDS",
        "amount": {"total": 888, "currency": "USD", "refund": 888, "payer_total": 6793, "payer_refund": 6793, "payer_currency": "CNY", "exchange_rate": RATE},
    }
    if status == "SUCCESS":
        plain["success_time"] = "2026-01-04T10:59:58+08:00"
    return plain


PAID = {
    "sp_mchid": MCHID, "sub_mchid": SUB_MCHID, "sp_appid": "wxd678efh567hg6787", "out_trade_no": "T20260104", "id": "4208450740201411110007820472",
    "transaction_id": "4208450740201411110007820472", "trade_type": "JSAPI", "bank_type": "CMB_CREDIT", "success_time": "2026-01-04T10:59:58+08:00",
    "trade_state": "SUCCESS", "trade_state_desc": "支付成功",
    "amount": {"total": 888, "currency": "USD", "payer_total": 6793, "payer_currency": "CNY", "exchange_rate": RATE},
}
SUMMARIES = {"TRANSACTION.SUCCESS": "支付成功", "REFUND.SUCCESS": "退款成功", "REFUND.CLOSED": "退款关闭", "REFUND.ABNORMAL": "退款异常"}


def callback(name, about, event, reason=None, key=APIV3_KEY, change=lambda body: body, arrived=NOW + 1, signer="platform", serial=None, sent=None,
             timestamp=NOW, is_probe=False):
    kind = "transaction" if event == "TRANSACTION.SUCCESS" else "refund"
    plain = compact(PAID if kind == "transaction" else refunded(event.partition(".")[2]))
    resource = {"original_type": kind, "algorithm": "AEAD_AES_256_GCM", "ciphertext": seal(plain, "fdasflkja484", kind, key), "associated_data": kind, "nonce": "fdasflkja484"}
    envelope = {"id": "EV-2026010410595800001", "create_time": "2026-01-04T10:59:59+08:00", "resource_type": "encrypt-resource", "event_type": event,
                "summary": SUMMARIES[event], "resource": resource}
    body = compact(change(envelope))
    headers = platform(body, signer, serial, timestamp, probe(body) if is_probe else None)
    case(f"callback-{name}", about, reason, {"body": sent(body) if sent else body, "plain": plain}, headers=headers, body="body", arrived=arrived,
         tolerance_s=300, apiv3_key=APIV3_KEY, event_type=event, plain="plain",
         **(trust(True) if serial == PUBLIC_KEY_ID else trust()))


def callbacks():
    def changed(**members):
        return lambda body: {**body, "resource": {**body["resource"], **members}}

    callback("good-paid", "An order was paid", "TRANSACTION.SUCCESS")
    callback("good-refunded", "A refund succeeded", "REFUND.SUCCESS")
    callback("good-refund-closed", "A refund was closed: no success_time", "REFUND.CLOSED")
    callback("good-refund-abnormal", "A refund is abnormal: no success_time", "REFUND.ABNORMAL")
    callback("good-public-key", "Public key mode", "REFUND.SUCCESS", serial=PUBLIC_KEY_ID)
    callback("bad-body", "The body was changed on its way", "REFUND.SUCCESS", "signature", sent=lambda body: body.replace(b"REFUND.SUCCESS", b"REFUND.CLOSED"))
    callback("bad-reserialised", "A framework parsed the body and wrote it again", "REFUND.SUCCESS", "signature", sent=lambda body: json.dumps(json.loads(body)).encode())
    callback("bad-old", "An old one, played again half an hour later", "TRANSACTION.SUCCESS", "timestamp", arrived=NOW + 1800)
    callback("bad-probe", "The platform's probe, to be answered as any wrong signature", "REFUND.SUCCESS", "signature", is_probe=True)
    callback("bad-serial", "Signed by a certificate that is not known", "REFUND.SUCCESS", "serial", signer="platform_next")
    callback("bad-seal", "Signed well, sealed under another APIv3 key", "REFUND.SUCCESS", "seal", OTHER_APIV3_KEY)
    callback("bad-associated-data", "Signed well; its associated_data is not what was sealed", "REFUND.SUCCESS", "seal", change=changed(associated_data="transaction"))
    callback("bad-algorithm", "Signed well; sealed by an algorithm that is none of the documents'", "REFUND.SUCCESS", "algorithm", change=changed(algorithm="AEAD_SM4_GCM"))


# ---- sealed fields ----


def mask(seed, size, digest):
    return b"".join(digest(seed + number.to_bytes(4, "big")).digest() for number in range(size // digest().digest_size + 1))[:size]


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def encrypt(name, padded):
    public = KEYS[name].public_key().public_numbers()
    return b64(pow(int.from_bytes(padded, "big"), public.e, public.n).to_bytes(256, "big"))


def oaep(name, plain, digest=hashlib.sha1):
    """RFC 8017, 7.1.1, with a seed that is always the same."""
    size = digest().digest_size
    seed = digest(b"seed" + plain).digest()
    data = digest(b"").digest() + bytes(256 - len(plain) - 2 * size - 2) + b"\x01" + plain
    masked = xor(data, mask(seed, len(data), digest))
    return encrypt(name, b"\0" + xor(seed, mask(masked, size, digest)) + masked)


def v1_5(name, plain):
    """RFC 8017, 7.2.1, with padding that is always the same."""
    return encrypt(name, b"\0\2" + b"\x5a" * (256 - 3 - len(plain)) + b"\0" + plain)


def sealed(name, about, text, make, reason=None, key="merchant"):
    plain = text.encode()
    case(f"sealed-{name}", about, reason, {"plain": plain}, plain="plain", sealed=make(key, plain), private_key="../keys/merchant_key.pem",
         certificate="../keys/merchant_certificate.pem")


def sealed_fields():
    sealed("good-ascii", "RSAES-OAEP with SHA-1, a name in letters", "Zhang San", oaep)
    sealed("good-utf8", "A name in Chinese", "张三丰", oaep)
    sealed("good-longest", "214 bytes, as many as a key of 2048 bits can seal", "9" * 214, oaep)
    sealed("bad-pkcs1", "PKCS #1 v1.5 padding", "张三丰", v1_5, "padding")
    sealed("bad-sha256", "OAEP with SHA-256 in place of SHA-1", "张三丰", lambda key, plain: oaep(key, plain, hashlib.sha256), "padding")
    sealed("bad-key", "Sealed for another key", "张三丰", oaep, "key", "stranger")


# ---- bills ----

EMPTY_CELL = ("", None)


def cny(text):
    return text, round(float(text) * 100)


REFUND_BILL = {  # column: what stands in the cell, what it means
    "Refund apply time": ("2026-01-03 10:00:01", "2026-01-03T10:00:01+08:00"),
    "Refund success time": ("2026-01-03 10:02:03", "2026-01-03T10:02:03+08:00"),
    "Wechat refund number(refund_id)": ("50200207182018070300011301001",) * 2,
    "Vendor refund number(out_refund_no)": ("R2026/01",) * 2,
    "Wechat order number(transaction_id)": ("4208450740201411110007820472",) * 2,
    "Vendor order number(out_transaction_id)": ("T1, second part",) * 2,
    "Refund amount(refund_fee)": ("8.88", 888),
    "Currency type": ("USD",) * 2,
    "Coupon refund amount": cny("0.0"),
    "Payer's refund amount": cny("67.93"),
    "Payer's refund currency type": ("CNY",) * 2,
    "Rate": ("0.60%", 60),
    "Refund source": ("ORDER_REFUNDABLE_BALANCE",) * 2,
    "Refund source type": ("PACKAGE",) * 2,
    "Refund source amount": cny("67.93"),
    "Refund source fee in CNY": ("-0.41", -41),
    "Refund settlement currency type": ("USD",) * 2,
    "Refund exchange rate": ("765000000", 765000000),
    "Refund source settlement amount": ("8.88", 888),
    "Refund source fee in settlement currency type": ("-0.05", -5),
}
REFUND_YEN = {
    **REFUND_BILL, "Vendor refund number(out_refund_no)": ("R2",) * 2, "Vendor order number(out_transaction_id)": ("T`2",) * 2,
    "Refund amount(refund_fee)": ("1200", 1200), "Currency type": ("JPY",) * 2, "Coupon refund amount": ("0", 0), "Refund source fee in CNY": ("-0.00", 0),
    "Refund source fee in settlement currency type": ("-0.00", 0), "Rate": ("39.00%", 3900), "Refund success time": EMPTY_CELL,
}
REFUND_SUM = {
    "Settlement currency type": ("USD",) * 2, "Total refund count": ("2.0", 2), "Total refund amount": cny("135.86"), "Total coupon refund amount": ("0", 0),
    "Total refund source amount": cny("135.86"), "Total refund source fee in CNY": ("-0.41", -41), "Total refund source settlement amount": ("17.76", 1776),
    "Total refund source fee in settlement currency": ("-0.05", -5),
}
SLICE = {
    "create_time": ("2026-01-03 10:00:01", "2026-01-03T10:00:01+08:00"), "initiator": (MCHID,) * 2, "sponsor": (SUB_MCHID,) * 2, "sub_mchid": (SUB_MCHID,) * 2,
    "transaction_id": ("4208450740201411110007820472",) * 2, "order_id": ("3008450740201411110007820472001",) * 2, "out_order_no": ("P1",) * 2,
    "detail_id": ("36011111111111111111111",) * 2, "receiver_account": ("1900000333",) * 2, "amount": cny("20.00"), "currency": ("CNY",) * 2,
    "settlement_amount": ("2.61", 261), "settlement_currency": ("USD",) * 2, "exchange_rate": ("765000000", 765000000),
    "business_type": ("PROFITSHARING",) * 2, "status": ("SUCCESS",) * 2, "description": ("分给商户",) * 2,
}
RELEASED = {**SLICE, "initiator": ("system",) * 2, "business_type": ("AUTO_UNFREEZE",) * 2, "amount": cny("80"), "settlement_amount": ("10.45", 1045)}
SLICE_SUM = {"settlement_currency": ("USD",) * 2, "Total count": ("2", 2), "Total amount": cny("100.00"), "Total settlement amount": ("13.06", 1306)}
TRADE = {
    "Transaction time": ("2026-01-03 10:00:01", "2026-01-03T10:00:01+08:00"), "Official Account ID": ("wxd678efh567hg6787",) * 2, "Vendor ID": (MCHID,) * 2,
    "Sub vendor ID": (SUB_MCHID,) * 2, "Device No.": EMPTY_CELL, "WeChat order No.": ("4208450740201411110007820472",) * 2, "Vendor order No.": ("T1",) * 2,
    "User identifier": EMPTY_CELL, "Transaction type": ("NATIVE",) * 2, "Transaction status": ("SUCCESS",) * 2, "Payment bank": ("CMB_CREDIT",) * 2,
    "Top-up voucher currency": EMPTY_CELL, "Top-up voucher amount": ("0", None), "Voucher currency": EMPTY_CELL, "Voucher amount": ("0.0", None),
    "WeChat refund No.": EMPTY_CELL, "Merchant refund No.": EMPTY_CELL, "Refund type": EMPTY_CELL, "Refund status": EMPTY_CELL,
    "Commodity name": ("苹果, 梨",) * 2, "Merchant data package": EMPTY_CELL, "Service fee": ("0.05", 5), "Rate": ("0.60%", 60), "Priced currency": ("USD",) * 2,
    "Order amount (priced currency)": ("8.88", 888), "User payment currency": ("CNY",) * 2, "User payment amount": ("67.93", 6793),
    "Settlement currency": ("USD",) * 2, "Settlement order amount": ("8.88", 888), "Payment exchange rate": ("765000000", 765000000),
    "Refund exchange rate": EMPTY_CELL, "Requested refund amount": ("0", None), "User refund currency": EMPTY_CELL, "User refund amount": ("0", None),
    "Refund settlement currency": EMPTY_CELL, "Refund settlement amount": ("0", None), "Top-up voucher refund amount": ("0.00", None),
    "Voucher refund amount": ("0.00", None),
}
TRADE_SUM = {
    "Settlement currency": ("USD",) * 2, "Total payment count": ("1.0", 1), "Total refund count": ("0.0", 0), "Total settlement order amount": ("8.88", 888),
    "Total refund settlement amount": ("0.00", 0), "Total service fee": ("0.05", 5),
}


def accents(cells):
    return ",".join("`" + cell for cell in cells)


def quotes(cells):
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)


def bare(cells):
    return ",".join(cells)


def bill(name, about, of, details, summary, write=accents, mark="\ufeff", end="\r\n", columns=None, change=lambda lines: lines, fault=None):
    """`fault`: (line, column from 1, the column's name, reason)."""
    columns = columns or list(details[0] if details else REFUND_BILL)
    lines = [bare(columns), *(write([row[column][0] for column in columns]) for row in details)]
    lines += [bare(summary[0]), *(write([cell[0] for cell in row.values()]) for row in summary[1])]
    text = mark + "".join(line + end for line in change(lines))
    says = {"bill": of, "file": "bill.csv"}
    files = {"bill.csv": text.encode()}
    if fault:
        says["line"], says["column"], says["column_name"] = fault[:3]
    else:
        files["rows.json"] = (json.dumps(
            {"details": [{column: row[column][1] for column in columns} for row in details],
             "summary": [{column: cell[1] for column, cell in row.items()} for row in summary[1]]}, ensure_ascii=False, indent=1) + "\n").encode()
        says["rows"] = "rows.json"
    case(f"bill-{name}", about, fault and fault[3], files, **says)


def line(number, old, new):
    """The lines, with something else in one of them, counted from 1."""

    def change(lines):
        assert old in lines[number - 1]
        return [text.replace(old, new, 1) if at == number else text for at, text in enumerate(lines, 1)]

    return change


def bills():
    refunds = "refund", [REFUND_BILL, REFUND_YEN], (list(REFUND_SUM), [REFUND_SUM])
    plain = {**REFUND_BILL, "Vendor order number(out_transaction_id)": ("T1",) * 2}
    slices = "distribution", [SLICE, RELEASED], (list(SLICE_SUM), [SLICE_SUM])
    trades = "statement", [TRADE], (list(TRADE_SUM), [TRADE_SUM])
    new = {**REFUND_BILL, "A column of next year": ("new, and more",) * 2}
    bill("good-refund", "Byte-order mark, CR LF, accents, a comma and an accent inside values, amounts of 0, 1 and 2 decimals, yen, a count of 2.0", *refunds)
    bill("good-refund-order", "Columns in another order, and one that nobody knows", "refund", [new], refunds[2], columns=list(reversed(new)))
    bill("good-refund-bare", "No mark, LF, no accents", "refund", [plain], refunds[2], write=bare, mark="", end="\n")
    bill("good-refund-empty", "A day without refunds: both header lines and nothing else", "refund", [], (list(REFUND_SUM), []))
    bill("good-distribution", "As the documents have it; the second line was released by itself", *slices)
    bill("good-distribution-bare", "Without accents, as some distribution bills were until 2025", *slices, write=bare)
    bill("good-distribution-quoted", "Values in double quotes, with a comma and a doubled quote inside", "distribution",
         [{**SLICE, "description": ('a "b", c',) * 2}], slices[2], write=quotes, mark="")
    bill("good-statement", "All 38 columns; empty values are lone accents, nothing is 0, 0.0 or 0.00, in no currency", *trades)
    bill("bad-cell-missing", "A line without its last cell", *refunds, change=lambda l: [*l[:2], l[2].rpartition(",`")[0], *l[3:]],
         fault=(3, 20, "Refund source fee in settlement currency type", "cells"))
    bill("bad-cell-extra", "A line with a cell too many", *slices, change=lambda l: [l[0], l[1] + ",`more", *l[2:]], fault=(2, 18, None, "cells"))
    bill("bad-amount", "An amount with a letter in it", *slices, change=line(2, "`20.00", "`2O.00"), fault=(2, 10, "amount", "amount"))
    bill("bad-decimals", "Yen with decimals", *refunds, change=line(3, "`1200,", "`1200.50,"), fault=(3, 7, "Refund amount(refund_fee)", "amount"))
    bill("bad-time", "The 30th of February", *refunds, change=line(2, "2026-01-03 10:02:03", "2026-02-30 10:02:03"), fault=(2, 2, "Refund success time", "time"))
    bill("bad-currency", "An amount in a currency that does not exist", *slices, change=line(3, "`USD", "`QQQ"), fault=(3, 12, "settlement_amount", "currency"))
    bill("bad-column-twice", "The header line names a column twice", *slices, change=line(1, "order_id", "sponsor"), fault=(1, 6, "sponsor", "twice"))


def main():
    for folder in HERE.iterdir():
        if (folder / "case.json").exists():
            shutil.rmtree(folder)
    write_keys()
    for make in (good_requests, broken_requests, answers, certificate_lists, callbacks, sealed_fields, bills):
        make()
    (HERE / "cases.json").write_text(json.dumps(CASES, indent=1) + "\n")


if __name__ == "__main__":
    main()
