"""The image for containers: what is in it, that it is made of the source alone, and how it runs; and the compose file, with a client
library that knows nothing of it."""
import calendar
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import time

import pytest
import yaml

from conftest import PACKAGING, ROOT, run
from containers import PATIENCE, Network, bind, of_image, of_this_system, unpacked

sys.path += [str(ROOT / "tests/api"), str(ROOT / "tests/clients")]

from fetch import fetched_or_skipped  # noqa: E402
from life import SHARING, Library, merchant_of  # noqa: E402

PAGE = ROOT / "docs/containers.md"
IMAGE = "fenzhang:0.1.0"  # as the page and the compose file call it
COMPOSE = PACKAGING / "oci/docker-compose.yml"
TOKEN = "0123456789abcdef" * 4
BALANCE = f"{SHARING}/refunds/refundable-balance"
ME = 10001
READY = re.compile(r"ready api=(?P<api>\S+) control=(?P<control>\S+) data=/data/fenzhang(?: proxy=(?P<proxy>\S+))?\n")


def build(out, **options):
    """The archive, the digest and the megabytes that it tells."""
    archive, told = run(PACKAGING / "oci/build", "--out", out, **options).splitlines()
    digest, size, unit = told.split()
    assert unit == "MB"
    return pathlib.Path(archive), digest, float(size)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(tmp_path_factory.mktemp("oci"))


@pytest.fixture(scope="module")
def layout(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("layout")
    with tarfile.open(built[0]) as archive:
        archive.extractall(folder)
    return folder


def blob(layout, digest):
    return (layout / "blobs" / digest.replace(":", "/")).read_bytes()


@pytest.fixture(scope="module")
def manifest(built, layout):
    return json.loads(blob(layout, built[1]))


@pytest.fixture(scope="module")
def config(layout, manifest):
    return json.loads(blob(layout, manifest["config"]["digest"]))


@pytest.fixture(scope="module")
def network():
    if os.geteuid() != 0:
        pytest.skip("only root can make the users of a container")
    made = Network("app", "fenzhang")
    yield made
    made.close()


@pytest.fixture(scope="module")
def image(network, layout):
    version = json.loads((layout / "index.json").read_text())["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"]
    return unpacked(network, layout, version)


@pytest.fixture(scope="module")
def compose():
    """The file as docker-compose reads it: defaults, variables and all."""
    read = subprocess.run(["docker-compose", "--file", COMPOSE, "config"], capture_output=True, text=True, timeout=PATIENCE,
                          env=os.environ | {"FENZHANG_CONTROL_TOKEN": TOKEN})
    assert read.returncode == 0, read.stderr
    return yaml.safe_load(read.stdout)


def entries(layout, layer):
    with tarfile.open(layout / "blobs" / layer["digest"].replace(":", "/")) as archive:
        return {entry.name: entry for entry in archive}


def commit_date():
    return int(run("git", "-C", ROOT, "log", "-1", "--format=%ct"))


# ---- what is in it ----


def test_it_is_small(built, layout, manifest):
    packed = sum(layer["size"] for layer in manifest["layers"])
    assert packed < 15e6 and built[2] == round(packed / 1e6, 1)
    assert built[0].stat().st_size < 16e6


def test_every_blob_is_what_its_digest_says(layout):
    blobs = [path for path in layout.rglob("blobs/sha256/*")]
    assert len(blobs) == 4  # two layers, configuration, manifest
    for path in blobs:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name


def test_it_says_what_it_is(tree, config):
    version = run(tree / "bin/fenzhang", "--version").split()[1]
    labels = {name.removeprefix("org.opencontainers.image."): value for name, value in config["config"]["Labels"].items()}
    assert labels["version"] == version and labels["licenses"] == "Apache-2.0"
    assert labels["revision"] == run("git", "-C", ROOT, "rev-parse", "HEAD").strip()
    assert labels["created"] == config["created"]
    assert calendar.timegm(time.strptime(labels["created"], "%Y-%m-%dT%H:%M:%SZ")) == commit_date()


def test_files_are_root_s_and_nobody_else_can_change_them(layout, manifest):
    names = entries(layout, manifest["layers"][0]) | entries(layout, manifest["layers"][1])
    for name, entry in names.items():
        assert (entry.uid, entry.gid) == ((ME, ME) if name == "data" else (0, 0)), name
        assert name == "tmp" or entry.issym() or entry.mode & 0o7022 == 0, name
    assert names["data"].mode == 0o700
    assert {pathlib.Path(name).name for name in names if "/bin/" in name} == {"fenzhang"}  # no shell, nothing to install with
    listed = {"usr/share/doc/fenzhang/licences/libc6", "usr/share/doc/fenzhang/fenzhang.spdx.json", "usr/share/doc/fenzhang/LICENSE"}
    assert listed <= set(names)


def test_built_twice_it_is_the_same(built, tmp_path):
    """By somebody with other habits, somewhere else, at another time."""
    other = os.environ | {"TZ": "Pacific/Auckland", "LC_ALL": "C", "TMPDIR": str(tmp_path)}
    archive, digest, _ = build(tmp_path / "again", env=other, cwd=tmp_path, umask=0o077)
    assert digest == built[1]
    assert archive.read_bytes() == built[0].read_bytes()


def test_the_layer_below_the_program_has_nothing_of_the_commit(layout, manifest):
    """So the next commit's image has it, too, and only the program is downloaded."""
    below, above = (entries(layout, layer) for layer in manifest["layers"])
    assert {entry.mtime for entry in below.values()} == {0}
    assert set(above) == {"usr/bin/fenzhang", *(f"usr/share/doc/fenzhang/{name}" for name in ["LICENSE", "CHANGELOG.md", "fenzhang.spdx.json"])}
    assert {entry.mtime for entry in above.values()} == {commit_date()}


# ---- how it runs ----


def ready(container):
    told = READY.fullmatch(container.process.stdout.readline())
    assert told, "it did not start"
    return told


def test_it_runs_on_a_root_that_cannot_be_written_as_nobody_in_particular(network, image, config):
    """As the image says it; the health check is the image's own. It goes on with the volume's book."""
    assert config["config"]["User"] == f"{ME}:{ME}"
    volume = network.volume(ME)
    check = config["config"]["Healthcheck"]["Test"]
    assert check[0] == "CMD"
    for _ in range(2):
        with of_image(network, "fenzhang", image, {"/data": volume}).running() as container:
            assert ready(container)["api"] == "http://127.0.0.1:8080"
            assert container.run(*check[1:]) == "ok\n"
            status = pathlib.Path(f"/proc/{server_of(container)}/status").read_text()
            assert re.search(r"^NSpid:.*\t1$", status, re.MULTILINE)
            assert re.search(rf"^Uid:\t{100000 + ME}\t{100000 + ME}\t", status, re.MULTILINE)
            assert re.search(r"^CapEff:\t0+$", status, re.MULTILINE)
            assert "balance" in json.loads(container.run("/usr/bin/fenzhang", "balance", "--env", "/data/fenzhang/demo.env", "--json"))
            container.run("/usr/bin/fenzhang", "pay", "10000", "--mchid", "1900000100", "--sub-mchid", "1900000109")
            began = time.monotonic()
            assert container.stop() == 0
            assert time.monotonic() - began < 8 + 4 * busy()  # after ten seconds an engine would kill it
    assert (volume / "fenzhang/book.db").exists()


def busy():
    """How much longer something takes on a machine with as much to do as this one."""
    return max(0.0, os.getloadavg()[0] / os.cpu_count() - 1)


def server_of(container):
    """The process of this machine that is the container's first."""
    state = json.loads(container.network.run(*container.crun, "state", container.name))
    inside = pathlib.Path("/proc")
    for path in inside.glob("[0-9]*/status"):
        try:
            numbers = re.search(r"^NSpid:(.*)$", path.read_text(), re.MULTILINE).group(1).split()
        except (OSError, AttributeError):
            continue
        if len(numbers) == 3 and numbers[1] == str(state["pid"]):
            return numbers[0]
    raise AssertionError(f"no process is {state}")


def test_beyond_its_container_control_takes_a_token(network, image, tmp_path):
    service = {"command": ["serve", "--control", "0.0.0.0:8081", "--tls", "--tls-name", "fenzhang"]}
    with open(tmp_path / "log", "w+") as log:
        with of_image(network, "fenzhang", image, {"/data": network.volume(ME)}, service).running(log) as container:
            assert container.process.wait(PATIENCE) == 2
        assert "FENZHANG_CONTROL_TOKEN" in (tmp_path / "log").read_text()


def commands_of_the_page():
    """Of docs/containers.md, each container with what is done in it: [(words of docker run, [words of docker exec, …]), …]."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    lines = [shlex.split(line) for block in blocks for line in block.splitlines()]
    started = []
    for words in lines:
        if words[:2] == ["docker", "run"]:
            started.append((words[2:], []))
        elif words[:2] == ["docker", "exec"]:
            started[-1][1].append(words[3:])
    assert len(started) == 3 and all(asked for _, asked in started)
    return started


@pytest.mark.parametrize("words, asked", commands_of_the_page())
def test_what_the_page_says_is_so(network, image, words, asked):
    options, arguments = words[: words.index(IMAGE)], words[words.index(IMAGE) + 1 :]
    mounted = [option.split(":") for name, option in zip(options, options[1:]) if name == "--volume"]
    assert "--read-only" in options and mounted[0][1] == "/data"
    volumes = {"/data": network.volume(ME)}
    for source, destination, how in mounted[1:]:
        assert how == "ro"
        volumes[destination] = shutil.copy(source.replace("$PWD", str(ROOT)), network.volume(0))
    service = {"environment": {"FENZHANG_CONTROL_TOKEN": TOKEN} if "FENZHANG_CONTROL_TOKEN" in options else {}}
    service |= {"command": arguments} if arguments else {}
    with of_image(network, "fenzhang", image, volumes, service).running() as container:
        ready(container)
        for one in asked:
            container.run(*one)
        assert container.stop() == 0


# ---- the compose file ----

ASK = """
import os, sys, requests
url, headers = os.environ["CONTROL_URL"], {"Authorization": "Bearer " + os.environ["FENZHANG_CONTROL_TOKEN"]}
print(requests.get(url + "/clock", headers=headers, timeout=60).status_code)
print(requests.get(url + "/clock", timeout=60).status_code)
print(requests.get(url + "/clock", headers={**headers, "Host": "evil.example"}, timeout=60).status_code)
print(requests.get("https://fenzhang:8080/v3/certificates", timeout=60).status_code)
"""


def test_the_compose_file_asks_for_a_token():
    told = subprocess.run(["docker-compose", "--file", COMPOSE, "config"], capture_output=True, text=True, timeout=PATIENCE,
                          env={name: value for name, value in os.environ.items() if name != "FENZHANG_CONTROL_TOKEN"})
    assert told.returncode != 0 and "openssl rand -hex 32" in told.stderr


def test_a_library_finds_the_service_by_its_name(network, image, compose, config, tmp_path):
    """wechatpayv3 has the vendor's host built in; the proxy variables of the compose file lead it to the service, whose CA it trusts."""
    server, app = compose["services"]["fenzhang"], compose["services"]["app"]
    assert server["volumes"] == ["fenzhang:/data:rw"] and app["volumes"] == ["fenzhang:/data:ro"]
    assert app["depends_on"] == {"fenzhang": {"condition": "service_healthy"}}
    assert server["image"] == IMAGE == f"fenzhang:{config['config']['Labels']['org.opencontainers.image.version']}"
    library = network.folder / "library"
    shutil.copytree(fetched_or_skipped("python"), library)
    (library / "ask.py").write_text(ASK)
    volume = network.volume(ME)
    with of_image(network, "fenzhang", image, {"/data": volume}, server).running() as container:
        told = ready(container)
        assert (told["api"], told["control"], told["proxy"]) == ("https://127.0.0.1:8080", "https://127.0.0.1:8081", "http://127.0.0.1:3128")
        assert server["healthcheck"]["test"][0] == "CMD" and container.run(*server["healthcheck"]["test"][1:]) == "ok\n"
        assert TOKEN.encode() not in pathlib.Path(f"/proc/{server_of(container)}/environ").read_bytes()
        mounts = [bind(library, "/library"), bind(volume, "/data")]
        asked = of_this_system(network, "app", ["/usr/bin/python3", "/library/ask.py"], app, mounts).start()
        assert asked.process.communicate(timeout=PATIENCE)[0].split() == ["200", "401", "403", "401"]
        demo = json.loads(container.run("/usr/bin/fenzhang", "env", "--json"))
        demo = {name: value.replace("/data/", f"{volume}/", 1) for name, value in demo.items()}
        environment = dict(app, environment=app["environment"] | {"PYTHONPATH": "/library/lib"})
        merchant = merchant_of(demo, "institution")
        client = of_this_system(network, "app", ["/usr/bin/python3", "/library/wechatpayv3_client.py", json.dumps(merchant)], environment, mounts)
        talk = Library(["sh", "-c", shlex.join(client.command)], merchant)
        try:
            answer = talk("get", path=BALANCE)
            assert answer["status"] == 200 and answer["data"]["sponsor_mchid"] == "1900000100"
        finally:
            talk.stop()
        assert container.stop() == 0
