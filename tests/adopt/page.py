"""docs/clients.md: the blocks that people paste."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "clients.md"


def pasted(kind, heading):
    """The one block of this language below a heading."""
    section = re.split(r"^##+ ", PAGE.read_text("utf-8").partition(f"# {heading}\n")[2], maxsplit=1, flags=re.M)[0]
    (block,) = re.findall(rf"^```{kind}\n(.*?)^```$", section, re.S | re.M)
    return block
