"""adopt/github: the action's steps as GitHub's runner runs them, on this machine"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
import requests
import yaml

from client import PATIENCE
from fetch import asked, not_to_be_had
from page import pasted
from program import BINARY, Program
from runner import Runner

ROOT = Path(__file__).resolve().parents[2]
ACTION = ROOT / "adopt" / "github"

pytestmark = pytest.mark.plain


@pytest.fixture
def runner(tmp_path):
    """It ends what was started, as at the end of a job."""
    made = Runner(tmp_path / "a runner's folder")
    yield made
    for file in made.folder.glob("temp/fenzhang-*/ready.json"):
        os.kill(json.loads(file.read_text())["pid"], signal.SIGTERM)


@pytest.fixture
def program(tmp_path):
    """A program of another name, so that it is known to be the one that was got."""
    file = tmp_path / "bin" / "fenzhang"
    file.parent.mkdir()
    file.write_text(f'#!/bin/sh\nexec "{BINARY}" "$@"\n')
    file.chmod(0o755)
    return file


def ours(runner, *command):
    """A later step of the job."""
    return subprocess.run(command, env=runner.environment, capture_output=True, text=True, timeout=60 * PATIENCE)


# ---- what a job has of it ----


def test_the_outputs_and_the_environment_lead_to_the_server(runner):
    told = runner.use(ACTION, **{"from": "path", "what": str(BINARY)})
    assert all(told.values()) and told["mchid"] == "1900000100" and told["sub-mchid"] == "1900000109"
    assert told["base-url"] == runner.environment["BASE_URL"] and told["serial-no"] == runner.environment["SERIAL_NO"]
    for name in ("ca-file", "private-key-file", "platform-certificate-file"):
        assert "-----BEGIN" in Path(told[name]).read_text()
    done = ours(runner, "fenzhang", "balance", "--json")  # found in PATH, who calls in FENZHANG_ENV
    assert json.loads(done.stdout)["sponsor_mchid"] == told["mchid"], done.stderr
    assert requests.get(told["control-url"] + "/limits", timeout=60).json() == {"limits": "off"}
    through = {"https": told["proxy-url"]}
    answer = requests.get("https://apihk.mch.weixin.qq.com/v3/certificates", proxies=through, verify=told["ca-file"], timeout=60)
    assert answer.json()["code"] == "SIGN_ERROR"
    look = 'until grep AUTHORIZATION_MISSING "$FENZHANG_LOG"; do sleep 0.05; done'  # a thread of its own writes it, behind the answer
    assert "GET /v3/certificates 401" in ours(runner, "bash", "-c", look).stdout


def test_inputs(runner):
    inputs = {"from": "path", "what": str(BINARY), "proxy": "false", "env-prefix": "PAY_"}
    told = runner.use(ACTION, **inputs, options="--demo --seed 5 --limits real --overview-first")
    assert (told["proxy-url"], told["ca-file"]) == ("", "")
    assert runner.environment["PAY_MCHID"] == "1900000100" and "MCHID" not in runner.environment
    assert requests.get(told["control-url"] + "/clock", timeout=60).json()["now"] == "2026-01-05T10:00:00+08:00"
    assert requests.get(runner.environment["PAY_CONTROL_URL"] + "/limits", timeout=60).json() == {"limits": "real"}


def test_a_book_without_the_demo_has_addresses_alone(runner):
    told = runner.use(ACTION, **{"from": "path", "what": str(BINARY), "options": "--limits off"})
    assert told["mchid"] == "" and requests.get(told["control-url"] + "/merchants", timeout=60).json() == {"merchants": []}
    assert runner.environment["BASE_URL"] == told["base-url"] and "MCHID" not in runner.environment


# ---- what goes wrong ----


@pytest.mark.parametrize("inputs, says", [
    ({"from": "path", "what": "/nowhere/fenzhang"}, "the program could not be had from path (/nowhere/fenzhang)"),
    ({"from": "path", "what": "/bin/false"}, "/bin/false cannot be run here"),
    ({"from": "path", "what": str(BINARY), "env-prefix": "a b"}, "env-prefix: a b cannot begin the name of a variable"),
    ({"from": "heaven"}, "from: heaven is none of source, npm, pip, tarball and path"),
    ({"from": "tarball"}, "needs a file or an https address in what"),
    ({"from": "tarball", "what": "https://127.0.0.1:9/x.tar.gz"}, "sha256 has to say what lies there"),
    ({"from": "tarball", "what": "https://127.0.0.1:9/x.tar.gz", "sha256": "0" * 64}, "could not be fetched"),
    ({"from": "path", "what": str(BINARY), "options": "--demo --limits never"}, "--limits never is neither real nor off"),
])
def test_a_failure_says_why(runner, inputs, says):
    with pytest.raises(AssertionError) as failure:
        runner.use(ACTION, **inputs)
    assert says in str(failure.value) and "::error title=fenzhang::" in str(failure.value)


def test_a_server_that_cannot_start_shows_its_log(runner):
    with pytest.raises(AssertionError, match="(?s)::error title=fenzhang::the server did not start.*cannot listen on 203.0.113.1:1"):
        runner.use(ACTION, **{"from": "path", "what": str(BINARY), "options": "--demo --listen 203.0.113.1:1"})


# ---- where the program comes from ----


def got(runner, program, **inputs):
    """It was got, and a server of it runs."""
    told = runner.use(ACTION, **inputs)
    assert Path(told["program"]).name == "fenzhang" and told["program"] != str(BINARY) and told["mchid"]
    assert ours(runner, "sh", "-c", 'command -v fenzhang; echo "$FENZHANG"').stdout.splitlines() == [told["program"]] * 2
    return Path(told["program"])


def test_from_source(runner, program, tmp_path):
    """The repository that the runner has fetched the action in; its scripts stand for those that install and build."""
    checkout = tmp_path / "check out"
    shutil.copytree(ACTION, checkout / "adopt" / "github")
    (checkout / "script").mkdir()
    for name, text in {"bootstrap": "echo installed", "build": f'[ "$*" = "release src/cli/fenzhang" ] && echo "{program}"'}.items():
        (checkout / "script" / name).write_text(f"#!/bin/sh\n{text}\n")
        (checkout / "script" / name).chmod(0o755)
    told = runner.use(checkout / "adopt" / "github")
    assert told["program"] == str(program) and "installed" in runner.said
    for name in ("bootstrap", "build"):
        assert os.access(ROOT / "script" / name, os.X_OK)


def test_from_tarball(runner, program, tmp_path):
    file = tmp_path / "fenzhang-1-linux.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        archive.add(program, "fenzhang-1-linux/bin/fenzhang")
    inputs = {"from": "tarball", "what": str(file)}
    with pytest.raises(AssertionError, match="has another sha256 than 0000"):
        runner.use(ACTION, **inputs, sha256="0" * 64)
    got(runner, program, **inputs, sha256=hashlib.sha256(file.read_bytes()).hexdigest())


def test_from_npm(runner, program, tmp_path):
    if shutil.which("npm") is None:
        not_to_be_had("npm is not installed")
    package = tmp_path / "package"
    shutil.copytree(program.parent, package / "bin")
    (package / "package.json").write_text('{"name": "fenzhang", "version": "1.0.0", "bin": {"fenzhang": "bin/fenzhang"}}')
    got(runner, program, **{"from": "npm", "what": str(package)})


def test_from_pip(runner, program, tmp_path):
    if ours(runner, "python3", "-m", "pip", "--version").returncode != 0:
        not_to_be_had("pip is not installed")
    wheel = tmp_path / "fenzhang-1.0-py3-none-any.whl"
    files = {"fenzhang/__init__.py": "", "fenzhang/bin/fenzhang": program.read_text(),
             "fenzhang-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: fenzhang\nVersion: 1.0\n",
             "fenzhang-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
             "fenzhang-1.0.dist-info/RECORD": ""}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (0o100755 if "/bin/" in name else 0o100644) << 16
            archive.writestr(entry, text)
    got(runner, program, **{"from": "pip", "what": str(wheel)})


# ---- the files themselves ----


def workflows():
    return sorted(ACTION.glob("*-example.yml"))


def test_the_examples_use_what_the_action_has():
    action = yaml.safe_load((ACTION / "action.yml").read_text("utf-8"))
    for file in workflows():
        for job in yaml.safe_load(file.read_text("utf-8"))["jobs"].values():
            for step in job["steps"]:
                if step.get("uses", "").startswith("fenzhang/"):
                    assert set(step.get("with", {})) <= set(action["inputs"]), file.name
        used = set(re.findall(r"steps\.fenzhang\.outputs\.([\w-]+)", file.read_text("utf-8")))
        assert used <= set(action["outputs"]), file.name


def test_actionlint(tmp_path):
    """The workflows, with the action beside them so that its inputs and outputs are checked too."""
    if shutil.which("go") is None:
        not_to_be_had("go is not installed, which makes actionlint")
    go = {**os.environ, "GOBIN": str(tmp_path / "bin"), "GOFLAGS": ""}

    def install():
        made = subprocess.run(["go", "install", "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"], env=go, capture_output=True, text=True)
        return made.returncode, made.stderr

    status, said = asked(install)
    if status != 0:
        not_to_be_had(f"actionlint: {said[-600:]}")
    shutil.copytree(ACTION, tmp_path / "project" / "action")
    folder = tmp_path / "project" / ".github" / "workflows"
    folder.mkdir(parents=True)
    shown = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n" + pasted("yaml", "In your CI")
    for name, text in {"page.yml": shown, **{file.name: file.read_text() for file in workflows()}}.items():
        (folder / name).write_text(text.replace("fenzhang/fenzhang/adopt/github@v1", "./action"))
    (tmp_path / "project" / ".git").mkdir()
    command = [tmp_path / "bin" / "actionlint", "-shellcheck=", "-pyflakes="]
    done = subprocess.run(command, cwd=tmp_path / "project", capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


# ---- the form with services ----

DOCKER = """#!/bin/sh
# `docker cp` and `docker exec` of the one container that there is, whose /data is the folder STATE.
case $1 in
cp) cp -R "$STATE${2#*:/data}" "$3" ;;
exec) shift 3; XDG_STATE_HOME="$STATE" FENZHANG_CONTROL_URL="$CONTROL" "$PROGRAM" "$@" | sed "s#$STATE/#/data/#" ;;
esac
"""


def test_a_container_of_services_leads_to_its_server(runner, tmp_path):
    state = tmp_path / "state"
    server = Program(tmp_path, demo=True)
    server.data = state / "fenzhang"
    server.arguments[server.arguments.index("--data") + 1] = str(server.data)
    server.start()
    try:
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "docker").write_text(DOCKER)
        (tmp_path / "bin" / "docker").chmod(0o755)
        runner.environment |= {"PATH": f"{tmp_path / 'bin'}:{runner.environment['PATH']}", "STATE": str(state), "PROGRAM": str(BINARY),
                               "CONTROL": server.control}
        steps = yaml.safe_load((ACTION / "services-example.yml").read_text("utf-8"))["jobs"]["test"]["steps"]
        (identity,) = [step for step in steps if step.get("id") == "identity"]
        runner.run(ACTION, identity | {"shell": "bash"}, {"job.services.fenzhang.id": "abc"})
        assert runner.environment["BASE_URL"] == "http://127.0.0.1:8080" and "CONTROL_URL" not in runner.environment
        keys = runner.folder / "temp" / "fenzhang" / "merchants" / "1900000100" / "apiclient_key.pem"
        assert runner.environment["PRIVATE_KEY_PEM"] == str(keys) and keys.is_file()
        (clock,) = [step for step in steps if "clock advance" in step.get("run", "")]
        runner.run(ACTION, clock | {"shell": "bash"}, {})
        assert requests.get(server.control + "/clock", timeout=60).json()["now"] == "2026-01-06T10:00:00+08:00"
    finally:
        server.stop()


# ---- GitLab ----


def test_the_jobs_of_gitlab(runner, tmp_path):
    """Its commands with npm's own replaced: what npm would start is the program, and what it tests is what `fenzhang run` gives it."""
    jobs = yaml.safe_load((ROOT / "adopt" / "gitlab" / "example.gitlab-ci.yml").read_text("utf-8"))
    stubs = {"npx": f'[ "$1" = fenzhang ] && shift && exec "{BINARY}" "$@"',
             "npm": '[ "$1" = ci ] || curl -sS "$CONTROL_URL/limits" && echo "as $MCHID through $PROXY_URL"'}
    (tmp_path / "bin").mkdir()
    for name, text in stubs.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    runner.environment["PATH"] = f"{tmp_path / 'bin'}:{runner.environment['PATH']}"
    done = ours(runner, "bash", "-ec", "\n".join(jobs["test"]["script"]))
    assert re.search(r'\{"limits":"off"\}\s*as 1900000100 through http://127\.0\.0\.1:\d+\n$', done.stdout), done.stdout + done.stderr
    assert "pip install fenzhang pytest" in jobs["pytest"]["script"][0]
