"""An example: wechatpayv3, unmodified, refunds a paid order, queries it, and reads the bill a day later. Its hosts are built in, so it asks
for fenzhang_hosts.

    pip install pytest wechatpayv3 fenzhang && pytest test_refund.py
"""

import json
from urllib.parse import urlencode, urlsplit

import pytest
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.type import RequestType


@pytest.fixture
def shop(fenzhang_hosts):
    return Shop(fenzhang_hosts.merchant)


class Shop:
    """Your own code, so to speak."""

    def __init__(self, merchant):
        self.party = {"sp_mchid": merchant.mchid, "sub_mchid": merchant.sub_mchid}
        self.pay = WeChatPay(
            wechatpay_type=WeChatPayType.NATIVE, mchid=merchant.mchid, private_key=merchant.private_key,
            cert_serial_no=merchant.serial_no, apiv3_key=merchant.apiv3_key, appid=merchant.appid,
        )

    def call(self, target, method=RequestType.GET, body=None, **how):
        """It has functions for the mainland's paths alone; this is what stands behind them."""
        status, text = self.pay._core.request(target, method, data=body, **how)
        return status, text if how else json.loads(text)

    def refund(self, order, number, amount, total):
        return self.call("/v3/global/refunds", RequestType.POST, {
            **self.party, "sp_appid": "wx8888888888888888", "out_trade_no": order, "out_refund_no": number,
            "amount": {"refund": amount, "total": total, "currency": "CNY"},
        })

    def query(self, number):
        return self.call(f"/v3/global/refunds/out-refund-no/{number}?{urlencode(self.party)}")

    def bill(self, day):
        _, link = self.call(f"/v3/global/profit-sharing/refunds/bill-download-url?bill_date={day}")
        url = urlsplit(link["download_url"])
        _, file = self.call(f"{url.path}?{url.query}", skip_verify=True)  # a bill's file carries no signature
        return file.decode("utf-8-sig")


def test_a_refund_is_in_the_bill_of_its_day(fenzhang, shop):
    order = fenzhang.pay(10000, marked=True)["out_trade_no"]
    status, accepted = shop.refund(order, "BRUISED1", 3000, 10000)
    assert (status, accepted["amount"]["refund"]) == (200, 3000)
    assert shop.query("BRUISED1")[1]["status"] == "PROCESSING"

    today = fenzhang.advance("PT20M")[:10]
    assert shop.query("BRUISED1")[1]["status"] == "SUCCESS"
    fenzhang.advance("P1D")  # bills are out at 10:00 of the next day; the clock began at 10:00
    (line,) = [line for line in shop.bill(today).splitlines() if "BRUISED1" in line]
    assert "30.00" in line
    fenzhang.audit()


def test_a_refund_whose_answer_is_lost_is_made_once(fenzhang, shop):
    """No test sees what another did: BRUISED1 is free again."""
    order = fenzhang.pay(10000)["out_trade_no"]
    fenzhang.fault(effect="reset", when="after", endpoint="refund-submit", count=1)
    with pytest.raises(OSError):
        shop.refund(order, "BRUISED1", 3000, 10000)
    assert shop.refund(order, "BRUISED1", 3000, 10000)[0] == 200
    assert fenzhang.control("/requests?path=/v3/global/refunds")["requests"][0]["status"] == 200
