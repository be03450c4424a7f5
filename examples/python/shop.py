"""A small shop: an order is placed and paid, refunded in part, and found in the day's bill. python3 shop.py DATA/demo.env"""

import secrets
import sys
import threading
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from wechatpay import Forged, WeChatPay

SHARING = "/v3/global/profit-sharing"


class Shop:
    """`party` names the merchant, as orders and refunds do; here an institution and its sub-merchant."""

    def __init__(self, pay, party, notify_url):
        self.pay, self.party, self.notify_url = pay, party, notify_url
        self.seen = set()  # of notifications; a real shop keeps it in its database, with what it does about them
        self.events = []

    def order(self, number, total):
        """What is to be put into a QR code. Marked first, so that its money can be distributed and its refunds are in the bill."""
        self.pay.post(f"{SHARING}/transactions/mark", {"sub_mchid": self.party["sub_mchid"], "out_trade_no": number, "currency": "CNY"})
        return self.pay.post("/v3/global/transactions/native", {
            **self.party, "sp_appid": "wx8888888888888888", "out_trade_no": number, "description": "apples", "trade_type": "NATIVE",
            "merchant_category_code": "1011", "notify_url": self.notify_url, "amount": {"total": total, "currency": "CNY"},
        })["code_url"]

    def refund(self, number, out_trade_no, amount, total):
        """If the outcome is unknown (no answer, 5xx), repeat it with the same number: it is done once."""
        return self.pay.post("/v3/global/refunds", {
            **self.party, "sp_appid": "wx8888888888888888", "out_trade_no": out_trade_no, "out_refund_no": number,
            "reason": "one was bruised", "notify_url": self.notify_url,
            "amount": {"refund": amount, "total": total, "currency": "CNY"},
        })

    def query_refund(self, number):
        query = "&".join(f"{name}={value}" for name, value in self.party.items())
        return self.pay.get(f"/v3/global/refunds/out-refund-no/{number}?{query}")

    def refund_bill(self, day):
        link = self.pay.get(f"{SHARING}/refunds/bill-download-url?sub_mchid={self.party['sub_mchid']}&bill_date={day}")
        return self.pay.download(link["download_url"]).decode("utf-8-sig")

    def notified(self, headers, body):
        """The HTTP status for a callback. Each notification counts once, however often it comes."""
        try:
            notification = self.pay.callback(headers, body)
        except Forged:
            return 401
        event = notification["resource"]
        if event["sp_mchid"] != self.party["sp_mchid"] or event["sub_mchid"] != self.party["sub_mchid"]:
            return 200  # of another sub-merchant of the institution: not ours to count
        if notification["id"] not in self.seen:
            self.seen.add(notification["id"])
            self.events.append((notification["event_type"], event))
        return 200


def listen():
    """A receiver of callbacks on a free port; its `shop` is set before anything can come."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(self.server.shop.notified(self.headers, body))
            self.end_headers()

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Sandbox:
    """What only Fenzhang has: a payer and a clock that do as they are told."""

    def __init__(self, control_url):
        self.url = control_url

    def call(self, path, **members):
        answer = requests.post(self.url + path, json=members, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def next_day(self):
        """To 10:00 of the next day, when today's bills are out. Gives today."""
        now = datetime.fromisoformat(requests.get(self.url + "/clock", timeout=60).json()["now"])
        self.call("/clock", now=(now + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0).isoformat())
        return now.date()


def main(demo_env):
    with open(demo_env, encoding="utf-8") as file:
        env = dict(line.replace("'", "").rstrip("\n").split("=", 1) for line in file)
    with open(env["PRIVATE_KEY_PEM"], "rb") as file:
        pay = WeChatPay(env["BASE_URL"], env["MCHID"], env["SERIAL_NO"], file.read(), env["APIV3_KEY"])
    server, sandbox = listen(), Sandbox(env["CONTROL_URL"])
    party = {"sp_mchid": env["MCHID"], "sub_mchid": env["SUB_MCHID"]}
    shop = server.shop = Shop(pay, party, f"http://127.0.0.1:{server.server_port}/notify")
    trade, refund = "T" + secrets.token_hex(8), "R" + secrets.token_hex(8)

    print("ordered:", shop.order(trade, 10000).split(":")[0])
    sandbox.call(f"/payments/{trade}/pay", mchid=env["MCHID"], callbacks="wait")  # until the shop has handled it
    kind, paid = shop.events[-1]
    print("called back:", kind, paid["trade_state"], paid["amount"]["total"])
    print("refund accepted:", shop.refund(refund, trade, 3000, 10000)["amount"]["refund"])
    sandbox.call("/clock", advance="PT20M")  # this waits for callbacks anyway
    kind, refunded = shop.events[-1]
    print("called back:", kind, refunded["refund_status"], refunded["amount"]["refund"])
    print("queried:", shop.query_refund(refund)["status"])
    today = sandbox.next_day()
    lines = [line for line in shop.refund_bill(today).splitlines() if refund in line]
    print("in the bill:", len(lines), "line; notifications:", len(shop.seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
