"""Moves of the clock after a kill. In PostgreSQL the clock stays a few seconds with a process that died in a move: others cannot know at once."""

import time

from book import ON_POSTGRES
from client import PATIENCE
from control import ControlError


def moved(move):
    """What the move came to, which is tried until it may be made."""
    ends = time.monotonic() + 60 * PATIENCE
    while True:
        try:
            return move()
        except ControlError as refused:
            assert ON_POSTGRES and refused.status == 409 and time.monotonic() < ends, refused
            time.sleep(0.2)
