"""A receiver of callbacks, as an integrator has one: a little HTTP server that verifies, opens and counts what it is sent."""

import base64
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from answers import strict_json
from client import PATIENCE


@dataclass
class Callback:
    """One request as it came over the wire."""

    path: str
    headers: list
    body: bytes
    at: float = field(default_factory=time.monotonic)

    def header(self, name):
        """The value under exactly this spelling, or None."""
        return next((value for spelling, value in self.headers if spelling == name), None)

    @property
    def json(self):
        return strict_json(self.body)

    @property
    def id(self):
        return self.json["id"]

    def is_signed(self, platform):
        message = f"{self.header('Wechatpay-Timestamp')}\n{self.header('Wechatpay-Nonce')}\n".encode() + self.body + b"\n"
        try:
            signature = base64.b64decode(self.header("Wechatpay-Signature") or "", validate=True)
            platform.verify(self.header("Wechatpay-Serial"), message, signature)
        except (ValueError, InvalidSignature):
            return False
        return True

    def opened(self, apiv3_key):
        """The plain text of the sealed resource."""
        resource = self.json["resource"]
        assert resource["algorithm"] == "AEAD_AES_256_GCM"
        sealed = base64.b64decode(resource["ciphertext"], validate=True)
        plain = AESGCM(apiv3_key).decrypt(resource["nonce"].encode(), sealed, resource["associated_data"].encode())
        return strict_json(plain)


class Receiver:
    """Listens on a free port, of 127.0.0.1 alone or, with address="0.0.0.0", of all addresses of this machine. `answer(callback)` gives the status, or (status, headers, body); 200 unless told otherwise. `before` is sent ahead of each answer."""

    def __init__(self, answer=None, wrap=None, address="127.0.0.1", before=b""):
        self.received = []
        self.answer = answer or (lambda callback: 200)
        self._came = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                callback = Callback(self.path, list(self.headers.raw_items()), body)
                with receiver._came:
                    receiver.received.append(callback)
                    receiver._came.notify_all()
                self.wfile.write(before)
                said = receiver.answer(callback)
                status, headers, text = said if isinstance(said, tuple) else (said, {}, b"{}")
                if status is None:  # no answer at all
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                if status != 204:
                    self.wfile.write(text)

            def log_message(self, *arguments):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, request, client_address):
                pass  # the program hung up

        self.server = Server((address, 0), Handler)
        if wrap is not None:
            self.server.socket = wrap(self.server.socket)
        self.scheme = "http" if wrap is None else "https"
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def url(self, path="/notify", host="127.0.0.1"):
        return f"{self.scheme}://{host}:{self.port}{path}"

    def wait(self, count, seconds=10):
        """The callbacks, once there are so many."""
        with self._came:
            enough = self._came.wait_for(lambda: len(self.received) >= count, seconds * PATIENCE)
            assert enough, f"{len(self.received)} callbacks instead of {count}"
            return list(self.received)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def until(condition, seconds=10):
    """Waits for something that the program does by itself."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value or time.monotonic() > end:
            assert value, "it did not come about"
            return value
        time.sleep(0.02)


def told(control, **query):
    """The callbacks of GET /callbacks, newest first."""
    parameters = "&".join(f"{name}={value}" for name, value in query.items())
    return control.get(f"/callbacks?{parameters}")["callbacks"]


def shown(control, event_id):
    return control.get(f"/callbacks/{event_id}")


def settled(control, event_id, state, seconds=10):
    """The callback, once it is in that state."""
    until(lambda: shown(control, event_id)["state"] == state, seconds)
    return shown(control, event_id)


def dumped(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
