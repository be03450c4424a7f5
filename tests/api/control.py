"""The control interface: clock, merchants, payments and the world outside."""

from client import PATIENCE, Session


class ControlError(Exception):
    def __init__(self, status, text):
        super().__init__(f"{status} {text}")
        self.status = status
        self.text = text


class Control:
    def __init__(self, base_url):
        self.base_url = base_url
        self.session = Session()

    def raw(self, method, path, **options):
        """One call as it is, for tests of the interface itself."""
        return self.session.request(method, self.base_url + path, timeout=120 * PATIENCE, **options)

    def _done(self, response):
        content_type = response.headers.get("Content-Type", "")
        assert content_type.startswith("application/json"), f"Content-Type {content_type!r} of {response.url}"
        members = response.json()
        assert isinstance(members, dict), f"not an object: {members!r}"
        if not 200 <= response.status_code < 300:
            assert isinstance(members.get("error"), str) and members["error"], f"no error text: {members!r}"
            raise ControlError(response.status_code, members["error"])
        return members

    def get(self, path):
        return self._done(self.raw("GET", path))

    def post(self, path, body=None):
        return self._done(self.raw("POST", path, json=body if body is not None else {}))

    def clock(self):
        return self.get("/clock")

    def set_clock(self, **members):
        return self.post("/clock", members)

    def make_merchant(self, **members):
        return self.post("/merchants", members)

    def change_merchant(self, mchid, **members):
        return self.post(f"/merchants/{mchid}", members)

    def recharge(self, mchid, amount, **members):
        return self.post(f"/merchants/{mchid}/recharge", {"amount": amount, **members})

    def make_payment(self, **members):
        return self.post("/payments", members)

    def pay(self, out_trade_no, **members):
        return self.post(f"/payments/{out_trade_no}/pay", members)

    def change_receiver(self, account, **members):
        return self.post(f"/receivers/{account}", members)

    def set_outcome(self, refund_id, status, **members):
        return self.post(f"/refunds/{refund_id}/outcome", {"status": status, **members})

    def change_payment(self, out_trade_no, **members):
        return self.post(f"/payments/{out_trade_no}", members)

    def add_fault(self, **members):
        return self.post("/faults", members)

    def faults(self):
        return self.get("/faults")["faults"]

    def clear_faults(self):
        return self._done(self.raw("DELETE", "/faults"))["cleared"]

    def audit(self):
        return self.post("/audit")

    def reset(self):
        return self.post("/reset")

    def healthy(self):
        return self.raw("GET", "/health").status_code == 200

    def metrics(self):
        return self.raw("GET", "/metrics")
