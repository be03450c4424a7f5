"""Whoever is at the other end: what a stranger says is shown, and moves no cursor."""
import http.server
import json
import threading

import pytest
from command import run

ESCAPES = "\x1b]0;title\x07\x1b[2J\x9b31m\r\x7f"


ELSEWHERE = {"request": {"body": "", "body_bytes": 0, "headers": [None]}, "method": "GET", "mchid": "1900000100"}


class Stranger(http.server.BaseHTTPRequestHandler):
    """Refuses everything, unsigned, with escape sequences wherever text can be."""

    def refuse(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps({"code": "CODE" + ESCAPES, "message": "because" + ESCAPES, "error": "not here" + ESCAPES,
                           "detail": {"field": "/x" + ESCAPES, "issue": ESCAPES, "value": "", "location": "body"}}).encode()
        self.send_response(400)
        self.send_header("Request-ID", "08\x1b[2J")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        """But that its log has requests that would go to another host."""
        if not self.path.startswith("/requests/"):
            return self.refuse()
        body = json.dumps({**ELSEWHERE, "target": "@127.0.0.1:1/"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return self.wfile.write(body)

    do_POST = refuse

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def stranger():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@pytest.fixture
def at_the_stranger(server, stranger, tmp_path):
    """The demo book's institution, whose service and server the stranger is."""
    lines = (server.data / "demo.env").read_text().splitlines()
    strange = {"BASE_URL": stranger, "CONTROL_URL": stranger}
    env = tmp_path / "demo.env"
    env.write_text("\n".join(f"{name}={strange.get(name, value)}" for name, _, value in (line.partition("=") for line in lines)) + "\n")
    env.chmod(0o600)
    return {"FENZHANG_ENV": str(env), "XDG_CACHE_HOME": str(tmp_path), "FENZHANG_DEADLINE": "5"}


@pytest.mark.parametrize("command,status", [
    (["balance"], 2), (["refund", "show", "R1"], 2), (["bill", "refunds", "2026-01-05"], 2), (["doctor"], 2),
    (["clock"], 2), (["receiver", "add", "1900022222", "--relation", "SUPPLIER"], 2),
])
def test_escape_sequences_of_a_stranger_reach_no_terminal(at_the_stranger, command, status):
    done = run(*command, env=at_the_stranger)
    assert done.returncode in (status, 1, 3) and done.stderr + done.stdout
    for letter in "\x1b\x07\x9b\r\x7f":
        assert letter not in done.stdout + done.stderr


def test_a_request_of_the_log_goes_to_no_other_host(at_the_stranger):
    done = run("replay", "08", env=at_the_stranger)
    assert done.returncode == 2 and "that is no record of a request" in done.stderr
