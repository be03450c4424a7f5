"""serve as a service of systemd: sockets that are handed over, a data directory that is named by STATE_DIRECTORY, and what systemd is told.
Here the test is systemd; tests/packaging has the real one."""

import os
import signal
import socket
import subprocess

import pytest

from client import PATIENCE
from control import Control
from program import BINARY, Program

# LISTEN_PID is the process's own number, which only the process that becomes it can know.
HANDS_OVER = ["sh", "-c", 'exec env LISTEN_PID=$$ LISTEN_FDS="$0" "$@"']


@pytest.fixture(autouse=True, scope="module")
def _needed():
    needed = subprocess.run(["ldd", BINARY], capture_output=True, text=True, timeout=60 * PATIENCE).stdout
    assert "libsystemd.so" in needed, "script/bootstrap installs libsystemd-dev, which the build had to find"


class Systemd:
    """What the manager of a service does: opens sockets, names the state directory, listens to what it is told."""

    def __init__(self, directory):
        self.path = directory / "notify"
        self.told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.told.bind(str(self.path))
        self.told.settimeout(20 * PATIENCE)
        self.state = directory / "state"
        self.state.mkdir()
        self.log = directory / "log"
        self.sockets = []

    def listen(self, count):
        """Sockets of the numbers 3, 4, …: their addresses."""
        self.sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
        return [f"http://127.0.0.1:{one.getsockname()[1]}" for one in self.sockets]

    def start(self, *options):
        return self.start_with(self.sockets, *options)

    def start_with(self, sockets, *options):
        # Places of their own first: a number from 3 on may be taken by one that has to go elsewhere.
        high = [os.dup2(one.fileno(), 100 + i) for i, one in enumerate(sockets)]
        moved = " ".join(f"{3 + i}<&{100 + i} {100 + i}<&-" for i in range(len(sockets)))
        command = ["bash", "-c", f'exec "$@" {moved}', "bash", *HANDS_OVER, str(len(sockets)), str(BINARY), "serve", *options]
        environment = {**os.environ, "NOTIFY_SOCKET": str(self.path), "STATE_DIRECTORY": f"{self.state}:/var/lib/another"}
        try:
            with open(self.log, "ab") as log:
                return subprocess.Popen(command, pass_fds=high, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        finally:
            for number in high:
                os.close(number)

    def hears(self):
        return dict(line.split("=", 1) for line in self.told.recv(8192).decode().splitlines())


@pytest.fixture
def systemd(tmp_path):
    manager = Systemd(tmp_path)
    yield manager
    for one in [manager.told, *manager.sockets]:
        one.close()


def ends(process, status):
    assert process.wait(20 * PATIENCE) == status
    process.stdout.close()


def test_it_tells_when_it_opens_the_book_when_it_is_ready_and_when_it_stops(systemd):
    process = systemd.start("--listen", "0", "--control", "0")
    assert systemd.hears() == {"STATUS": "Opening the book"}
    ready = systemd.hears()
    api, control = (word.split("=")[1] for word in process.stdout.readline().split()[1:3])
    assert ready == {"READY": "1", "STATUS": f"Serving the API on {api}, control on {control}"}
    assert Control(control).get("/health")["status"] == "ok"
    process.send_signal(signal.SIGTERM)
    assert systemd.hears() == {"STOPPING": "1", "STATUS": "Finishing what is in hand"}
    ends(process, 0)


def test_its_data_directory_is_the_first_state_directory(systemd):
    process = systemd.start("--listen", "0", "--control", "0")
    assert f" data={systemd.state}\n" in process.stdout.readline()
    assert (systemd.state / "book.db").exists()
    process.terminate()
    ends(process, 0)


def test_the_first_socket_is_the_api_and_the_second_the_control_interface(systemd):
    api, control = systemd.listen(2)
    process = systemd.start("--listen", "127.0.0.1:1", "--control", "127.0.0.1:1")  # which root alone may take, and nobody does
    assert process.stdout.readline() == f"ready api={api} control={control} data={systemd.state}\n"
    assert Control(control).get("/health")["status"] == "ok"
    process.terminate()
    ends(process, 0)


def test_a_call_that_was_made_before_the_start_is_answered(systemd):
    _, control = systemd.listen(2)
    with socket.create_connection(systemd.sockets[1].getsockname(), 60 * PATIENCE) as early:
        early.sendall(b"GET /health HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        process = systemd.start()
        assert early.recv(100).startswith(b"HTTP/1.1 200"), control
    process.terminate()
    ends(process, 0)


def test_one_socket_is_the_api_and_the_rest_is_as_the_options_say(systemd):
    (api,) = systemd.listen(1)
    process = systemd.start("--control", "0")
    line = process.stdout.readline()
    assert f"api={api} " in line and "control=http://127.0.0.1:8081 " not in line
    process.terminate()
    ends(process, 0)


def test_a_third_socket_is_the_proxy_if_one_is_wanted(systemd):
    _, _, proxy = systemd.listen(3)
    process = systemd.start("--proxy", "127.0.0.1:1")
    assert process.stdout.readline().endswith(f" proxy={proxy}\n")
    process.terminate()
    ends(process, 0)


def refused(systemd, process):
    ends(process, 2)
    systemd.hears()
    status = systemd.hears()["STATUS"]
    assert status in systemd.log.read_text("utf-8")
    assert not list(systemd.state.iterdir()), "a start that is refused leaves nothing behind"
    return status


def test_a_third_socket_without_a_use_is_refused(systemd):
    systemd.listen(3)
    assert "handed over 3 sockets, and there is a use for 2" in refused(systemd, systemd.start())


@pytest.mark.parametrize("make", [
    lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    lambda: socket.socketpair()[0],
    lambda: open(os.devnull, "rb"),
], ids=["not listening", "datagrams", "connected", "a file"])
def test_what_is_no_listening_socket_is_refused(systemd, make):
    with make() as wrong:
        assert "in place of --listen is no TCP socket that listens" in refused(systemd, systemd.start_with([wrong]))


def test_sockets_for_another_process_are_none_of_its_business(tmp_path):
    """Variables that are handed on by a parent that forgot to remove them."""
    running = Program(tmp_path)
    os.environ.update(LISTEN_PID="1", LISTEN_FDS="2", NOTIFY_SOCKET="/nonexistent/notify")
    try:
        running.start()
    finally:
        for name in ("LISTEN_PID", "LISTEN_FDS", "NOTIFY_SOCKET"):
            del os.environ[name]
    running.stop()


def test_a_control_interface_that_others_could_reach_is_refused_on_a_socket_as_on_an_address(systemd):
    systemd.sockets = [socket.create_server(("127.0.0.1", 0)), socket.create_server(("0.0.0.0", 0))]
    why = refused(systemd, systemd.start())
    assert "cannot listen on the socket that was handed over: other machines could reach it" in why
