"""The table of all refusals, read from src/base/server/errors.def: what an answer outside 2xx may say.

Tests name status, code and a piece of the message by hand, from the documents. This table is for the check that runs on every
answer: whatever the program refuses with has to be one of the declared rows, whole.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

ERRORS_DEF = Path(__file__).resolve().parents[2] / "src" / "base" / "server" / "errors.def"

_TEXT = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
_ROW = re.compile(
    r"FZ_ROW\(\s*(\w+),\s*(\d+),\s*"
    + rf"{_TEXT},\s*{_TEXT},\s*"  # the two codes
    + r"(\d+),\s*"
    + rf"{_TEXT},\s*{_TEXT},\s*{_TEXT}\)"  # English, Chinese, when
)

_HK_ENGLISH = re.compile(rf"FZ_HK_ENGLISH\((\w+),\s*{_TEXT}\)")


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
    hk_english: str  # under /hk/v3

    def code_for(self, target):
        """The code under the prefix of this target."""
        return self.hk_code if target.startswith("/hk/v3/") else self.code

    def message_for(self, target):
        """The English message under the prefix of this target."""
        return self.hk_english if target.startswith("/hk/v3/") else self.english


def _joined(literals):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)).replace('\\"', '"').replace("\\\\", "\\")


def _read():
    definitions = ERRORS_DEF.read_text("utf-8")
    otherwise = {name: _joined(english) for name, english in _HK_ENGLISH.findall(definitions)}
    rows = []
    for name, status, number, *texts in [(m[0], m[1], m[4], *m[2:4], *m[5:]) for m in _ROW.findall(definitions)]:
        code, hk_code, english, chinese, when = map(_joined, texts)
        hk_english = otherwise.get(name, english)
        rows.append(Row(name, int(status), code, hk_code, int(number), english, chinese, when, hk_english))
    assert rows, f"no rows found in {ERRORS_DEF}"
    return rows


ROWS = _read()

# No state of the book leads to these. What stands behind them is shown elsewhere: a full queue of writes and a failing disk by
# unit/server/http/http.c::a_full_queue and faults/test_disk.py; the documents' row for refundable-balance has no cause at all.
ON_DEMAND_ONLY = {"OVERLOAD", "SYSTEM_ERROR", "BALANCE_NOT_DISTRIBUTABLE"}

# It takes 5 001 refunds of as many orders; unit/book/refund/refund.c has them.
TOO_LONG_TO_REACH = {"LIMIT_LATE_REFUNDS"}


def seen(exchange):
    """The row that a recorded exchange was refused with; None for a good answer, and for what is no row of the table."""
    if exchange["status"] < 400:
        return None
    members, headers = json.loads(exchange["body"]), dict(exchange["headers"])
    number = int(headers["Request-ID"].rsplit("-", 1)[1])
    found = matching(number, exchange["status"], members["code"], exchange["target"])
    return next((row for row in found if members["message"] in (row.message_for(exchange["target"]), row.chinese)), None)


def matching(number, status, code, target):
    """The rows that an answer with these values may stand for (some share a number)."""
    return [row for row in ROWS if (row.number, row.status, row.code_for(target)) == (number, status, code)]
