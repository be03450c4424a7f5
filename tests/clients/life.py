"""The life of a distributed order, by one client library. Amounts are worked out by hand: 10 000 fen, fee 0.6 % = 60."""

import hashlib
import json
import os
import secrets
import selectors
import subprocess
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from callbacks import Receiver
from client import PATIENCE
from control import Control

SHARING = "v3/global/profit-sharing"
APPID = "wx8888888888888888"


def merchant_of(demo, mode):
    """What a library is told of its merchant, from the variables of demo.env."""
    prefix = "DIRECT_" if mode == "direct" else ""
    text = lambda name: Path(demo[prefix + name]).read_text()  # noqa: E731
    return {
        "mchid": demo[prefix + "MCHID"],
        "serial": demo[prefix + "SERIAL_NO"],
        "private_key": text("PRIVATE_KEY_PEM"),
        "certificate": text("CERTIFICATE_PEM"),
        "apiv3_key": demo[prefix + "APIV3_KEY"],
        "platform_certificate": text("PLATFORM_CERT_PEM"),
        "platform_serial": Path(demo[prefix + "PLATFORM_CERT_PEM"]).stem,
    }


class Library:
    """A program that holds one library and does with it what it is asked: a line of JSON each way."""

    def __init__(self, command, merchant, **settings):
        self.process = subprocess.Popen(
            [*map(str, command), json.dumps(merchant)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **settings
        )

    def __call__(self, call, **how):
        """{"status": …, "data": …} of a request, {"data": …} of another call."""
        said = self.said(call, **how)
        assert not said.get("failed"), f"{call} {how}: {said['failed']}"
        return said

    def said(self, call, **how):
        """The same, or {"failed": …}: what the library threw."""
        self.process.stdin.write(json.dumps({"call": call, **how}) + "\n")
        self.process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            assert selector.select(60 * PATIENCE), f"{call}: no word of the library in {60 * PATIENCE} s"
        line = self.process.stdout.readline()
        assert line, f"{call}: the library's program ended"
        return json.loads(line)

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(10 * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class Life:
    def __init__(self, library, demo, mode, cannot=()):
        self.library, self.demo, self.cannot = library, demo, cannot
        self.merchant = merchant_of(demo, mode)
        self.control = Control(demo["CONTROL_URL"])
        self.receiver = Receiver()
        # Institutional mode names the sub-merchant in a distribution; orders and refunds name both.
        mchid, direct = self.merchant["mchid"], mode == "direct"
        self.child = {} if direct else {"sub_mchid": demo["SUB_MCHID"]}
        self.party = {"mchid": mchid} if direct else {"sp_mchid": mchid, **self.child}
        self.with_appid = {**self.party, "appid" if direct else "sp_appid": APPID}
        self.mark_number = secrets.token_hex(6).upper()

    # ---- words ----

    def number(self, letter):
        return letter + self.mark_number

    def get(self, path, status=200, **query):
        return self._data(self.library("get", path=path, query=query), status, path)

    def post(self, path, body, status=200, **how):
        return self._data(self.library("post", path=path, body=body, **how), status, path)

    @staticmethod
    def _data(said, status, path):
        assert said["status"] == status, f"{path}: {said}"
        return said["data"]

    def later(self, duration):
        self.control.set_clock(advance=duration)

    def callback(self, event_type):
        """What the library makes of the callback that has come. A forged one it must refuse."""
        (came,) = [one for one in self.receiver.received if one.json["event_type"] == event_type]
        headers = {name.lower(): value for name, value in came.headers}
        body = came.body.decode()
        forged = body.replace(came.id, secrets.token_hex(len(came.id) // 2 + 1)[: len(came.id)])
        assert forged != body
        assert self.library.said("open", headers=headers, body=forged).get("failed"), "the library took a forged callback"
        return self.library("open", headers=headers, body=body)["data"]

    # ---- the life ----

    def live(self):
        try:
            assert self.library("serials")["data"] == [self.merchant["platform_serial"]]
            order = self.place_and_pay()
            assert self.get(f"{SHARING}/transactions/{order}/amounts", 500, **self.child)["code"] == "SYSTEM_ERROR"  # freezing
            self.later("PT5M")
            receiver = self.add_receiver()
            self.share(order, receiver)
            self.give_back(order)
            self.release(order)
            if "delete" not in self.cannot:
                removed = self.library("delete", path=f"{SHARING}/receivers", body=receiver)
                assert removed["status"] == 204, removed
            self.bills()
        finally:
            self.receiver.close()

    def place_and_pay(self):
        number = self.number("T")
        self.post(f"{SHARING}/transactions/mark", {**self.child, "out_trade_no": number, "currency": "CNY"}, 204)
        placed = self.post("v3/global/transactions/native", {
            **self.with_appid, "description": "苹果 apples", "notify_url": self.receiver.url(), "out_trade_no": number,
            "trade_type": "NATIVE", "merchant_category_code": "1011", "amount": {"total": 10000, "currency": "CNY"},
        })
        assert placed["code_url"].startswith("weixin:")
        self.control.pay(number, mchid=self.merchant["mchid"])
        self.receiver.wait(1)
        paid = self.callback("TRANSACTION.SUCCESS")
        assert (paid["out_trade_no"], paid["trade_state"], paid["amount"]["total"]) == (number, "SUCCESS", 10000)
        found = self.get(f"v3/global/transactions/out-trade-no/{number}", **self.party)
        assert found["trade_state"] == "SUCCESS"
        assert self.get(f"v3/global/transactions/id/{found['id']}", **self.party) == found
        return found["id"]

    def papers(self):
        """The signature covers `meta` alone."""
        if "upload" in self.cannot:
            return {}
        letter = "%PDF-1.4 an application letter"
        meta = {"filename": "letter.pdf", "sha256": hashlib.sha256(letter.encode()).hexdigest()}
        uploaded = self.library("upload", path="v3/global/merchant-storage/file/upload", meta=meta, file=letter)
        assert uploaded["status"] == 200, uploaded
        return {"application_file_id": uploaded["data"]["file_id"]}

    def add_receiver(self):
        receiver = {**self.child, "type": "MERCHANT_ID", "account": str(10**9 + secrets.randbelow(10**9))}
        added = self.post(
            f"{SHARING}/receivers",
            {**receiver, **self.papers(), "name": self.library("seal", text="深圳市某某供应商")["data"],
             "relation_type": "SUPPLIER"},
            headers={"Wechatpay-Serial": self.merchant["platform_serial"]},
        )
        assert added["state"] == "INIT"
        self.later("PT1M")
        query = {name: value for name, value in receiver.items() if name != "account"}
        assert self.get(f"{SHARING}/receivers/{receiver['account']}", **query)["state"] == "EFFECTIVE"
        return receiver

    def unsplit(self, order):
        return self.get(f"{SHARING}/transactions/{order}/amounts", **self.child)["unsplit_amount"]

    def share(self, order, receiver):
        assert self.unsplit(order) == 9940
        number = self.number("S")
        part = {"currency": "CNY", "type": receiver["type"], "account": receiver["account"], "amount": 2000, "description": "仓库 fee"}
        accepted = self.post(f"{SHARING}/orders", {
            **self.child, "transaction_id": order, "out_order_no": number, "receivers": [part], "unfreeze_unsplit": False,
        })
        assert accepted["state"] == "PROCESSING"
        self.later("PT2M")
        done = self.get(f"{SHARING}/orders/{number}", **self.child, transaction_id=order)
        assert (done["state"], done["receivers"][0]["result"]) == ("FINISHED", "SUCCESS")
        assert self.unsplit(order) == 7940
        refundable = self.get(f"{SHARING}/transactions/{order}/refundable-amounts", **self.child)
        assert (refundable["refundable_amount"], refundable["funds_refundable_amount"]) == (7988, 2012)

    def give_back(self, order):
        number = self.number("R")
        request = {
            **self.with_appid, "transaction_id": order, "out_refund_no": number, "reason": "退货", "notify_url": self.receiver.url(),
            "amount": {"refund": 1000, "total": 10000, "currency": "CNY",
                       "from": [{"fund_source": "ORDER_REFUNDABLE_BALANCE", "amount": 1000}]},
        }
        accepted = self.post("v3/global/refunds", request)
        assert self.post("v3/global/refunds", request)["id"] == accepted["id"]
        self.later("PT20M")
        told = self.callback("REFUND.SUCCESS")
        assert (told["out_refund_no"], told["refund_id"], told["refund_status"]) == (number, accepted["id"], "SUCCESS")
        found = self.get(f"v3/global/refunds/id/{accepted['id']}", **self.party)
        assert found == self.get(f"v3/global/refunds/out-refund-no/{number}", **self.party)
        assert (found["status"], found["amount"]["refund"]) == ("SUCCESS", 1000)
        assert self.get("v3/global/refunds", **self.party, transaction_id=order, offset=0, count=10)["total_num"] == 1
        above = {**request, "out_refund_no": self.number("X"), "amount": {"refund": 9001, "total": 10000, "currency": "CNY"}}
        assert self.post("v3/global/refunds", above, 400)["code"] == "INVALID_REQUEST"

    def release(self, order):
        number = self.number("U")
        self.post(f"{SHARING}/orders/unfreeze", {
            **self.child, "transaction_id": order, "out_order_no": number, "description": "the rest",
        })
        self.later("PT2M")
        assert self.get(f"{SHARING}/orders/{number}", **self.child, transaction_id=order)["state"] == "FINISHED"
        assert self.unsplit(order) == 0
        # 9940 - 2000 - the refund's net of 1000 - 6
        balance = self.get(f"{SHARING}/refunds/refundable-balance")
        assert balance["sponsor_mchid"] == self.merchant["mchid"]
        assert balance["balance"] >= 6946

    def bills(self):
        link = self.get(f"{SHARING}/refunds/bill-download-url", **self.child, bill_date=self.demo["BILL_DATE"])["download_url"]
        url = urlsplit(link)
        file = self.library("download", path=url.path[1:], query=dict(parse_qsl(url.query)))
        assert file["status"] == 200, file
        assert "Refund apply time," in file["data"]
