"""Every answer that the scenarios saw matches what its endpoint declares, and every endpoint was called. Reads what tests/api recorded (FENZHANG_EXCHANGES) and
`fenzhang openapi`, with a public validator."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "api"))
import rows  # noqa: E402


@pytest.fixture(scope="module")
def document():
    out = subprocess.run([os.environ["FENZHANG"], "openapi"], capture_output=True, text=True, check=True).stdout
    return json.loads(out)


@pytest.fixture(scope="module")
def exchanges():
    with open(os.environ["FENZHANG_EXCHANGES"], encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def operations(document):
    """(method, pattern of the path) -> operation"""
    return {
        (method.upper(), re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + "$")): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in ("get", "post", "delete", "put")
    }


def operation_of(operations, exchange):
    path = urlsplit(exchange["target"]).path
    for (method, pattern), operation in operations.items():
        if method == exchange["method"] and pattern.match(path):
            return operation
    return None


def test_every_answer_matches_its_declaration(document, operations, exchanges):
    wrong = []
    checked = 0
    for exchange in exchanges:
        operation = operation_of(operations, exchange)
        if operation is None:
            continue
        status = str(exchange["status"])
        declared = operation["responses"].get(status, operation["responses"].get("default"))
        if declared is None:
            wrong.append(f"{exchange['method']} {exchange['target']}: status {status} is not declared")
            continue
        schema = declared.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            continue
        whole = {**schema, "components": document.get("components", {})}
        for error in jsonschema.Draft202012Validator(whole).iter_errors(json.loads(exchange["body"])):
            wrong.append(f"{exchange['method']} {exchange['target']}: {error.json_path}: {error.message}")
        checked += 1
    assert wrong == []
    assert checked > 200


# An order has its transaction_id from the payment on, and a paid one is not closed.
NO_STATE_LEADS_TO = {"order-close-by-id", "order-close-by-id-2"}


def test_every_endpoint_gave_its_good_answer(operations, exchanges):
    """Every path of every row, under both prefixes, with a 2xx answer where there is a state that leads to one."""
    called = set()
    for exchange in exchanges:
        if 200 <= exchange["status"] < 300:
            path = urlsplit(exchange["target"]).path
            called |= {key for key in operations if key[0] == exchange["method"] and key[1].match(path)}
    missing = sorted(
        f"{method} {pattern.pattern}"
        for (method, pattern), operation in operations.items()
        if ((method, pattern) in called) == (operation["operationId"] in NO_STATE_LEADS_TO)
    )
    assert missing == []


def test_every_row_of_the_table_of_refusals_was_met(exchanges):
    """Each in the state that leads to it. What was only asked for (the header, a fault) counts where there is no such state."""
    in_its_state = {row.name for row in map(rows.seen, (one for one in exchanges if not one["on_demand"])) if row}
    on_demand = {row.name for row in map(rows.seen, (one for one in exchanges if one["on_demand"])) if row}
    every = {row.name for row in rows.ROWS}
    assert sorted(every - in_its_state - rows.ON_DEMAND_ONLY - rows.TOO_LONG_TO_REACH) == []
    assert sorted(every - on_demand) == []


def test_the_document_says_what_it_is(document):
    assert document["openapi"].startswith("3.1.")
    assert len(document["paths"]) >= 25
