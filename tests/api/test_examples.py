"""The examples of `fenzhang openapi` are true: each is sent as it stands to the demo book of --seed 1, just made, and answered as it says."""

import json
import os
import re
import subprocess
from urllib.parse import quote, urlsplit

import jsonschema
import pytest
import requests

from client import PATIENCE, target_of
from demo_book import DemoBook
from program import REPOSITORY, Program

# Drawn anew, of the address, or of the machine's clock.
NOT_DETERMINED = {"download_url", "nonce", "ciphertext", "mweb_url"}
OF_THE_PROCESS = {"process", "process_name", "sequence", "request_id", "time", "duration_us", "peer", "before", "id", "seed", "serial_no", "headers", "commits", "created", "bytes",
                  "attempts"}  # one that is asked for again may have been made when the answer is
WHOLE = {"world", "left_out"}  # a book's; the example shows how it begins (test_world_export.py has what it is)
REFUSED = {"order-close-by-id": "ORDER_PAID"}  # an order has its transaction_id from the payment on, and a paid one is not closed


def described(*options):
    return json.loads(subprocess.run([os.environ["FENZHANG"], "openapi", *options], capture_output=True, text=True, check=True).stdout)


DOCUMENT = described()
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation) for path, item in DOCUMENT["paths"].items() for method, operation in item.items()
}


CONTROL = {
    operation["operationId"]: (method.upper(), path, operation) for path, item in described("--control")["paths"].items() for method, operation in item.items()
}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("examples"), demo=True, seed=1).start()
    yield DemoBook(program)
    program.stop()


@pytest.fixture
def fresh(book):
    book.control.post("/reset", {"again": True})
    for snapshot in book.control.get("/snapshots")["snapshots"]:
        book.control.raw("DELETE", f"/snapshots/{snapshot['name']}")
    return book


def example_of(content):
    return next(iter(content.values())).get("example") if content else None


def determined(value, others=NOT_DETERMINED):
    if isinstance(value, dict):
        return {name: None if name in others else determined(item, others) for name, item in value.items()}
    return [determined(item, others) for item in value] if isinstance(value, list) else value


def untried(value):
    """Callbacks as they are before their first attempt, which may have been made when the answer is: nobody listens there, so it is due again later."""
    if isinstance(value, dict):
        if value.get("attempts") == 1:
            value = {**value, "due_time": value["create_time"], **({"sent": value["sent"][1:]} if "sent" in value else {})}
        return {name: untried(item) for name, item in value.items()}
    return [untried(item) for item in value] if isinstance(value, list) else value


def target_and_query(path, operation, replaced):
    query = []
    for parameter in operation["parameters"]:
        if "example" not in parameter:
            assert not parameter["required"], parameter
            continue
        value = replaced.get(parameter["name"], parameter["example"])
        if parameter["in"] == "path":
            path = path.replace("{%s}" % parameter["name"], quote(value))
        else:
            query.append((parameter["name"], value))
    return path, query


def send(book, name, replaced=()):
    """The example of the operation, by whom and after what it says."""
    method, path, operation = OPERATIONS[name]
    how = operation["x-fenzhang-example"]
    replaced = dict(replaced)
    if "after" in how:
        before = send(book, how["after"])
        assert before.status in (200, 204), str(before)
        link = before.json.get("download_url") if before.body else None
        if link:
            replaced["token"] = urlsplit(link).query.removeprefix("token=")
    party = book.party("institution" if how["caller"] == "institution" else "direct")
    path, query = target_and_query(path, operation, replaced)
    body = example_of(operation.get("requestBody", {}).get("content"))
    if body is not None and "multipart/form-data" in operation["requestBody"]["content"]:
        return book.upload(party, body["file"].encode(), **body["meta"])
    return book.client.send(party.caller, method, target_of(path, query), body)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_example_of_the_api(fresh, name):
    _, _, operation = OPERATIONS[name]
    answer = send(fresh, name)
    code = next((code for of, code in REFUSED.items() if name.startswith(of)), None)
    if code is not None:
        assert answer.json["code"].replace("_", "") == code.replace("_", "")
        return
    shown = operation["responses"].get(str(answer.status))
    assert shown is not None, str(answer)
    example = example_of(shown.get("content"))
    if example is None:
        assert answer.status == 204 and answer.body == b""
    elif isinstance(example, str):
        assert answer.body.decode("utf-8-sig").startswith(example)
    else:
        assert determined(answer.json) == determined(example)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_example_is_as_its_schema_demands(name):
    _, _, operation = OPERATIONS[name]
    for parameter in operation["parameters"]:
        if "example" in parameter:
            jsonschema.validate(parameter["example"], parameter["schema"])
    contents = [operation.get("requestBody", {}).get("content"), *(response.get("content") for response in operation["responses"].values())]
    for kind, content in ((kind, content) for kinds in contents for kind, content in (kinds or {}).items()):
        assert "example" in content, f"no example: {kind} of {name}"
        if kind == "multipart/form-data":
            jsonschema.validate(content["example"]["meta"], content["schema"]["properties"]["meta"]["contentSchema"])
        else:
            jsonschema.validate(content["example"], content["schema"])


# ---- the control interface ----

OF_FILES = pytest.mark.sqlite("a snapshot is a copy of the book's file")


def control(book, name):
    """The example of the call, after what it says. Numbers that the process gives are those of that call's answer."""
    method, path, operation = CONTROL[name]
    after, replaced = operation.get("x-fenzhang-example", {}).get("after"), {}
    if after in OPERATIONS:
        replaced["request_id"] = send(book, after).header("Request-ID")
    elif after is not None:
        before = control(book, after)
        assert before.status_code == 200, before.text
        if "callbacks" in path:
            replaced["id"] = book.control.get("/callbacks")["callbacks"][0]["id"] if after.endswith("pay") else None
        else:
            replaced["id"] = str(before.json().get("id"))
    path, query = target_and_query(path, operation, replaced)
    body = example_of(operation.get("requestBody", {}).get("content"))
    return requests.request(method, book.program.control + path, params=query, json=body, stream=True, timeout=20 * PATIENCE)


@pytest.mark.parametrize("name", [pytest.param(name, marks=OF_FILES) if "/snapshots" in name else name for name in CONTROL])
def test_an_example_of_the_control_interface(fresh, name):
    with control(fresh, name) as answer:
        assert answer.status_code == 200, answer.text
        content = CONTROL[name][2]["responses"]["200"]["content"]
        assert answer.headers["Content-Type"].split(";")[0] in content
        example = example_of(content)
        if isinstance(example, str):
            assert next(answer.iter_lines()).decode().startswith(example)
        else:
            assert determined(untried(answer.json()), OF_THE_PROCESS | WHOLE) == determined(example, OF_THE_PROCESS | WHOLE)


@pytest.mark.parametrize("name", CONTROL)
def test_an_example_of_the_control_interface_is_as_its_schema_demands(name):
    _, _, operation = CONTROL[name]
    for parameter in operation["parameters"]:
        assert parameter["in"] == "query" or parameter["required"] and "example" in parameter
        if "example" in parameter and parameter["in"] == "query":
            jsonschema.validate(parameter["example"], parameter["schema"])
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    assert (content is None) == (not name.startswith("POST"))
    if content is not None:
        jsonschema.validate(content["example"], content["schema"])


def test_a_call_takes_the_members_that_are_described_and_no_other(book):
    """All at once, each with a value that is none: the call complains of a value, and of no name."""
    schemas = {name: CONTROL[name][2]["requestBody"]["content"]["application/json"]["schema"] for name in CONTROL if name.startswith("POST")}
    for name, schema in schemas.items():
        path = book.program.control + name.removeprefix("POST ").replace("*", "1900000100")
        members = schema.get("properties", {})
        if members:
            answer = requests.post(path, json={member: [[]] for member in members}, timeout=20 * PATIENCE)
            assert answer.status_code == 400 and "is not a member" not in answer.text, (name, answer.text)
        answer = requests.post(path, json={"another": 1}, timeout=20 * PATIENCE)
        assert answer.status_code == 400 and '\\"another\\" is not a member of this call' in answer.text, (name, answer.text)
        for member in members:
            assert member in answer.text, (name, answer.text)


def test_every_call_of_the_control_interface_is_described():
    """Those of the page's first column, which the router's rows are."""
    told = {re.sub(r"\{\w+\}", "*", path) for _, path, _ in CONTROL.values()}
    page = (REPOSITORY / "docs" / "control.md").read_text("utf-8").split("## Faults")[0]
    written = {re.sub(r"/[A-Z_]+", "/*", path) for path in re.findall(r"`(?:GET|POST|DELETE) (/[\w/]+)`", page) if not path.startswith("/v3")}
    assert told == written and len(CONTROL) >= 32
