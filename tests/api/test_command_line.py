"""The command line: help wherever one looks for it, wrong words told apart and what was meant, and the exit statuses"""

import json
import os
import re
import sqlite3
import subprocess
from pathlib import Path

import pytest

from book import book_change
from client import PATIENCE
from program import BINARY, Program

def help_of(*words):
    return subprocess.run([str(BINARY), "help", *words], capture_output=True, text=True, check=True).stdout


def is_group(words):
    return help_of(*words).startswith(" ".join(["Usage: fenzhang", *words, "COMMAND "]))


def members(*words):
    """What a group's help lists; the whole program's without words."""
    return [(*words, name) for name in re.findall(r"^  ([\w-]+) ", help_of(*words).split("\nExamples:")[0], re.M) if name != "fenzhang"]


def commands(*group):
    """All that do something, each as its words: ("lab", "bills")"""
    return [one for words in members(*group) for one in (commands(*words) if is_group(words) else [words])]


NAMES = [words[0] for words in members()]
COMMANDS = commands()
WORDS = pytest.mark.parametrize("words", COMMANDS, ids=" ".join)


def run(*arguments, **more):
    return subprocess.run([str(BINARY), *map(str, arguments)], capture_output=True, text=True, timeout=20 * PATIENCE,
                          stdin=subprocess.DEVNULL, **more)


def fails(*arguments):
    """A mistake of usage: status 2, nothing on standard output. Gives what it says."""
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, ""), (arguments, done)
    assert done.stderr.startswith("fenzhang"), done.stderr
    return done.stderr


# ---- help ----


def test_there_are_commands():
    assert {"serve", "audit", "ca", "errors", "explain", "openapi"} <= set(NAMES)
    assert ("lab", "bills") in COMMANDS and ("lab",) not in COMMANDS


@pytest.mark.parametrize("arguments", [["help"], ["--help"], ["-h"], ["-?"], ["help", "help"]], ids=" ".join)
def test_help(arguments):
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: fenzhang COMMAND") and "fenzhang serve --demo" in done.stdout


@pytest.mark.plain  # of all commands, again and again: what reads them is the same
@WORDS
def test_help_of_a_command(words):
    name = " ".join(words)
    told = {run(*arguments).stdout for arguments in ([*words, "-h"], [*words, "-?"], [*words, "--help"], ["help", *words], ["--help", *words])}
    (help,) = told
    if help.startswith(f"Usage: fenzhang {name} COMMAND"):
        assert f"fenzhang {name} COMMAND -h" in help and f"\nExamples:\n  fenzhang {name} " in help
        return
    assert help.startswith(f"Usage: fenzhang {name} ") and "  -h, --help " in help
    assert "Example" in help.split("--version", 1)[1], "examples stand at the end"
    assert f"fenzhang {name}" in help.split("Example", 1)[1]
    assert run(*words, "-h").returncode == 0


@pytest.mark.parametrize("words", [words for words in members() if is_group(words)], ids=" ".join)
def test_help_of_a_group(words):
    told = {run(*arguments).stdout for arguments in ([*words, "-h"], [*words, "-?"], [*words, "--help"], ["help", *words], [*words, "help"])}
    (help,) = told
    assert all(re.search(rf"^  {member[-1]} ", help, re.M) for member in members(*words))
    assert " ".join(["fenzhang", *words]) in help.split("Example", 1)[1]


@pytest.mark.plain  # of all commands, again and again: what reads them is the same
@WORDS
def test_version_and_usage_of_a_command(words):
    version = run("--version").stdout
    assert re.fullmatch(r"fenzhang \d+\.\d+\.\d+\n", version)
    assert {run(*arguments).stdout for arguments in ([*words, "-V"], [*words, "--version"], ["-V"], ["version"])} == {version}
    assert run(*words, "--usage").stdout.startswith("Usage: fenzhang " + " ".join(words))


def test_help_stands_behind_other_options():
    assert run("serve", "--demo", "--data", "/nowhere", "-h").returncode == 0


def test_commands_stand_under_headings_that_fit_and_are_told_alike():
    """The four that are looked for first, and where; each line begins with what the command does."""
    help = run("-h").stdout
    under = {heading: re.findall(r"^  ([\w-]+) +", lines, re.M) for heading, lines in re.findall(r"^(\S.*):\n((?:  .+\n)+)", help, re.M)}
    assert {"balance", "refund", "errors", "explain", "openapi"} <= set(under["The API"])
    assert under["Bills and books"] == ["bill", "reconcile", "lab", "audit", "backup", "restore", "copy", "upgrade"] and under["A server of your own"] == ["serve", "health", "run", "world", "env", "ca"]
    assert {"clock", "pay", "tail", "watch", "replay", "control"} <= set(under["A running server, by hand"])
    assert [name for heading in under if heading != "Examples" for name in under[heading]] == NAMES
    groups = [[], *([name] for name in NAMES if "COMMAND [OPTION...]\n" in run(name, "-h").stdout)]
    for group in groups:
        for name, does in re.findall(r"^  ([\w-]+) {2,}(\S.*)$", run(*group, "-h").stdout, re.M):
            assert re.match(r"[a-z-]+s\b", does), (group, name, does)


@WORDS
def test_examples_of_help_can_be_pasted(words):
    """None is broken into two lines, of which the second is no command."""
    examples = re.search(r"^Examples?:\n((?:.+\n?)+)", run(*words, "-h").stdout, re.M)
    for line in examples[1].splitlines() if examples else []:
        assert line.startswith("  "), line


def test_the_options_of_serve_stand_in_groups():
    help = run("serve", "-h").stdout
    groups = re.findall(r"^ (\S.*):\n", help, re.M)
    assert len(groups) >= 5 and groups[0] == "The book"
    assert re.search(r"^ Addresses:\n(?:.+\n)*? +-l, --listen=", help, re.M)


# ---- commands and options that are not there ----


@pytest.mark.parametrize("typed,meant", [("serv", "serve"), ("server", "serve"), ("SERVE", "serve"), ("adit", "audit"), ("error", "errors"),
                                         ("oepnapi", "openapi"), ("expalin", "explain"), ("hlep", "help")])
def test_the_command_that_was_meant(typed, meant):
    said = fails(typed)
    assert f"no command `{typed}'" in said and f"Did you mean `fenzhang {meant}'? `fenzhang -h' tells" in said


@pytest.mark.parametrize("typed", ["xyzzy", "x", "", "a" * 5000, "разбор", "ca/../serve"])
def test_no_command_was_meant(typed):
    said = fails(typed)
    assert "no command" in said and "Did you mean" not in said and all(name in said for name in NAMES)
    if typed:
        fails("help", typed)


def test_no_command_at_all():
    assert "fenzhang serve --demo" in fails()
    assert "the command comes before its options" in fails("--demo")


@pytest.mark.parametrize("arguments,meant", [
    (["serve", "--lisen", "8080"], "listen"), (["serve", "--listne=8080"], "listen"), (["serve", "--sed", "1"], "seed"),
    (["serve", "--contol-token-file", "f"], "control-token-file"), (["serve", "--demos"], "demo"), (["serve", "--hlep"], "help"),
    (["serve", "--store", "--demo", "--limit-s", "off"], "limits"),  # --demo is the value of --store here
    (["serve", "--data", "d", "--calback-to", "any"], "callback-to"),
    (["serve", "-data", "./x"], "data"), (["serve", "-listen=8080"], "listen"), (["serve", "-demo"], "demo"), (["serve", "-help"], "help"),
    (["audit", "--dta", "d"], "data"), (["ca", "--hwo"], "how"), (["errors", "--markdwon"], "markdown"), (["explain", "--keys", "k"], "key"),
    (["openapi", "--versoin"], "version"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else value)
def test_the_option_that_was_meant(arguments, meant, tmp_path):
    done = run(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "") and "there is no option" in done.stderr
    assert f"Did you mean --{meant}?" in done.stderr
    assert f"Try `fenzhang {arguments[0]} --help'" in done.stderr
    assert list(tmp_path.iterdir()) == [], "nothing was made"


@pytest.mark.plain  # of all commands, again and again: what reads them is the same
@WORDS
def test_no_option_was_meant(words):
    assert "no option `--xyzzy'" in fails(*words, "--xyzzy") and "Did you mean" not in fails(*words, "--xyzzy")
    assert "no option `-Z'" in fails(*words, "-Z")
    assert "no option `-дZ'" in fails(*words, "-дZ")
    assert fails(*words, "--" + "a" * 5000)


@pytest.mark.parametrize("arguments,meant", [(["serve", "--port", "8080"], "listen"), (["serve", "--host=0.0.0.0"], "listen"), (["audit", "--dir", "x"], "data"),
                                             (["audit", "--db", "x"], "store"), (["ca", "--directory", "x"], "data")], ids=str)
def test_what_other_programs_call_an_option(arguments, meant):
    assert f"Did you mean --{meant}?" in fails(*arguments)
    assert "Did you mean" not in fails("openapi", "--port", "8080")


@pytest.mark.parametrize("arguments,said", [
    (["serve", "demo"], "Did you mean --demo?"), (["serve", "--demo", "./data"], "write --data ./data"), (["audit", "data"], "write --data data"),
    (["audit", "./book"], "write --data ./book"), (["ca", "how"], "Did you mean --how?"), (["env", "./book"], "write --data ./book"),
    (["env", "json"], "Did you mean --json?"), (["openapi", "./x"], "nothing to do with `./x'"),
], ids=str)
def test_words_that_miss_their_dashes(arguments, said):
    assert said in fails(*arguments)


@pytest.mark.parametrize("name", ["serve", "audit", "ca", "env"])
def test_an_option_is_not_taken_for_a_directory(tmp_path, name):
    done = run(name, "--data", "--demo", cwd=tmp_path)
    assert done.returncode == 2 and "names no directory but the option --demo" in done.stderr and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [["serve"], ["audit"], ["ca"], ["env"], ["backup", "--to", "b"], ["restore", "--from", "b"], ["upgrade", "--check"],
                                     ["world", "export"], ["health"]], ids=" ".join)
@pytest.mark.parametrize("prefix", ["", "/"], ids=["relative", "absolute"])
def test_a_directory_whose_path_is_too_long(tmp_path, command, prefix):
    done = run(*command, "--data", prefix + "long/" * 820, cwd=tmp_path)
    assert done.returncode == 2 and "the path of the data directory is too long" in done.stderr and list(tmp_path.iterdir()) == []


def test_an_engine_is_not_taken_for_a_file(tmp_path):
    for url in ("mysql:x", "postgres:"):
        for name in (["audit"], ["serve", "--listen", "0", "--control", "0"]):
            done = run(*name, "--store", url, "--data", tmp_path / "data", cwd=tmp_path)
            assert done.returncode == 2 and "sqlite:PATH" in done.stderr, (url, name)
    assert "mysql:x" not in [path.name for path in tmp_path.iterdir()]


def test_a_database_that_is_not_there(tmp_path):
    for name in (["audit"], ["serve", "--listen", "0", "--control", "0"]):
        done = run(*name, "--store", f"postgresql://nobody@/none?host={tmp_path}", "--data", tmp_path / "data", cwd=tmp_path)
        assert done.returncode == 2 and "The book's database cannot be reached" in done.stderr, name


@pytest.mark.parametrize("content", [None, "", "-----BEGIN NOTHING-----\n"])
def test_a_ca_for_callbacks_that_is_none(tmp_path, content):
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    done = run("serve", "--data", tmp_path / "data", "--listen", "0", "--control", "0", "--callback-ca", tmp_path / "ca.pem")
    assert done.returncode == 2 and "--callback-ca" in done.stderr and not (tmp_path / "data").exists()


def test_explain_says_what_it_cannot_read(tmp_path):
    (tmp_path / "empty").touch()
    (tmp_path / "long").write_bytes(b"x" * (1 << 20))
    (tmp_path / "text").write_text("hello\n")
    for name, said in (("none", "No such file"), (".", "Is a directory"), ("empty", "it is empty"), ("long", "longer than 1 MiB"), ("text", "no line like")):
        message = fails("explain", tmp_path / name)
        assert said in message and str(tmp_path / name) in message
    assert "the standard input" in fails("explain")


def takes_no_words(words):
    first, second = help_of(*words).splitlines()[:2]
    return first.rstrip().endswith(" [OPTION...]") and not second.startswith("  or:")


@pytest.mark.parametrize("words", filter(takes_no_words, COMMANDS), ids=" ".join)
def test_words_that_nobody_wants(words):
    assert "nothing to do with `stray'" in fails(*words, "stray")
    assert "nothing to do with `--demo'" in fails(*words, "--", "--demo")


def test_what_getopt_takes_is_taken(tmp_path):
    """Short names of options, values behind =, next to the letter or in the next word, and what begins like an option but is a value."""
    for arguments in (["--da", "none"], ["--data=none"], ["-d", "none"], ["-dnone"], ["-d", "./--none"], ["--store", "-none"]):
        done = run("audit", *arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "") and "there is no book" in done.stderr and "none" in done.stderr, arguments
    assert "ambiguous" in fails("serve", "--callback", "x")
    assert "requires an argument" in fails("serve", "--seed")


# ---- where the server listens ----


def serves(tmp_path, *arguments):
    """The ready line of a server that is ended at once."""
    command = [str(BINARY), "serve", "--data", str(tmp_path / "data"), "--control", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        line = server.stdout.readline()
        server.terminate()
        assert server.wait(20 * PATIENCE) == 0
    return line


@pytest.mark.parametrize("address", ["0", ":0"])
def test_a_port_alone_is_of_loopback(tmp_path, address):
    assert re.match(r"ready api=http://127\.0\.0\.1:[1-9]\d* control=http://127\.0\.0\.1:[1-9]\d* ", serves(tmp_path, "--listen", address))


def test_all_addresses_are_told_as_one_that_can_be_called(tmp_path):
    line = serves(tmp_path, "--listen", "0.0.0.0:0", "--tls", "--demo")
    assert line.startswith("ready api=https://127.0.0.1:")
    environment = (tmp_path / "data" / "demo.env").read_text()
    assert "BASE_URL=https://127.0.0.1:" in environment and "0.0.0.0" not in environment


@pytest.mark.parametrize("option", ["--listen", "--control", "--proxy"])
def test_a_port_that_is_taken_names_its_option(program, tmp_path, option):
    running = program()
    taken = running.api.rsplit(":", 1)[1]
    arguments = {"--listen": "0", "--control": "0", "--proxy": "0", option: taken}
    done = run("serve", "--data", tmp_path / "other", *[word for pair in arguments.items() for word in pair])
    assert done.returncode == 2 and f"{option} PORT" in done.stderr and f"{option} 0 picks a free one" in done.stderr
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("address,said", [("nowhere", "PORT"), ("127.0.0.1", "PORT"), ("127.0.0.1:99999", "65535"), ("192.0.2.1:0", "no address of this machine")])
def test_addresses_that_are_none(tmp_path, address, said):
    done = run("serve", "--data", tmp_path / "data", "--control", "0", "--listen", address)
    assert done.returncode == 2 and said in done.stderr and "--listen" in done.stderr


# ---- env ----


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The data directory of a demo book, with all that a shell would stumble over in its path."""
    directory = tmp_path_factory.mktemp("it's $HOME `x` \"账\"")
    running = Program(directory, "--proxy", "0", demo=True).start()
    running.stop()
    return running


def by_a_shell(lines, *, exported=False):
    """NAME → value as `sh` understands the lines: its own variables, or what a program below it finds in its environment."""
    names = re.findall(r"^(?:export )?([A-Z0-9_]+)=", lines, re.M)
    tell = "env -0" if exported else "".join(f"printf '{name}=%s\\0' \"${name}\"; " for name in names)
    done = subprocess.run(["sh", "-eu", "-c", lines + tell], capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin"})
    found = dict(one.split("=", 1) for one in done.stdout.split("\0") if one)
    return {name: found[name] for name in names}


def test_env_tells_the_same_in_every_way(made):
    data = ["env", "--data", made.data]
    named = json.loads(run(*data, "--json").stdout)
    plain = run(*data).stdout
    assert plain == (made.data / "demo.env").read_text("utf-8")
    assert by_a_shell(plain) == named
    exported = run(*data, "--export").stdout
    assert {line.split(" ")[0] for line in exported.splitlines()} == {"export"}
    assert by_a_shell(exported, exported=True) == named
    docker = dict(line.split("=", 1) for line in run(*data, "--docker").stdout.splitlines())  # docker takes all behind = as it is
    assert docker == named
    assert Path(named["PRIVATE_KEY_PEM"]).is_file() and named["PROXY_URL"].startswith("http://127.0.0.1:")


def test_one_way_at_a_time(made):
    assert "give one of them" in fails("env", "--data", made.data, "--json", "--export")
    assert run("env", "--data", made.data, "--json", "--json").returncode == 0


def test_env_of_a_path_with_a_line_feed(tmp_path):
    directory = tmp_path / "a\nb"
    directory.mkdir()
    running = Program(directory, demo=True)
    with subprocess.Popen(running.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout.readline().startswith("ready ")  # the rest of it is in the next line: --ready-file is for that
        process.terminate()
    named = json.loads(run("env", "--data", running.data, "--json").stdout)
    assert "\n" in named["PRIVATE_KEY_PEM"] and Path(named["PRIVATE_KEY_PEM"]).is_file()
    assert by_a_shell(run("env", "--data", running.data).stdout) == named
    done = run("env", "--data", running.data, "--docker")
    assert done.returncode == 2 and "PRIVATE_KEY_PEM" in done.stderr and "line feed" in done.stderr


def test_env_says_what_is_missing(tmp_path):
    assert "no book in" in fails("env", "--data", tmp_path / "none")
    running = Program(tmp_path).start()
    running.stop()
    said = fails("env", "--data", running.data)
    assert "not the demo book" in said and f"{running.data}/merchants" in said
    (running.data / "demo.env").write_text("MCHID=`reboot`\n")
    (running.data / "demo.env").chmod(0o600)
    assert "MCHID" in fails("env", "--data", running.data)
    (running.data / "demo.env").chmod(0o644)
    assert "chmod 600" in fails("env", "--data", running.data)


@pytest.mark.parametrize("arguments", [["help"], ["errors"], ["errors", "--json"], ["errors", "NOT_ENOUGH"], ["openapi"], ["audit"], ["audit", "--json"],
                                       ["env"], ["env", "--json"], ["ca"]], ids=" ".join)
def test_a_disk_that_is_full_is_told(made, arguments):
    """Also where all fits into the buffer of the C library, so that the end alone shows it."""
    run("ca", "--data", made.data)
    data = made.book if arguments[0] == "audit" else ["--data", str(made.data)] if arguments[0] in ("env", "ca") else []
    with open("/dev/full", "w") as full:
        done = subprocess.run([str(BINARY), *arguments, *data], stdout=full, stderr=subprocess.PIPE, text=True, timeout=20 * PATIENCE)
    assert done.returncode == 2 and done.stderr.count("fenzhang: ") == 1 and "written" in done.stderr


# ---- audit ----


def test_audit(made):
    done = run("audit", *made.book)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.endswith("The book is sound.\n")
    told = run("audit", *made.book, "--json")
    assert (told.returncode, told.stderr) == (0, "")
    totals = json.loads(told.stdout)
    assert totals["findings"] == 0 and totals["payments"] == 6 and totals["held"] == totals["paid_in"] > 0
    lines = dict(re.findall(r"^(\w+) +(\d+)$", done.stdout, re.M))
    assert {name: int(count) for name, count in lines.items()} == {name: totals[name] for name in lines} and len(lines) == 8


def test_audit_of_a_book_that_is_not_sound(tmp_path):
    running = Program(tmp_path, demo=True).start()
    running.stop()
    book_change(running, "UPDATE payment SET distributable = distributable + 1 WHERE transaction_id = '4208450740201411110007820472'")
    done, told = run("audit", *running.book), run("audit", *running.book, "--json")
    assert (done.returncode, done.stderr) == (1, "") == (told.returncode, told.stderr)
    found = json.loads(told.stdout)
    assert found["findings"] == len(found["first"]) > 0
    assert all(f"  {one}\n" in done.stdout for one in found["first"])


@pytest.mark.sqlite("a book in a database is held by nobody")
def test_audit_asks_the_server_that_holds_the_book(program):
    """The directory says where; if it does not, somebody has to."""
    other = program()
    assert run("audit", "--data", other.data).stdout.endswith("The book is sound.\n")
    (other.data / "ready.json").unlink()
    said = fails("audit", "--data", other.data)
    assert "held by another server" in said and "fenzhang audit --control URL" in said
    assert run("audit", "--data", other.data, "--control", other.control).stdout.endswith("The book is sound.\n")


def test_audit_speaks_of_a_server_only_where_one_holds_the_book(tmp_path):
    for name in ("none", "."):
        said = fails("audit", "--data", tmp_path / name)
        assert "there is no book" in said and "--control" not in said
    (tmp_path / "book.db").write_bytes(b"x" * 5000)
    (tmp_path / "book.db").chmod(0o600)
    assert "--control" not in fails("audit", "--data", tmp_path)


# ---- what is no book ----


def a_database(path):
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE x (y)")


@pytest.mark.parametrize("make,said", [
    (lambda path: path.write_bytes(os.urandom(5000)), "is not a book: it is no SQLite database"),
    (lambda path: path.write_text("hello\n"), "is not a book: it is no SQLite database"),
    (lambda path: path.write_bytes(b"SQLite format 3\0"), "is not a book: it is no SQLite database"),
    (a_database, "is a database of another program, not a book"),
], ids=["garbage", "text", "head", "other"])
@pytest.mark.parametrize("secret", [None, "damaged"])
def test_every_command_calls_it_that(tmp_path, make, said, secret):
    """Whatever else is wrong in the directory, and without leaving anything there."""
    make(tmp_path / "book.db")
    (tmp_path / "book.db").chmod(0o600)
    if secret is not None:
        (tmp_path / "secret.key").write_text(secret)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    signed = 'GET /x HTTP/1.1\r\nAuthorization: WECHATPAY2-SHA256-RSA2048 mchid="1900000100",nonce_str="N",timestamp="1",serial_no="A",signature="AAAA"\r\n\r\n'
    for name in ("serve", "audit", "env", "ca", "explain"):
        options = ["--listen", "0", "--control", "0"] if name == "serve" else []
        done = subprocess.run([str(BINARY), name, "--data", str(tmp_path), *options], capture_output=True, text=True,
                              timeout=20 * PATIENCE, input=signed)
        assert (done.returncode, done.stdout) == (2, ""), name
        assert f"{tmp_path}/book.db {said}" in done.stderr, (name, done.stderr)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


# ---- ca ----


def test_ca_says_that_it_made_one(tmp_path):
    """Once; and a directory that does not exist yet is made, where its parent is."""
    first, second = run("ca", "--data", tmp_path / "new"), run("ca", "--data", tmp_path / "new")
    assert first.returncode == 0 and "a new one was made" in first.stderr and str(tmp_path / "new") in first.stderr
    assert (second.stdout, second.stderr) == (first.stdout, "")
    assert run("ca", "--how", env={"XDG_STATE_HOME": str(tmp_path / "state" / "deep")}).returncode == 0  # not named by anybody


def test_ca_refuses_what_looks_like_a_slip(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "book.db").touch()
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "main.c").touch()
    for name, said in (("nonexistent/data", "not even the directory"), ("dta", "Did you mean " + str(tmp_path / "data")),
                       ("datas/", "Did you mean " + str(tmp_path / "data")), ("source", "not a server's")):
        assert said in fails("ca", "--data", f"{tmp_path}/{name}"), name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "source"]
    assert [path.name for path in (tmp_path / "source").iterdir()] == ["main.c"]
    (tmp_path / "dta").mkdir()  # meant all the same
    assert run("ca", "--data", tmp_path / "dta").returncode == 0
