"""What a shell offers behind a tab: commands, options, calls and their members, settings and profiles."""
import shlex
import subprocess

import pytest
from program import BINARY

from command import environment, run


def offered(*words, **more):
    done = run("completion", "words", "--", *words, **more)
    assert (done.returncode, done.stderr) == (0, "")
    return dict(line.split("\t", 1) for line in done.stdout.splitlines())


def test_commands():
    assert {"refund", "receiver", "reconcile"} <= set(offered("re")) and all(word.startswith("re") for word in offered("re"))
    assert set(offered("refund", "")) == {"show", "list", "submit"}
    assert offered("refund", "sh") == {"show": "shows one refund as it stands"} == offered("help", "refund", "sh")
    assert offered("nothing", "") == offered("")


def test_options():
    assert set(offered("refund", "show", "--")) >= {"--id", "--env", "--profile", "--json", "--help"}
    assert set(offered("refund", "show", "R1", "--i")) == {"--id"}
    assert set(offered("serve", "--lis")) == {"--listen"}
    assert "--env" in offered("balance", "") and offered("upload", "") == {} and offered("balance", "--env", "") == {}


def test_the_ways_to_say_a_control_call():
    assert set(offered("clock", "")) == {"now", "advance", "set", "freeze", "free", "sign"}
    assert set(offered("callbacks", "s")) == {"show", "spoil"} and offered("callbacks", "show", "") == {}
    assert set(offered("pay", "")) == {"order", "account"} and offered("pay", "100", "") == {}
    assert "--wait" not in offered("pay", "--") and {"--amount", "--coupon", "--env"} <= set(offered("pay", "order", "--"))


def test_calls_and_their_members():
    calls = {line.split()[0] for line in run("call", "--list").stdout.splitlines()}
    assert set(offered("call", "")) == calls
    assert {"--amount.refund", "--amount.from.0.amount"} <= set(offered("call", "refund-submit", "--amount."))
    assert set(offered("call", "receiver-add", "--type", "")) == {"MERCHANT_ID", "PERSONAL_OPENID", "PERSONAL_SUB_OPENID"}
    assert set(offered("call", "distribution-submit", "--unfreeze_unsplit", "")) == {"true", "false"}


def test_profiles_and_settings(tmp_path):
    home = {"XDG_CONFIG_HOME": str(tmp_path)}
    for profile in ("default", "test"):
        run("config", "set", "--profile", profile, "mchid", "1", env=home)
    assert set(offered("balance", "--profile", "", env=home)) == {"default", "test"}
    assert set(offered("config", "set", "m")) == {"mchid", "mode"}


def by_bash(line):
    """What bash offers at the end of the line, by the script as it is printed."""
    words = [str(BINARY), *shlex.split(line)[1:], *([""] if line.endswith(" ") else [])]
    script = (f"source <({shlex.quote(str(BINARY))} completion bash); COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}; _fenzhang; "
              'printf "%s\\n" "${COMPREPLY[@]}"; complete -p fenzhang')
    done = subprocess.run(["bash", "-eu", "-c", script], capture_output=True, text=True, env=environment(), check=True)
    *found, declared = done.stdout.splitlines()
    assert declared.endswith("-F _fenzhang fenzhang")
    return found


@pytest.mark.parametrize("line,found", [("fenzhang refund s", ["show", "submit"]), ("fenzhang call refund-sub", ["refund-submit"]),
                                        ("fenzhang balance --no", ["--no-input"]), ("fenzhang order c", ["close"])])
def test_bash_asks_the_program(line, found):
    assert by_bash(line) == found


def test_zsh_has_a_script():
    script = run("completion", "zsh").stdout
    assert script.startswith("#compdef fenzhang\n") and "completion words -- " in script
