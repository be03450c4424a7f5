"""Several processes on one database, each with ports and a data directory of its own and the secret of all; and a client whose requests go to
each of them in turn, as behind a plain load balancer."""

import itertools
import os
import secrets
import subprocess
from concurrent.futures import ThreadPoolExecutor

from client import Client, Credentials
from control import Control
from program import POSTGRES, Program
from world import World


def asked(address, sql):
    """What psql says, a line a row."""
    return subprocess.run(["psql", "-Atqc", sql, address], capture_output=True, text=True, check=True).stdout.splitlines()


def empty_database(place):
    """The address of a new one, and in `place` the secret for its book."""
    with open(os.open(place / "secret", os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    name = f"fz_{secrets.token_hex(12)}"
    subprocess.run(["createdb", f"--maintenance-db={POSTGRES}&dbname=postgres", name], check=True, capture_output=True)
    return f"{POSTGRES}&dbname={name}"


class Sharer(Program):
    """One of them, in `place`/process-`number`; without `secret` it makes a secret of its own."""

    def __init__(self, place, number, address, *options, secret=True, binary=None, **settings):
        directory = place / f"process-{number}"
        directory.mkdir()
        known = ("--secret-file", str(place / "secret")) if secret else ()
        super().__init__(directory, "--store", address, *known, *options, **settings)
        self.run_by(binary)

    def run_by(self, binary):
        """From its next start on, this program."""
        if binary is not None:
            self.arguments[0] = str(binary)


class Several:
    """`count` processes of one book, started at once."""

    def __init__(self, place, count=3, *options, named=None, **settings):
        self.database = empty_database(place)
        self.secret = place / "secret"
        self.programs = []
        for number in range(count):
            name = ["--process", f"{named}-{number}"] if named else []
            self.programs.append(Sharer(place, number, self.database, *options, *name, **settings))

    def start(self):
        with ThreadPoolExecutor(len(self.programs)) as at_once:
            list(at_once.map(Program.start, self.programs))
        return self

    def stop(self):
        with ThreadPoolExecutor(len(self.programs)) as at_once:
            list(at_once.map(Program.stop, self.programs))

    # what World asks of a program
    api = property(lambda self: self.programs[0].api)
    control = property(lambda self: self.programs[0].control)
    data = property(lambda self: self.programs[0].data)
    ca = property(lambda self: self.programs[0].ca)
    demo = property(lambda self: self.programs[0].demo)


class Everywhere(World):
    """A world whose requests and control calls go to the processes in turn."""

    def __init__(self, several):
        super().__init__(several)
        self.several = several
        self.client = SpreadClient(several)
        self.control = SpreadControl(several)

    def at(self, number):
        """The same world, as that process alone shows it."""
        program = self.several.programs[number]
        here = World(program)
        here._counter, here._parties = self._counter, self._parties
        here.client.platform = self.client.platform
        here.credentials = self.credentials
        return here

    def each(self):
        return [self.at(number) for number in range(len(self.several.programs))]

    def credentials(self, mchid):
        """Keys lie where the process that was asked for them put them: the newest are the merchant's."""
        places = [program.data / "merchants" / mchid for program in self.several.programs]
        found = [place for place in places if (place / "serial_no").exists()]
        return Credentials.load(max(found, key=lambda place: (place / "serial_no").stat().st_mtime_ns))


class Spread:
    """Its base URL is another process's each time that it is asked for."""

    def spread(self, places):
        self._turns = itertools.cycle(places)

    @property
    def base_url(self):
        return next(self._turns)

    @base_url.setter
    def base_url(self, _):
        pass


class SpreadClient(Spread, Client):
    def __init__(self, several):
        self.spread([program.api for program in several.programs])
        super().__init__(several.api, several.data / "platform")


class SpreadControl(Spread, Control):
    def __init__(self, several):
        self.spread([program.control for program in several.programs])
        super().__init__(several.control)
