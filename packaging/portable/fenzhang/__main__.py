"""Becomes the program: `fenzhang …`, and `python -m fenzhang …`."""
import os
import signal
import sys

from fenzhang import PROGRAM


def main():
    # Python ignores these, and what is ignored stays so in the program that it becomes.
    for number in signal.SIGPIPE, signal.SIGXFSZ:
        signal.signal(number, signal.SIG_DFL)
    os.execv(PROGRAM, ["fenzhang", *sys.argv[1:]])


if __name__ == "__main__":
    main()
