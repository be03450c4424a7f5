"""fenzhang health: of which server, what it says in a line, and its exit statuses."""
import json
import secrets
import socket
import time

import pytest

from client import PATIENCE
from command import run
from ports import free_ports
from program import Program


def fails(done, status, said):
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1), done
    assert said in done.stderr
    return True


def healthy(done):
    assert (done.returncode, done.stdout, done.stderr) == (0, "ok\n", "")
    return True


@pytest.mark.parametrize("how", ["data", "control", "variable", "env", "default directory", "ready file"])
def test_it_finds_the_server(server, tmp_path, how):
    state = tmp_path / "state"
    state.mkdir()
    (state / "fenzhang").symlink_to(server.data)
    options = {"data": ["--data", server.data], "control": ["--control", server.control], "env": ["--env", server.data / "demo.env"],
               "ready file": ["--ready-file", server.data / "ready.json"]}.get(how, [])
    env = {"variable": {"CONTROL_URL": server.control}, "default directory": {"XDG_STATE_HOME": str(state)}}.get(how)
    assert healthy(run("health", *options, env=env))


def test_json_is_the_server_s_own_answer(server):
    done = run("health", "--json", "--data", server.data)
    assert json.loads(done.stdout)["status"] == "ok" and done.returncode == 0


def test_token_and_ca_are_found_in_the_data_directory(tmp_path):
    token = tmp_path / "token"
    token.touch(0o600)
    token.write_text(secrets.token_hex(32) + "\n")
    server = Program(tmp_path, "--tls", "--control-token-file", str(token))
    server.start()
    try:
        assert healthy(run("health", "--data", server.data))
        ready = json.loads((server.data / "ready.json").read_text("utf-8"))
        assert (ready["ca"], ready["control_token_file"]) == (server.ca, str(token))
        assert ready["control"] == server.control
    finally:
        server.stop()


def test_a_refusal_says_nothing_about_its_health(tmp_path):
    token = tmp_path / "token"
    token.touch(0o600)
    token.write_text(secrets.token_hex(32))
    server = Program(tmp_path, "--control-token-file", str(token)).start()
    try:
        assert fails(run("health", "--control", server.control), 2, "token")
        assert healthy(run("health", "--control", server.control, "--token-file", token))
    finally:
        server.stop()


@pytest.mark.sqlite("its file is taken away")
def test_one_that_cannot_write_is_not_healthy(tmp_path):
    server = Program(tmp_path).start()
    aside = server.data / "aside.db"
    (server.data / "book.db").rename(aside)
    try:
        assert fails(run("health", "--data", server.data), 1, "no longer where it was opened")
        aside.rename(server.data / "book.db")
        assert healthy(run("health", "--data", server.data))
    finally:
        server.stop()


def test_one_that_is_gone(tmp_path):
    """Stopped, and killed with what it said of itself still there."""
    server = Program(tmp_path)
    (port,) = free_ports(1)  # so that no other server is there when this one is gone
    server.arguments[server.arguments.index("--control") + 1] = f"127.0.0.1:{port}"
    server.start()
    assert (server.data / "ready.json").stat().st_mode & 0o777 == 0o600
    server.stop()
    assert not (server.data / "ready.json").exists()
    assert fails(run("health", "--data", server.data), 2, "tells no server")
    server.start()
    control = server.control
    server.kill()
    assert (server.data / "ready.json").exists()
    assert fails(run("health", "--data", server.data), 2, f"no server answers at {control}")
    server.start().stop()
    assert not (server.data / "ready.json").exists()


def test_one_that_does_not_answer_is_not_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        done = run("health", "--control", f"http://127.0.0.1:{silent.getsockname()[1]}", "--timeout", "1")
        assert fails(done, 2, "gave no answer")
        assert 1 <= time.monotonic() - started < 1 + 10 * PATIENCE


@pytest.mark.parametrize("timeout", ["0", "-1", "x", "1x", "3601", "99999999999999999999", ""])
def test_a_timeout_that_is_none(timeout):
    assert "is no number of seconds from 1 to 3600" in run("health", f"--timeout={timeout}").stderr


def test_where_nothing_says_which_server(tmp_path):
    done = run("health", env={"XDG_STATE_HOME": str(tmp_path)})
    assert done.returncode in (0, 2)  # whoever listens on the usual port of this machine
    assert fails(run("health", "--data", tmp_path / "none"), 2, "none/ready.json tells no server")
