"""What a watchdog is to a machine: who does not write to it in time is reset."""

import os
import re
import select
import threading
import time


class Watchdog:
    """Patroni's `testing` driver tells a pipe what its usual one tells the kernel's device: a timeout, signs of life, and a V when it is let go."""

    def __init__(self, pipe, reset):
        self.reset = reset
        self.reset_at = []
        self.is_there = False  # else a pipe that nobody minds
        os.mkfifo(pipe)
        os.chmod(pipe, 0o666)
        self.pipe = os.open(pipe, os.O_RDWR)
        threading.Thread(target=self._mind, daemon=True).start()

    def _mind(self):
        seconds = armed = None
        while True:
            if select.select([self.pipe], [], [], seconds if armed else None)[0]:
                told = os.read(self.pipe, 4096)
                for timeout in re.findall(rb"timeout=(\d+)", told):
                    seconds = int(timeout)
                armed = not told.endswith(b"V")
            else:
                armed = None
                if self.is_there:
                    self.reset_at.append(time.time())
                    self.reset()
