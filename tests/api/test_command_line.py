"""The command line: help wherever one looks for it, wrong words told apart and what was meant, and the exit statuses"""

import re
import subprocess

import pytest

from client import PATIENCE
from program import BINARY

COMMANDS = re.findall(r"^  (\w+) ", subprocess.run([str(BINARY), "help"], capture_output=True, text=True, check=True).stdout, re.M)
COMMANDS = [name for name in COMMANDS if name != "fenzhang"]


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
    assert {"serve", "audit", "ca", "errors", "explain", "openapi"} <= set(COMMANDS)


@pytest.mark.parametrize("arguments", [["help"], ["--help"], ["-h"], ["-?"], ["help", "help"]], ids=" ".join)
def test_help(arguments):
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: fenzhang COMMAND") and "fenzhang serve --demo" in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command(name):
    told = {run(*arguments).stdout for arguments in ([name, "-h"], [name, "-?"], [name, "--help"], ["help", name], ["--help", name])}
    (help,) = told
    assert help.startswith(f"Usage: fenzhang {name} ") and "  -h, --help " in help
    assert "Example" in help.split("--version", 1)[1], "examples stand at the end"
    assert f"fenzhang {name}" in help.split("Example", 1)[1]
    assert run(name, "-h").returncode == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_version_and_usage_of_a_command(name):
    version = run("--version").stdout
    assert re.fullmatch(r"fenzhang \d+\.\d+\.\d+\n", version)
    assert {run(*arguments).stdout for arguments in ([name, "-V"], [name, "--version"], ["-V"], ["version"])} == {version}
    assert run(name, "--usage").stdout.startswith(f"Usage: fenzhang {name} ")


def test_help_stands_behind_other_options():
    assert run("serve", "--demo", "--data", "/nowhere", "-h").returncode == 0


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
    assert f"no command `{typed}'" in said and f"Did you mean `fenzhang {meant}'?" in said
    assert all(name in said for name in COMMANDS)


@pytest.mark.parametrize("typed", ["xyzzy", "x", "", "a" * 5000, "разбор", "ca/../serve"])
def test_no_command_was_meant(typed):
    said = fails(typed)
    assert "no command" in said and "Did you mean" not in said
    if typed:
        fails("help", typed)


def test_no_command_at_all():
    assert "fenzhang serve --demo" in fails()
    assert "the command comes before its options" in fails("--demo")


@pytest.mark.parametrize("arguments,meant", [
    (["serve", "--lisen", "8080"], "listen"), (["serve", "--listne=8080"], "listen"), (["serve", "--sed", "1"], "seed"),
    (["serve", "--contol-token-file", "f"], "control-token-file"), (["serve", "--demos"], "demo"), (["serve", "--hlep"], "help"),
    (["serve", "--data", "--demo", "--limit-s", "off"], "limits"),  # --demo is the value of --data here
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


@pytest.mark.parametrize("name", COMMANDS)
def test_no_option_was_meant(name):
    assert "no option `--xyzzy'" in fails(name, "--xyzzy") and "Did you mean" not in fails(name, "--xyzzy")
    assert "no option `-Z'" in fails(name, "-Z")
    assert "no option `-дZ'" in fails(name, "-дZ")
    assert fails(name, "--" + "a" * 5000)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("errors", "explain")])
def test_words_that_nobody_wants(name):
    assert "nothing to do with `stray'" in fails(name, "stray")
    assert "nothing to do with `--demo'" in fails(name, "--", "--demo")


def test_what_getopt_takes_is_taken(tmp_path):
    """Short names of options, values behind =, next to the letter or in the next word, and what begins like an option but is a value."""
    for arguments in (["--da", "none"], ["--data=none"], ["-d", "none"], ["-dnone"], ["-d", "-none"], ["--data", "--none"]):
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
