"""The program as a person calls it: what it says, and how it ends."""
import os
import subprocess

from client import PATIENCE
from program import BINARY

OWN = ("FENZHANG_", "CONTROL_URL", "BASE_URL", "NO_COLOR", "CLICOLOR", "PAGER", "COLUMNS", "LINES")


def environment(**more):
    """This one's, without what would tell the program anything; and `more`."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    return plain | {"HOME": "/nonexistent", "LC_ALL": "C.UTF-8"} | more


def run(*arguments, env=None, **more):
    more = {"capture_output": True, "text": True, "timeout": 30 * PATIENCE, "stdin": subprocess.DEVNULL} | more
    return subprocess.run([str(BINARY), *map(str, arguments)], env=environment(**(env or {})), check=False, **more)


def start(*arguments, env=None, **more):
    more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "stdin": subprocess.DEVNULL} | more
    return subprocess.Popen([str(BINARY), *map(str, arguments)], env=environment(**(env or {})), **more)
