"""Further stores of one process (serve --store NAME=URL --store-map FILE), for tests."""

import json
from types import SimpleNamespace

from program import Program
from world import World


def write_map(path, lies, **sections):
    """`lies`: mchid → name."""
    lines = [f"{mchid} = {name}\n" for mchid, name in lies.items()]
    for name, members in sections.items():
        lines += [f"\n[{name}]\n", *(f"{member} = {value}\n" for member, value in members.items())]
    path.write_text("".join(lines))
    return path


class Mapped(Program):
    """A process with further stores: name → address."""

    def __init__(self, directory, store_map, stores, *options, **settings):
        named = [word for name, address in stores.items() for word in ("--store", f"{name}={address}")]
        super().__init__(directory, *options, "--store-map", store_map, "--ready-file", directory / "ready.json", **settings)
        self.named = named

    @property
    def command(self):
        return super().command + self.named

    def store(self, name):
        """What a World asks of a program, for a further store: its own control interface and data, the process's one API."""
        told = json.loads((self.directory / "ready.json").read_text())["stores"][name]
        data = self.data / "stores" / name
        assert told["data"] == str(data)
        return SimpleNamespace(api=self.api, control=told["control"], data=data, ca=self.ca)

    def world(self, name):
        return World(self.store(name))
