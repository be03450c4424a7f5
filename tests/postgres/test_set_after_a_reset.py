"""What a process keeps in memory until the next reset, set right after another process's: that one has not taken it away."""

import pytest
import requests

from callbacks import until
from control import Control
from program import REPOSITORY
from sharing import Several, asked

SET = {
    "a fault": (
        lambda control: control.add_fault(path="/v3/certificates", error="SYSTEM_ERROR"),
        lambda control: "/v3/certificates" in [fault.get("path") for fault in control.faults()],
    ),
    "no faults": (lambda control: control.raw("DELETE", "/faults"), lambda control: control.faults() == []),
    "no faults, the other way": (lambda control: control.clear_faults(), lambda control: control.faults() == []),
    "limits": (lambda control: control.post("/limits", {"limits": "real"}), lambda control: control.get("/limits") == {"limits": "real"}),
    "a mode": (
        lambda control: control.post("/callbacks/mode", {"mode": "duplicate"}),
        lambda control: [mode["mode"] for mode in control.get("/callbacks/mode")["modes"]] == ["duplicate"],
    ),
    "the clock of signatures": (lambda control: control.set_clock(sign="book"), lambda control: control.clock()["sign"] == "book"),
}


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """Two. Their book began with three faults."""
    running = Several(tmp_path_factory.mktemp("two"), 2, "--world", str(REPOSITORY / "worlds/faults.yaml"), seed=None).start()
    yield running
    running.stop()


@pytest.fixture
def other(several):
    """A process whose request log is not empty, as it is once it has followed a reset: the last one may just be emptying it."""
    control = Control(several.programs[1].control)
    until(lambda: requests.get(several.programs[1].api, timeout=60) is not None and control.get("/requests")["requests"])
    return control


def put_another_book_there(several):
    """What another process's reset comes to, in no time: a book with another name."""
    asked(several.database, "UPDATE book SET name = substr(md5(name), 1, length(name))")


def until_followed(control):
    until(lambda: not control.get("/requests")["requests"])


@pytest.mark.parametrize("what", SET)
def test_it_stays(several, other, what):
    set_it, stands = SET[what]
    assert not stands(other)
    put_another_book_there(several)
    set_it(other)
    until_followed(other)
    assert stands(other)
    Control(several.programs[0].control).reset()
    until(lambda: not stands(other))


def test_a_fault_of_the_book_before_is_none_to_end(several, other):
    old = other.add_fault(path="/v3/certificates", error="SYSTEM_ERROR")["id"]
    put_another_book_there(several)
    assert other.raw("DELETE", f"/faults/{old}").status_code == 404
