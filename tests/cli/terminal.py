"""The program on a terminal."""
import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

from client import PATIENCE
from command import environment
from program import BINARY


def on_terminal(*arguments, columns=80, lines=100, typed="", env=None):
    """(exit status, what the terminal was sent), the standard output and error together; \\r\\n as \\n."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    process = subprocess.Popen([str(BINARY), *map(str, arguments)], stdin=its, stdout=its, stderr=its, start_new_session=True,
                               env=environment(**{"TERM": "xterm", "PAGER": "cat"} | (env or {})))
    os.close(its)
    said, ends = b"", time.monotonic() + 20 * PATIENCE
    while time.monotonic() < ends and select.select([ours], [], [], 20 * PATIENCE)[0]:
        try:
            said += os.read(ours, 65536)
            if typed:  # once it has been asked for
                os.write(ours, typed.encode())
                typed = ""
        except OSError:  # the other end is closed
            break
    os.close(ours)
    return process.wait(20 * PATIENCE), said.decode().replace("\r\n", "\n")


def all_that_was_sent(ours):
    """To a terminal whose other end is closed. It may come in pieces, also what was written at once."""
    said = b""
    with contextlib.suppress(OSError):  # that was all
        while piece := os.read(ours, 65536):
            said += piece
    os.close(ours)
    return said.decode()
