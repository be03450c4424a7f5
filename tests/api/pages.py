"""The documents' code blocks, and a shell that they are pasted into one after the other."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MARK = "=====block====="
ENDED = "=====ended====="


def section(page, heading):
    """The text of a page's section, up to the next heading of its level or above (but "# " begins a comment, too, and heads pages alone)."""
    level = heading.split(" ", 1)[0]
    behind = page.split(f"\n{heading}\n", 1)[1]
    return re.split(rf"\n#{{2,{len(level)}}} ", behind, maxsplit=1)[0]


def blocks(text, *kinds):
    """(kind, content) of its code blocks, of these kinds or of all."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.S | re.M)
    return [(kind, content) for kind, content in found if not kinds or kind in kinds]


class Shell:
    """One `sh -u` in `directory`; paste() gives what a block printed, and takes no failure of any of its commands."""

    def __init__(self, directory, environment, command=("sh", "-eu")):
        self.process = subprocess.Popen(
            command, cwd=directory, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        # Its end is said: what it has started in the background may hold its output open.
        self.process.stdin.write(f"trap 'echo; echo {ENDED}' EXIT\n")

    def paste(self, block):
        self.process.stdin.write(f"{block}\necho; echo {MARK}\n")
        self.process.stdin.flush()
        printed = []
        for line in self.process.stdout:
            if line.strip() == MARK:
                return "".join(printed)[:-1]
            if line.strip() == ENDED:
                break
            printed.append(line)
        raise AssertionError(f"{block}ended with status {self.process.wait()} after it printed:\n{''.join(printed)}")

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
