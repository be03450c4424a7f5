"""The table of all refusals, read from src/base/errors.def: what an answer outside 2xx may say.

Tests name status, code and a piece of the message by hand, from the documents. This table is for the check that runs on every
answer: whatever the program refuses with has to be one of the declared rows, whole.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ERRORS_DEF = Path(__file__).resolve().parents[2] / "src" / "base" / "errors.def"

_TEXT = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
_ROW = re.compile(
    r"FZ_ROW\(\s*(\w+),\s*(\d+),\s*"
    + rf"{_TEXT},\s*{_TEXT},\s*"  # the two codes
    + r"(\d+),\s*"
    + rf"{_TEXT},\s*{_TEXT},\s*{_TEXT}\)"  # English, Chinese, when
)


@dataclass(frozen=True)
class Row:
    name: str
    status: int
    code: str
    hk_code: str
    number: int
    english: str
    chinese: str
    when: str

    def code_for(self, target):
        """The code under the prefix of this target."""
        return self.hk_code if target.startswith("/hk/v3/") else self.code


def _joined(literals):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)).replace('\\"', '"').replace("\\\\", "\\")


def _read():
    rows = [
        Row(name, int(status), _joined(code), _joined(hk_code), int(number), _joined(english), _joined(chinese), _joined(when))
        for name, status, code, hk_code, number, english, chinese, when in _ROW.findall(ERRORS_DEF.read_text("utf-8"))
    ]
    assert rows, f"no rows found in {ERRORS_DEF}"
    return rows


ROWS = _read()


def matching(number, status, code, target):
    """The rows that an answer with these values may stand for (some share a number)."""
    return [row for row in ROWS if (row.number, row.status, row.code_for(target)) == (number, status, code)]
