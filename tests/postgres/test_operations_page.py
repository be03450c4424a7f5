"""docs/operations.md: every command of the page, in its order, but for those of its backup (test_backup_drill.py). Ports are free ones, and PostgreSQL's
address is in the variables that libpq reads. Metrics, and lines of configuration, are there as the page quotes them."""

import os
import re
import secrets
import urllib.parse

import pytest
import requests
import yaml

from callbacks import until
from pages import ROOT, Shell, blocks, section
from ports import free_ports
from program import BINARY, POSTGRES

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
PORTS = ("8081", "8082", "8091", "8092", "8083", "8093", "8094")


class Place:
    """An empty directory, a shell in it, and a database's name that nobody else has."""

    def __init__(self, directory):
        self.directory = directory
        ours = dict(zip(PORTS, map(str, free_ports(len(PORTS)))))
        self.loop = {f"127.0.0.1:{digits[:3]}$n": f"127.0.0.1:$(echo {ours[digits]} {ours[digits[:3] + '2']} | cut -d' ' -f$n)" for digits in ("8081", "8091")}
        self.ports = {f"127.0.0.1:{port}": f"127.0.0.1:{own}" for port, own in ours.items()}
        self.name = f"fenzhang_page_{secrets.token_hex(4)}"
        server = urllib.parse.urlsplit(POSTGRES)
        host = urllib.parse.parse_qs(server.query)["host"][0]
        (directory / "bin").mkdir()
        (directory / "bin" / "fenzhang").symlink_to(BINARY)
        path = f"{directory}/bin:{os.environ['PATH']}"
        self.shell = Shell(directory, {**os.environ, "PATH": path, "PGHOST": host, "PGUSER": server.username, "PGDATABASE": "postgres"})

    def here(self, text):
        for name, ours in {**self.loop, **self.ports}.items():
            text = text.replace(name, ours)
        text = re.sub(r'(createdb |postgresql:///|(?<=") )(west|east)\b', lambda found: f"{found[1]}{self.name}_{found[2]}", text)
        return re.sub(r"createdb fenzhang\b|postgresql:///fenzhang\b|(?<=['\"]) fenzhang$", lambda found: found[0].replace("fenzhang", self.name), text, flags=re.M)

    def paste(self, heading):
        found = blocks(section(PAGE, heading), "sh")
        assert found, heading
        return [self.shell.paste(self.here(content)) for _, content in found]

    def close(self):
        self.shell.paste("for n in 1 2 spread; do ! [ -s ready-$n.json ] || kill $(sed -n 's/.*\"pid\": *\\([0-9]*\\).*/\\1/p' ready-$n.json); done; wait")
        self.shell.close()


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    made.close()


ELSEWHERE = {"## Backup and restore", "## Moving a book"}  # pasted by test_backup_drill.py and test_copy.py


def with_commands():
    headings = re.findall(r"^## .+$", PAGE, re.M)
    return [heading for heading in headings if heading not in ELSEWHERE and blocks(section(PAGE, heading), "sh")]


def test_every_command_of_the_page(place):
    printed = {heading: place.paste(heading) for heading in with_commands()}
    first, second = printed.pop("## Two processes")
    assert first.count("R0001") >= 2
    assert "The book is sound." in second and second.count("ok\n") == 2
    west, east = printed.pop("## Growing past one primary")
    assert "R0001" in west and "1900000100|R0001|100\n1900000300|R0001|100\n" in east and east.count("The book is sound.") == 2
    (schema,) = printed.pop("## Upgrading")
    version, needed = map(int, re.search(r"^ +(\d+) \| +(\d+)$", schema, re.M).groups())
    assert 0 < needed <= version
    (looked,) = printed.pop("## Looking into the database")
    assert re.search(r"^ fenzhang +\| idle ", looked, re.M) and re.search(r"^ event +\|", looked, re.M)
    assert {path.name for path in (place.directory / "process-1").iterdir()} - named_files() == set()
    until(lambda: not_told(place.here("http://127.0.0.1:8091")) == set())


def not_told(control):
    """Of what the rules look at. What is read in a database that has not answered for a second is left out, until the next time."""
    metrics = requests.get(control + "/metrics", timeout=60).text
    return {name for name in alarmed() if not re.search(rf"^{name}(?:\{{.*\}})? ", metrics, re.M)}


def named_files():
    """What the page says that a process keeps."""
    rows = re.findall(r"^\| (`[^|]*) \|", section(PAGE, "## What a process keeps"), re.M)
    return set(re.findall(r"`([\w.-]+)/?`", "\n".join(rows)))


def test_the_first_ten_lines_are_ten():
    assert len(blocks(section(PAGE, "## Two processes"), "sh")[0][1].splitlines()) == 10


def alarmed():
    """The metrics that the rules of the page look at."""
    ((_, rules),) = blocks(section(PAGE, "## What to watch"), "yaml")
    (group,) = yaml.safe_load(rules)["groups"]
    assert len(group["rules"]) > 6 and all(rule["annotations"]["summary"] for rule in group["rules"])
    return {name for rule in group["rules"] for name in re.findall(r"\bfenzhang_\w+", rule["expr"])}


def test_the_lines_of_patroni_are_those_of_the_tests():
    ((_, quoted),) = blocks(section(PAGE, "## A database that outlives its machines"), "yaml")
    lines = [line.strip() for line in (ROOT / "tests" / "cluster" / "patroni.yml").read_text("utf-8").splitlines()]
    assert [line for line in quoted.splitlines() if line not in lines] == []
    assert len(quoted.splitlines()) > 5
