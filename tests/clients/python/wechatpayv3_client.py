"""Does what life.py asks with wechatpayv3: python3 wechatpayv3_client.py MERCHANT. A call is a line of JSON on standard input, what came of
it a line on standard output."""

import json
import sys
import traceback
from urllib.parse import urlencode

import requests
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.type import RequestType
from wechatpayv3.utils import build_authorization

HOST = "https://api.mch.weixin.qq.com"
merchant = json.loads(sys.argv[1])
pay = WeChatPay(
    wechatpay_type=WeChatPayType.NATIVE,
    mchid=merchant["mchid"],
    private_key=merchant["private_key"],
    cert_serial_no=merchant["serial"],
    apiv3_key=merchant["apiv3_key"],
    appid="wx8888888888888888",
)
core = pay._core  # it has functions for the mainland's paths alone; this is what stands behind them


def target_of(path, query=None):
    return f"/{path}?{urlencode(query)}" if query else f"/{path}"


def answer(status, text):
    return {"status": status, "data": json.loads(text) if text else None}


def get(path, query=None):
    return answer(*core.request(target_of(path, query)))


def post(path, body, headers=None):
    return answer(*core.request(target_of(path), RequestType.POST, data=body, cipher_data="Wechatpay-Serial" in (headers or {})))


def delete(path, body):
    """Its own DELETE sends no body."""
    sent = json.dumps(body)
    signature = build_authorization(target_of(path), "DELETE", merchant["mchid"], merchant["serial"], core._private_key, data=sent)
    headers = {"Authorization": signature, "Content-Type": "application/json", "Accept": "application/json"}
    said = requests.delete(HOST + target_of(path), data=sent, headers=headers, timeout=60)
    return answer(said.status_code, said.text)


def download(path, query=None):
    """A bill's file carries no signature."""
    status, content = core.request(target_of(path, query), skip_verify=True)
    return {"status": status, "data": content.decode()}


def serials():
    return {"data": [f"{certificate.serial_number:X}" for certificate in core._certificates]}


def seal(text):
    return {"data": core.encrypt(text)}


def open_(headers, body):
    said = pay.callback(headers, body)
    if not said:
        raise ValueError("bad signature")
    return {"data": said["resource"]}


calls = {"get": get, "post": post, "delete": delete, "download": download, "serials": serials, "seal": seal, "open": open_}
for line in sys.stdin:
    how = json.loads(line)
    try:
        said = calls[how.pop("call")](**how)
    except Exception:
        said = {"failed": traceback.format_exc()}
    print(json.dumps(said), flush=True)
