"""docs/operations.md: every command of the page, in its order. Ports are free ones, and PostgreSQL's address is in the variables that libpq reads."""

import os
import re
import socket
import urllib.parse

import pytest

from pages import ROOT, Shell, blocks, section
from program import BINARY, POSTGRES

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
PORTS = ("8081", "8082", "8091", "8092")


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    found = [str(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return found


class Place:
    """An empty directory, a shell in it, and a database's name that nobody else has."""

    def __init__(self, directory):
        ours = dict(zip(PORTS, free_ports(len(PORTS))))
        self.loop = {f"127.0.0.1:{digits[:3]}$n": f"127.0.0.1:$(echo {ours[digits]} {ours[digits[:3] + '2']} | cut -d' ' -f$n)" for digits in ("8081", "8091")}
        self.ports = {f"127.0.0.1:{port}": f"127.0.0.1:{own}" for port, own in ours.items()}
        self.name = f"fenzhang_page_{os.getpid()}"
        server = urllib.parse.urlsplit(POSTGRES)
        host = urllib.parse.parse_qs(server.query)["host"][0]
        (directory / "bin").mkdir()
        (directory / "bin" / "fenzhang").symlink_to(BINARY)
        path = f"{directory}/bin:{os.environ['PATH']}"
        self.shell = Shell(directory, {**os.environ, "PATH": path, "PGHOST": host, "PGUSER": server.username, "PGDATABASE": "postgres"})

    def here(self, text):
        for name, ours in {**self.loop, **self.ports}.items():
            text = text.replace(name, ours)
        return re.sub(r"createdb fenzhang\b|postgresql:///fenzhang\b|(?<=')\s+fenzhang$", lambda found: found[0].replace("fenzhang", self.name), text, flags=re.M)

    def paste(self, heading):
        found = blocks(section(PAGE, heading), "sh")
        assert found, heading
        return [self.shell.paste(self.here(content)) for _, content in found]

    def close(self):
        self.shell.paste("for n in 1 2; do ! [ -s ready-$n.json ] || kill $(sed -n 's/.*\"pid\": *\\([0-9]*\\).*/\\1/p' ready-$n.json); done; wait")
        self.shell.close()


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    made.close()


def test_every_command_of_the_page(place):
    first, second = place.paste("## Two processes")
    assert "R0001" in first.rpartition("\n\n")[2] or first.count("R0001") >= 2
    assert second.startswith("The book is sound.") or "The book is sound." in second
    assert second.count("ok\n") == 2
    (schema,) = place.paste("## Upgrading")
    version, needed = map(int, re.search(r"^ +(\d+) \| +(\d+)$", schema, re.M).groups())
    assert 0 < needed <= version


def test_the_first_ten_lines_are_ten():
    assert len(blocks(section(PAGE, "## Two processes"), "sh")[0][1].splitlines()) == 10
