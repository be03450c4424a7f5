"""serve --store NAME=URL --store-map FILE, where it cannot be followed: what is said, and that nothing was started. And as a configuration file has it."""

import shutil

import pytest

from client import PATIENCE
from command import run
from program import Program
from store_map import write_map


def refused(directory, *options):
    done = run("serve", "--data", directory / "data", "--listen", "0", "--control", "0", *options, timeout=60 * PATIENCE)
    assert (done.returncode, done.stdout) == (2, ""), done
    return done.stderr


EAST = ["--demo", "--store=east=sqlite:east.db"]


@pytest.mark.parametrize("content, said", [
    ("19000003000 east\n", "line 1: it is neither MCHID = NAME nor [NAME]. Nothing was started."),
    ("\n19000003x0 = east\n", "line 2: 19000003x0 is no merchant's number of 8 to 32 digits."),
    ("1900000 = east\n", "line 1: 1900000 is no merchant's number of 8 to 32 digits."),
    ("1900000300 = west\n", "line 1: there is no store west: name its address with --store west=URL."),
    ("1900000300 =\n", "line 1: behind 1900000300 = stands no store."),
    ("[east]\n1900000300 = east\n", "line 2: 1900000300 is neither control nor secret-file."),
    ("[west]\ncontrol = 0\n", "line 2: there is no store west"),
    ("[east]\nstore = postgresql:///east\n", "line 2: store is neither control nor secret-file."),
    ("[east]\ncontrol = 0\ncontrol = 0\n", "line 3: control of east was given already."),
    ("[east]\ncontrol =\n", "line 2: control has no value"),
    ("1900000300 = east\n1900000301 = east\n1900000300 = east\n", "says twice where the merchant 1900000300 lies."),
    (f"1900000300 = {'e' * 200}\n", "line 1: it is longer than "),
    ("1900000100 = east\n", "The merchant 1900000100 lies in the book of the first store, but the map of stores leads him to east, so nobody would reach him."),
    ("[east]\ncontrol = 300.0.0.1:80\n", "The store east: "),
    ("[east]\nsecret-file = nowhere/secret\n", "The store east: "),
    (None, "cannot be read: No such file or directory. Name another with --store-map."),
])  # fmt: skip
def test_a_map_that_cannot_be_followed(tmp_path, monkeypatch, content, said):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "stores.ini").write_text(content)
    words = refused(tmp_path, *EAST, "--store-map", "stores.ini")
    assert said in words and words.count("\n") == 1, words


@pytest.mark.parametrize("options, said", [
    (EAST, "--store east=URL is a further store, in which nobody lies without --store-map FILE: add that"),
    (["--store-map", "stores.ini"], "--store-map FILE says who lies in further stores, and there are none"),
    ([f"--store={'n' * 33}=sqlite:x.db", "--store-map", "stores.ini"], "a store's name has at most 32 characters"),
    ([*(f"--store=s{n}=sqlite:{n}.db" for n in range(17)), "--store-map", "stores.ini"], "there are at most 16 further stores"),
])  # fmt: skip
def test_options_that_do_not_go_together(tmp_path, options, said):
    assert said in refused(tmp_path, *options)


def test_an_address_that_is_none(tmp_path):
    write_map(tmp_path / "stores.ini", {})
    assert "The store east: The store mysql: is none that this program knows." in refused(tmp_path, "--store=east=mysql:x", "--store-map", tmp_path / "stores.ini")


def test_a_control_interface_beyond_loopback_takes_tls_and_a_token(tmp_path):
    write_map(tmp_path / "stores.ini", {}, east={"control": "0.0.0.0:0"})
    words = refused(tmp_path, f"--store=east=sqlite:{tmp_path}/east.db", "--store-map", tmp_path / "stores.ini")
    assert "The store east: The control interface cannot listen on 0.0.0.0:0" in words


@pytest.fixture
def demo_book(tmp_path):
    """The file of a demo book that was served alone, and its secret."""
    book = tmp_path / "alone.db"
    program = Program(tmp_path / "alone", "--store", f"sqlite:{book}", demo=True)
    program.directory.mkdir()
    program.start()
    program.stop()
    return book, program.data / "secret.key"


def test_a_book_whose_merchants_have_no_lines(tmp_path, demo_book):
    book, secret = demo_book
    write_map(tmp_path / "stores.ini", {"1900000120": "east"}, east={"secret-file": secret})
    words = refused(tmp_path, f"--store=sqlite:{tmp_path}/first.db", f"--store=east=sqlite:{book}", "--store-map", tmp_path / "stores.ini")
    assert "The merchant 1900000100 lies in the book of the store east, but the map of stores leads him to the first store" in words


def test_the_same_book_twice(tmp_path, demo_book):
    book, secret = demo_book
    shutil.copy(book, tmp_path / "copy.db")
    write_map(tmp_path / "stores.ini", {})
    words = refused(tmp_path, "--secret-file", secret, f"--store=sqlite:{book}", f"--store=east=sqlite:{tmp_path}/copy.db", "--store-map", tmp_path / "stores.ini")
    assert "The store east is the same book as the first store. Name another with --store east=URL." in words


def test_a_configuration_file_says_the_same(tmp_path):
    conf = tmp_path / "fenzhang.conf"
    conf.write_text("store = postgresql:///west\nstore = east=postgresql:///east\nstore = north=sqlite:north.db\nstore-map = stores.ini\nstore-connections = 4\n")
    printed = run("serve", "--config", conf, "--store", "north=postgresql:///north", "--print-config")
    assert printed.returncode == 0, printed
    lines = printed.stdout.splitlines()
    stores = [(lines[n - 1], line) for n, line in enumerate(lines) if line.startswith("store")][:5]
    assert stores[:3] == [(f"# {conf}, line 1", "store = postgresql:///west"), (f"# {conf}, line 2", "store = east=postgresql:///east"),
                          ("# command line", "store = north=postgresql:///north")]
    assert f"store-map = {tmp_path}/stores.ini" in lines
    (tmp_path / "again.conf").write_text(printed.stdout)
    again = run("serve", "--config", tmp_path / "again.conf", "--print-config")
    values = [[line for line in text.splitlines() if not line.startswith("#")] for text in (printed.stdout, again.stdout)]
    assert again.returncode == 0 and values[0] == values[1]


def test_a_store_that_a_configuration_file_names_twice(tmp_path):
    conf = tmp_path / "fenzhang.conf"
    for first, second in (("postgresql:///a", "postgresql:///b"), ("east=x", "east=y")):
        conf.write_text(f"store = {first}\nstore = {second}\n")
        done = run("serve", "--config", conf)
        assert done.returncode == 2 and f"{conf}, line 2: store was given on line 1 already." in done.stderr
