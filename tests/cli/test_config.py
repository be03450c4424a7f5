"""Who calls: profiles, variables, demo.env; and the file of profiles changed without harm."""
import json
import os
import re
import stat
import subprocess

import pytest
from program import BINARY

from command import run, start
from terminal import on_terminal


@pytest.fixture
def home(tmp_path):
    return {"XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "config" / "fenzhang" / "config"


@pytest.fixture
def config(home):
    return lambda *arguments, **more: run("config", *arguments, env={**home, **more.pop("env", {})}, **more)


def done(answer):
    assert (answer.returncode, answer.stderr) == (0, ""), answer
    return answer.stdout


def settle(server, config, profile="default", prefix=""):
    """A profile for the demo book's institution (or its direct merchant), its keys by their paths."""
    numbers = server.demo
    for name, value in (("mchid", numbers[prefix + "MCHID"]), ("serial_no", numbers[prefix + "SERIAL_NO"]), ("hosts", server.api),
                        ("private_key_file", numbers[prefix + "PRIVATE_KEY_PEM"]), ("certificate_file", numbers[prefix + "CERTIFICATE_PEM"]),
                        ("apiv3_key_file", server.data / "merchants" / numbers[prefix + "MCHID"] / "apiv3_key")):
        done(config("set", "--profile", profile, name, value))


def test_a_number_that_is_none_is_not_settled(config, file):
    done(config("set", "mchid", "1900000100"))
    before = file.read_bytes()
    for name, value in (("mchid", "abc"), ("sub_mchid", "19000 00109"), ("appid", "")):
        refused = config("set", name, value)
        assert (refused.returncode, file.read_bytes()) == (2, before) and f"`{value}' is no {name}, so nothing was changed" in refused.stderr


def test_where_nothing_is_settled_the_list_says_how_to_begin(config):
    listed = config("list")
    assert (listed.returncode, listed.stdout) == (0, "") and "fenzhang config set mchid NUMBER" in listed.stderr


# ---- where settings come from ----


def test_a_profile_is_all_that_a_call_needs(server, config, home, file):
    settle(server, config)
    done(config("set", "sub_mchid", server.demo["SUB_MCHID"]))
    assert run("balance", "--json", env=home).stdout == '{"sponsor_mchid":"1900000100","balance":1000,"currency":"CNY"}\n'
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and done(config("path")) == f"{file}\n"


def test_options_go_before_variables_and_variables_before_the_default_profile(server, config, home):
    settle(server, config)
    settle(server, config, "direct", "DIRECT_")
    direct = server.demo["DIRECT_MCHID"]

    def merchant(*options, **more):
        return json.loads(run("whoami", "--json", *options, env={**home, **more}).stdout)["mchid"]

    assert merchant() == "1900000100" and merchant("--profile", "direct") == direct == merchant(FENZHANG_PROFILE="direct")
    assert merchant("--profile", "default", FENZHANG_PROFILE="direct") == "1900000100"
    assert merchant("--env", server.data / "demo.env", FENZHANG_PROFILE="direct", FENZHANG_MCHID="1900000999") == "1900000100"
    assert merchant(FENZHANG_MCHID="1900000999") == "1900000999"
    demo = {"FENZHANG_ENV": str(server.data / "demo.env")}  # has a DIRECT_MCHID, and no OTHER_MCHID
    done(config("set", "--profile", "other", "mchid", "1900000777"))
    assert merchant(**demo) == "1900000100" and merchant("--profile", "direct", **demo) == direct
    assert merchant("--profile", "other", **demo) == "1900000777"
    moved = json.loads(run("config", "list", "--json", env={**home, "FENZHANG_HOSTS": "https://other.example"}).stdout)
    assert moved["hosts"] == {"value": "https://other.example", "from": "FENZHANG_HOSTS"} and moved["mchid"]["from"].startswith("profile default of ")


def test_a_key_never_goes_with_another_merchant_s_number(server, config, home):
    """Who names a merchant in the environment has none of the profile's keys."""
    settle(server, config)
    listed = json.loads(run("config", "list", "--json", env={**home, "FENZHANG_MCHID": "1900000999"}).stdout)
    assert set(listed) == {"mchid"}
    refused = run("balance", env={**home, "FENZHANG_MCHID": "1900000999"})
    assert refused.returncode == 2 and "serial_no" in refused.stderr


def test_variables_alone_are_enough(server):
    numbers = server.demo
    named = {"FENZHANG_MCHID": numbers["MCHID"], "FENZHANG_SUB_MCHID": numbers["SUB_MCHID"], "FENZHANG_SERIAL_NO": numbers["SERIAL_NO"],
             "FENZHANG_PRIVATE_KEY_FILE": numbers["PRIVATE_KEY_PEM"], "FENZHANG_APIV3_KEY": numbers["APIV3_KEY"], "FENZHANG_BASE_URL": server.api}
    assert '"balance":1000' in done(run("balance", "--json", env=named))


def test_nobody_is_named(home):
    nobody = run("balance", env=home)
    assert nobody.returncode == 2 and "nobody is named who calls" in nobody.stderr and "--env DIR/demo.env" in nobody.stderr
    unknown = run("balance", "--profile", "prod", env=home)
    assert unknown.returncode == 2 and "no profile `prod'" in unknown.stderr


def test_an_env_file_that_is_none(tmp_path, home):
    (tmp_path / "demo.env").write_text("MCHID=`reboot`\n")
    assert "line 1" in run("balance", "--env", tmp_path / "demo.env", env=home).stderr
    assert "cannot be read" in run("balance", "--env", tmp_path / "none", env=home).stderr
    (tmp_path / "demo.env").write_text("SERIAL_NO=A\n")
    assert "has no MCHID" in run("balance", "--env", tmp_path / "demo.env", env=home).stderr
    assert "has no DIRECT_MCHID" in run("balance", "--env", tmp_path / "demo.env", "--profile", "direct", env=home).stderr


# ---- whoami ----


def test_whoami_sees_what_does_not_belong_together(server, config, home):
    settle(server, config)
    assert run("whoami", env=home).returncode == 0
    for name, value, said in (("certificate_file", server.demo["DIRECT_CERTIFICATE_PEM"], "does not belong to the private key"),
                              ("private_key_file", "/etc/passwd", "private key cannot be read"),
                              ("certificate_file", "/etc/passwd", "certificate cannot be read"), ("serial_no", "A" * 40, "another serial number")):
        before = done(config("get", name)).strip()
        done(config("set", name, value))
        wrong = run("whoami", env=home)
        assert wrong.returncode == 1 and said in wrong.stdout, wrong
        done(config("set", name, before))
    assert "fits the key; valid until 2049" in run("whoami", env=home).stdout


# ---- the file ----


def test_what_else_is_in_the_file_stays(config, file):
    file.parent.mkdir(parents=True)
    file.write_text("; mine\n[default]\n# the institution\nmchid = 1\nserial_no: A ; old\n\n[test]\nmchid = 2\n")
    done(config("set", "mchid", "3"))
    done(config("set", "proxy", "http://127.0.0.1:3128"))
    done(config("unset", "serial_no"))
    done(config("set", "--profile", "new", "mchid", "4"))
    assert file.read_text() == ("; mine\n[default]\n# the institution\nmchid = 3\nproxy = http://127.0.0.1:3128\n\n[test]\nmchid = 2\n\n[new]\nmchid = 4\n")
    assert done(config("get", "mchid")) == "3\n" and done(config("get", "mchid", "--profile", "test")) == "2\n"
    assert config("get", "serial_no").returncode == 1


def test_a_file_that_cannot_be_read_is_not_destroyed(config, file):
    file.parent.mkdir(parents=True)
    file.write_text("[default]\nmchid = 1\nwhat is this\n")
    wrong = config("set", "mchid", "2")
    assert wrong.returncode == 2 and "was not changed" in wrong.stderr
    assert file.read_text() == "[default]\nmchid = 1\nwhat is this\n"
    assert "line 3" in config("list").stderr


@pytest.mark.parametrize("value", ["a ; b", "x" * 300, "two\nlines"])
def test_a_value_that_would_not_be_read_back_is_refused(config, file, value):
    done(config("set", "mchid", "1"))
    assert config("set", "notify_url", value).returncode == 2
    assert file.read_text() == "[default]\nmchid = 1\n" and list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("arguments", [("notify_url", "1\r2"), ("notify_url", "\x1b[2J"), ("--profile", "a\x1b", "mchid", "1"),
                                       ("--profile", "", "mchid", "1")])
def test_names_and_values_have_no_control_characters(config, file, arguments):
    answer = config("set", *arguments)
    assert answer.returncode == 2 and "was not changed" in answer.stderr and not file.exists()


def test_what_stands_behind_a_zero_byte_is_not_lost(config, file):
    file.parent.mkdir(parents=True)
    file.write_bytes(before := b"[default]\nmchid = 1\n\0\n[other]\nmchid = 2\n")
    answer = config("set", "mode", "direct")
    assert answer.returncode == 2 and "zero byte" in answer.stderr and file.read_bytes() == before


def test_a_pipe_is_no_file_of_profiles(home, file):
    file.parent.mkdir(parents=True)
    os.mkfifo(file)
    answer = run("balance", env=home, timeout=20)
    assert answer.returncode == 2 and "it is no regular file" in answer.stderr


def test_a_link_stays_a_link(config, file, tmp_path):
    file.parent.mkdir(parents=True)
    (tmp_path / "dotfiles").write_text("[default]\nmchid = 1\n")
    file.symlink_to(tmp_path / "dotfiles")
    done(config("set", "mchid", "2"))
    assert file.is_symlink() and (tmp_path / "dotfiles").read_text() == "[default]\nmchid = 2\n"


def test_many_at_once_lose_nothing(home, file):
    running = [start("config", "set", "--profile", f"p{i}", "mchid", str(i), env=home) for i in range(12)]
    assert [one.wait(60) for one in running] == [0] * 12
    for one in running:
        one.communicate()
    assert sorted(re.findall(r"\[p(\d+)\]\nmchid = (\d+)", file.read_text()), key=lambda pair: int(pair[0])) == [(str(i), str(i)) for i in range(12)]


def test_secrets_are_read_and_not_named(config, file, home):
    key = "0123456789abcdef0123456789abcdef"
    named = config("set", "apiv3_key", key)
    assert named.returncode == 2 and "does not belong on the command line" in named.stderr and not file.exists()
    done(config("set", "apiv3_key", stdin=None, input=key + "\n"))
    assert file.read_text() == f"[default]\napiv3_key = {key}\n"
    shown = done(config("list", "--json"))
    assert key not in shown and json.loads(shown)["apiv3_key"]["value"] == "(set)"
    assert config("get", "apiv3_key").returncode == 2 and key not in config("get", "apiv3_key").stderr
    assert "nothing came" in config("set", "apiv3_key").stderr


def test_a_secret_that_is_typed_is_not_shown(home, file):
    status, said = on_terminal("config", "set", "apiv3_key", typed="k" * 32 + "\n", env=home)
    assert status == 0 and f"apiv3_key = {'k' * 32}\n" in file.read_text() and said == "apiv3_key: \n"
    assert "--no-input" in on_terminal("config", "set", "apiv3_key", "--no-input", env=home)[1]


def test_what_others_can_read_is_warned_about(server, config, home, file, tmp_path):
    settle(server, config)
    assert run("balance", env=home).stderr == ""
    key = tmp_path / "key.pem"
    key.write_bytes(open(server.demo["PRIVATE_KEY_PEM"], "rb").read())
    key.chmod(0o644)
    done(config("set", "private_key_file", key))
    assert f"others can read the private key in it: chmod 600 {key}" in run("balance", env=home).stderr
    file.write_text(file.read_text() + "apiv3_key = x\n")
    file.chmod(0o640)
    assert f"chmod 600 {file}" in run("whoami", env=home).stderr


def test_paths_are_taken_from_where_they_were_typed(config, tmp_path):
    (tmp_path / "here.pem").touch()
    done(config("set", "ca_file", "here.pem", cwd=tmp_path))
    assert done(config("get", "ca_file")) == f"{tmp_path}/here.pem\n"


@pytest.mark.parametrize("arguments,said", [
    (["set", "mchd", "1"], "Did you mean mchid?"), (["get", "seriel_no"], "Did you mean serial_no?"), (["set", "mchid"], "the value is missing"),
    (["get"], "the setting is missing"), (["set", "mchid", "1", "2"], "nothing to do with `2'"), (["set", "mchid", "1", "--env", "x"], "--env names a file"),
], ids=str)
def test_slips(config, arguments, said):
    wrong = config(*arguments)
    assert wrong.returncode == 2 and said in wrong.stderr and wrong.stdout == ""


def test_a_setting_that_there_is_not_is_told_where_it_stands(config, file):
    file.parent.mkdir(parents=True)
    file.write_text("[default]\nmchidd = 1\n")
    assert "Did you mean mchid?" in config("list").stderr and config("list").returncode == 2


def test_every_setting_has_its_variable(home):
    listed = run("config", "list", "--all", env=home).stdout
    for name in (line.split()[0] for line in listed.splitlines()[1:]):
        value = "direct" if name == "mode" else "7"
        answer = run("config", "list", "--json", env={**home, f"FENZHANG_{name.upper()}": value})
        if name == "apiv3_key_file":
            assert answer.returncode == 2 and "APIv3 key cannot be read" in answer.stderr
        else:
            assert set(json.loads(answer.stdout)) == {name}


def test_the_file_is_one_of_xdg_s():
    assert run("config", "path", env={"HOME": "/home/a"}).stdout == "/home/a/.config/fenzhang/config\n"
    assert run("config", "path", env={"HOME": "/home/a", "XDG_CONFIG_HOME": "relative"}).stdout == "/home/a/.config/fenzhang/config\n"
    bare = subprocess.run([str(BINARY), "config", "path"], env={}, capture_output=True, text=True, check=False)
    assert bare.returncode == 2 and "neither XDG_CONFIG_HOME nor HOME" in bare.stderr
