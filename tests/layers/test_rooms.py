"""Which room of a layer may use which (docs/architecture.md): checked on the sources' includes and, because a name can be
declared anywhere, with nm on the objects as they were built."""
import os
import pathlib
import re
import subprocess

import pytest

BUILD = pathlib.Path(os.environ["FENZHANG_BUILD"])
SOURCES = pathlib.Path(__file__).parents[2] / "src"
FOLDER_MAX = 30  # sources: more are no longer taken in at a glance

# {layer: {room: [rooms of the same layer that it may use]}}. A room is a folder by its path below the layer; "" is what lies
# in the layer's own folder.
ROOMS = {
    "base": {
        "": [],
        "server": [""],
    },
    "wire": {
        "": [],
        "doctor": [""],
        "server": [""],
    },
    "book": {
        "": [],
        "audit": ["", "distribution", "notification", "order", "refund", "settlement"],
        "bill": ["", "distribution", "order", "refund"],
        "distribution": ["", "merchant", "order", "receiver", "settlement"],
        "due": ["", "distribution", "order", "receiver", "refund", "settlement"],
        "merchant": [""],
        "notification": ["", "merchant"],
        "order": ["", "merchant", "notification", "receiver", "settlement"],
        "receiver": ["", "merchant"],
        "refund": ["", "notification", "order", "settlement"],
        "settlement": ["", "merchant"],
    },
    "spec": {
        "": ["bill", "distribution", "merchant", "order", "refund", "row"],
        "bill": ["common", "row"],
        "callback": ["common", "order", "refund", "row"],
        "client": ["callback", "error", "row"],
        "common": ["row"],
        "distribution": ["common", "row"],
        "merchant": ["row"],
        "order": ["common", "row"],
        "error": ["row"],
        "refund": ["common", "row"],
        "row": [],
        "server": ["", "bill", "error", "row"],
    },
    "api": {
        "": ["bill", "call", "distribution", "merchant", "order", "refund"],
        "call": [],
        "bill": ["call", "merchant"],
        "callback": ["order"],
        "distribution": ["call", "merchant"],
        "merchant": ["call"],
        "order": ["call", "merchant"],
        "refund": ["call", "merchant"],
    },
    "cli": {
        "": [
            "api", "bill", "command", "completion", "config", "doctor", "explain", "lab", "local", "reconcile", "replay", "server", "world",
        ],
        "api": ["command", "output", "profile", "session"],
        "bill": ["command", "output", "profile", "session"],
        "command": [],
        "completion": ["api", "command", "profile"],
        "config": ["command", "output", "profile"],
        "doctor": ["command", "output", "profile", "signed"],
        "explain": ["command", "server"],
        "lab": ["command"],
        "local": ["command", "output", "profile"],
        "manual": ["", "command"],
        "output": ["command"],
        "profile": ["command"],
        "reconcile": ["command", "output"],
        "replay": ["command", "local", "output", "profile", "signed"],
        "server": ["command", "local", "output", "profile"],
        "session": ["command", "output", "profile"],
        "signed": [],
        "world": ["command", "local", "server"],
    },
    "client": {
        "": [],
        "bill": [""],
        "print": [],
    },
    "server": {
        "": ["birth", "control", "control/calls", "courier", "data", "fault", "files", "http", "keys", "log", "net", "schedule", "snapshot", "work"],
        "birth": ["data", "keys"],
        "control": ["control/calls", "control/request", "courier", "net"],
        "control/calls": [
            "birth", "control/request", "courier", "data", "fault", "figures", "files", "http", "keys", "log", "schedule", "snapshot", "work",
        ],
        "control/request": ["birth", "courier", "log"],
        "courier": ["keys", "log"],
        "data": [],
        "exchange": ["fault", "figures", "files", "keys", "log", "net", "work"],
        "fault": [],
        "figures": [],
        "files": ["birth", "data"],
        "http": ["exchange", "net", "work"],
        "keys": ["data"],
        "log": [],
        "net": ["keys"],
        "schedule": ["courier"],
        "snapshot": ["courier", "data", "fault", "work"],
        "work": ["fault", "figures", "files", "keys", "log", "net"],
    },
    "lab": {
        "": [],
    },
    "world": {
        "": [],
    },
    "reconcile": {
        "": ["compare", "place", "read", "records", "settle"],
        "compare": ["place", "read"],
        "place": [],
        "read": ["place"],
        "records": ["place", "read"],
        "settle": ["compare", "place", "read"],
    },
    "sandbox": {
        "": [],
    },
}


def files(layer, *suffixes):
    return [path for path in sorted((SOURCES / layer).rglob("*")) if path.suffix in suffixes]


def room_of(layer, path):
    folder = path.relative_to(SOURCES / layer).parent.as_posix()
    return "" if folder == "." else folder


def included(layer):
    """{(room, room it uses): files that say so}"""
    found = {}
    for path in files(layer, ".c", ".h"):
        for name in re.findall(rf'^#include "({layer}/[^"]+)"', path.read_text(), re.M):
            arrow = room_of(layer, path), room_of(layer, SOURCES / name)
            found.setdefault(arrow, set()).add(path.relative_to(SOURCES).as_posix())
    return found


def symbols(layer, which):
    """[(member of the library, symbol)]"""
    libraries = sorted((BUILD / "src" / layer).glob("libfz_*.a"))
    out = subprocess.run(["nm", "--portability", which, *libraries], capture_output=True, text=True, check=True).stdout
    found, member = [], None
    for line in out.splitlines():
        if line.endswith(":"):
            member = re.search(r"\[(.*)\]", line).group(1)
        elif line:
            found.append((pathlib.Path(member).name, line.split()[0]))  # a thin archive has paths
    return found


def linked(layer):
    """The same of what the objects need of each other."""
    sources = files(layer, ".c")
    rooms = {path.relative_to(SOURCES / layer).as_posix().replace("/", "_") + ".o": room_of(layer, path) for path in sources}
    where = {symbol: rooms[member] for member, symbol in symbols(layer, "--defined-only") if symbol.startswith("fz_")}
    found = {}
    for member, symbol in symbols(layer, "--undefined-only"):
        if symbol in where:
            found.setdefault((rooms[member], where[symbol]), set()).add(f"{member}: {symbol}")
    return found


def used(layer):
    found = included(layer)
    for arrow, where in linked(layer).items():
        found.setdefault(arrow, set()).update(where)
    return {arrow: sorted(where) for arrow, where in found.items() if arrow[0] != arrow[1]}


def not_allowed(found, allowed):
    return {arrow: where for arrow, where in found.items() if arrow not in allowed}


def cycle(rooms):
    """A way from a room back to itself, as the rooms that it passes; None if there is none."""
    done = set()

    def walk(room, way):
        if room in way:
            return way[way.index(room):] + [room]
        if room in done:
            return None
        for other in rooms.get(room, []):
            found = walk(other, way + [room])
            if found:
                return found
        done.add(room)
        return None

    return next((found for found in (walk(room, []) for room in rooms) if found), None)


def allowed_in(layer):
    return {(room, other) for room, others in ROOMS[layer].items() for other in others}


@pytest.mark.parametrize("layer", ROOMS)
def test_a_room_uses_only_those_that_the_table_gives_it(layer):
    assert not_allowed(used(layer), allowed_in(layer)) == {}


@pytest.mark.parametrize("layer", ROOMS)
def test_the_table_has_no_arrow_that_nobody_uses(layer):
    assert allowed_in(layer) - set(used(layer)) == set()


@pytest.mark.parametrize("layer", ROOMS)
def test_the_table_has_every_room(layer):
    assert set(ROOMS[layer]) == {room_of(layer, path) for path in files(layer, ".c", ".h")}


@pytest.mark.parametrize("layer", ROOMS)
def test_no_way_leads_from_a_room_back_to_itself(layer):
    assert cycle(ROOMS[layer]) is None


def test_no_folder_has_more_sources_than_can_be_taken_in():
    folders = [folder for folder in SOURCES.rglob("*") if folder.is_dir()]
    assert {str(folder): count for folder in folders if (count := len(list(folder.glob("*.c")))) > FOLDER_MAX} == {}


def test_the_check_itself_can_fail():
    found = used("server")
    assert not_allowed(found, set()) == found != {}
    arrow = "exchange", "log"
    assert arrow in included("server") and arrow in linked("server")
    assert not_allowed(found, allowed_in("server") - {arrow}).keys() == {arrow}
    assert cycle({"a": ["b"], "b": ["c"], "c": ["b"]}) == ["b", "c", "b"]
    assert cycle({"a": ["b", "c"], "b": ["c"], "c": []}) is None


def test_the_server_whole_is_known_to_the_program_and_the_sandbox_alone():
    users = {path.relative_to(SOURCES).as_posix() for path in SOURCES.rglob("*.[ch]") if '"server/server.h"' in path.read_text()}
    assert {user for user in users if not user.startswith(("cli/", "sandbox/"))} == {"server/life.h", "server/others.h", "server/own_process.c"}
