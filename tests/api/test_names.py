"""Names for networks of containers: --control-host, --tls-name, and the token of FENZHANG_CONTROL_TOKEN"""

import os
import re
import secrets
import socket
import ssl
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from client import PATIENCE
from program import BINARY, Program
from raw import RawConnection

TOKEN = secrets.token_hex(20)
BEARING = {"Authorization": f"Bearer {TOKEN}"}


def fenzhang(*arguments, **variables):
    """A command of the program, for whose environment `variables` count alone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FENZHANG") and not name.endswith("_URL")}
    return subprocess.run([str(BINARY), *map(str, arguments)], capture_output=True, text=True, timeout=30 * PATIENCE,
                          stdin=subprocess.DEVNULL, env={**kept, **variables})


def serve(directory, *arguments, **variables):
    """A server that is not expected to come up."""
    return fenzhang("serve", "--listen", "0", "--control", "0", "--data", directory / "data", *arguments, **variables)


@pytest.fixture
def running(tmp_path, monkeypatch):
    """Starts servers with the token in their environment; ends them."""
    started = []

    def start(*options, token=TOKEN):
        if token is not None:
            monkeypatch.setenv("FENZHANG_CONTROL_TOKEN", token)
        started.append(Program(tmp_path, *options, demo=True).start())
        monkeypatch.delenv("FENZHANG_CONTROL_TOKEN", raising=False)
        return started[-1]

    yield start
    for program in started:
        program.stop()


def ask(program, host, **headers):
    """The status of a call that says that it goes to `host`."""
    headers["Host"] = f"{host}:{urlsplit(program.control).port}"
    return requests.get(f"{program.control}/clock", headers=headers, verify=program.ca if program.control.startswith("https") else True,
                        timeout=10 * PATIENCE)


# ---- names ----


def test_control_is_called_by_the_names_that_were_given(running):
    program = running("--control-host", "fenzhang,PAY.test.example", "--control-host", "10.7.0.2", token=None)
    for host in ("fenzhang", "Fenzhang", "pay.test.example", "10.7.0.2", "127.0.0.1", "localhost"):
        assert ask(program, host).status_code == 200, host
    for host in ("evil.example", "fenzhang.evil.example", "10.7.0.3"):
        refused = ask(program, host)
        assert refused.status_code == 403 and "--control-host" in refused.json()["error"], host
    page = f"http://fenzhang:{urlsplit(program.control).port}"
    assert ask(program, "fenzhang", Origin=page).status_code == 200
    assert ask(program, "fenzhang", Origin="http://evil.example").status_code == 403
    assert ask(program, "127.0.0.1", Origin=page).status_code == 403


def test_the_certificate_has_the_names_that_were_given(running):
    """And by them the control interface is called too: in TLS, with the token, on an address that others reach."""
    program = running("--tls", "--tls-name", "fenzhang,10.7.0.2", "--tls-name", "pay.test.example", "--proxy", "0", "--control", "0.0.0.0:0")
    trusting = ssl.create_default_context(cafile=program.ca)
    for address, host in [(program.api, "fenzhang"), (program.api, "10.7.0.2"), (program.control, "pay.test.example"),
                          (program.api, "apihk.mch.weixin.qq.com"), (program.control, "localhost")]:
        RawConnection(address).begin_tls(trusting, host).close()
    for host in ("evil.example", "x.fenzhang", "10.7.0.3"):
        with pytest.raises(ssl.SSLCertVerificationError):
            RawConnection(program.api).begin_tls(trusting, host)
    connection = RawConnection(program.proxy)
    connection.send(b"CONNECT api.mch.weixin.qq.com:443 HTTP/1.1\r\n\r\n")
    assert connection.answer("CONNECT").status == 200
    connection.begin_tls(trusting, "fenzhang").close()
    assert ask(program, "fenzhang", **BEARING).status_code == 200
    assert ask(program, "fenzhang").status_code == 401
    assert ask(program, "evil.example", **BEARING).status_code == 403


def test_a_ca_vouches_for_the_names_that_it_was_made_for(running, tmp_path):
    """`fenzhang ca' may make it before the first start; a name that comes later needs a new one, as its certificate is out already."""
    data = tmp_path / "data"
    assert fenzhang("ca", "--data", data, "--tls-name", "fenzhang").returncode == 0
    for refused in (serve(tmp_path, "--tls", "--tls-name", "fenzhang,pay.test.example"), fenzhang("ca", "--data", data, "--tls-name", "pay.test.example")):
        assert refused.returncode == 2 and refused.stdout == ""
        for word in ("cannot vouch for pay.test.example", f"Remove the directory {data}/tls", "trust the new CA"):
            assert word in refused.stderr, word
    assert not (data / "book.db").exists()
    program = running("--tls", "--tls-name", "fenzhang")
    RawConnection(program.api).begin_tls(ssl.create_default_context(cafile=program.ca), "fenzhang").close()


@pytest.mark.parametrize("option", ["--control-host", "--tls-name"])
@pytest.mark.parametrize("names, said", [("http://fenzhang", "'http://fenzhang' is neither"), ("fenzhang:8080", "'fenzhang:8080' is neither"),
                                         ("a,,b", "'' is neither"), ("*.example", "'*.example' is neither"), ("1.2.3", "'1.2.3' is neither"),
                                         (",".join(f"n{i}" for i in range(17)), "more than 16 names")])
def test_what_is_no_name_is_refused(tmp_path, option, names, said):
    done = serve(tmp_path, "--tls", option, names)
    assert done.returncode == 2 and option in done.stderr and said in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_name_without_a_use_is_refused(tmp_path):
    done = serve(tmp_path, "--tls-name", "fenzhang")
    assert done.returncode == 2 and "--tls or --proxy" in done.stderr
    done = serve(tmp_path, "--tls", "--tls-cert", "a.pem", "--tls-key", "a.key", "--tls-name", "fenzhang")
    assert done.returncode == 2 and "does nothing beside --tls-cert" in done.stderr


# ---- the token ----


def environment_of(process):
    return Path(f"/proc/{process}/environ").read_bytes()


def test_the_token_of_the_environment_is_demanded_and_shown_nowhere(running):
    program = running("--log-format", "json")
    assert ask(program, "127.0.0.1").status_code == 401
    assert ask(program, "127.0.0.1", Authorization=f"Bearer {TOKEN[:-1]}x").status_code == 401
    assert ask(program, "127.0.0.1", **BEARING).status_code == 200
    shown = environment_of(program.process.pid)
    assert b"FENZHANG_CONTROL_TOKEN=" in shown and TOKEN.encode() not in shown
    assert TOKEN not in program.log_text()
    written = [path for path in program.data.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]
    assert written == []


def test_commands_bear_the_token_of_the_environment(running):
    program = running()
    for command in (["clock"], ["health"]):
        answer = fenzhang(*command, "--control", program.control, "--json", FENZHANG_CONTROL_TOKEN=TOKEN)
        assert answer.returncode == 0, answer.stderr
        refused = fenzhang(*command, "--control", program.control, "--json")
        assert refused.returncode != 0 and "FENZHANG_CONTROL_TOKEN" in refused.stderr
    assert fenzhang("health", "--data", program.data, FENZHANG_CONTROL_TOKEN=TOKEN).stdout == "ok\n"


def test_a_child_does_not_get_it(tmp_path):
    done = fenzhang("run", "--", "env", FENZHANG_CONTROL_TOKEN=TOKEN, TMPDIR=str(tmp_path))
    assert done.returncode == 0 and "CONTROL_URL=" in done.stdout, done.stderr
    assert TOKEN not in done.stdout and "FENZHANG_CONTROL_TOKEN" not in done.stdout


def test_a_file_goes_before_the_environment(running, tmp_path):
    file = tmp_path / "token"
    file.touch(0o600)
    file.write_text("f" * 32 + "\n")
    program = running("--control-token-file", str(file))
    assert ask(program, "127.0.0.1", **BEARING).status_code == 401
    assert ask(program, "127.0.0.1", Authorization="Bearer " + "f" * 32).status_code == 200
    assert fenzhang("clock", "--control", program.control, "--token-file", file, FENZHANG_CONTROL_TOKEN=TOKEN).returncode == 0


def test_a_token_that_is_none_is_refused(tmp_path, running):
    for token in ("short", "x" * 31):
        done = serve(tmp_path, FENZHANG_CONTROL_TOKEN=token)
        assert done.returncode == 2 and "FENZHANG_CONTROL_TOKEN cannot be used" in done.stderr and "openssl rand" in done.stderr
        assert token not in done.stderr.replace("shorter", "")
    done = serve(tmp_path, "--tls", "--control", "0.0.0.0:0", FENZHANG_CONTROL_TOKEN="")
    assert done.returncode == 2 and "or set FENZHANG_CONTROL_TOKEN" in done.stderr
    unreadable = serve(tmp_path, "--control-token-file", tmp_path / "none")
    assert unreadable.returncode == 2 and f"{tmp_path}/none cannot be used" in unreadable.stderr
    assert not (tmp_path / "data").exists()
    assert ask(running(token=""), "127.0.0.1").status_code == 200  # an empty one is none
