"""Each mistake, made by a real signer over requests of each kind: it is named, and nothing else is"""

import json
from collections import defaultdict

import pytest
from answers import ok
from signers import SIGNERS, UNKNOWABLE, corpus, draft


def names(answer):
    diagnosis = answer.json["diagnosis"]
    return [diagnosis["mistake"], *diagnosis["also"]]


@pytest.fixture(scope="module")
def findings(shapes, ask):
    """(signer, shape, draft, diagnosis) of the whole corpus."""
    found = []
    for signer, shape, signed in corpus(shapes):
        answer = ask(signed.request(), shape.method, shape.target)
        assert answer.status == 401, f"{signer.label} over {shape.name}: {answer}"
        found.append((signer, shape, signed, answer))
    return found


def test_the_corpus_is_large(findings):
    assert len(findings) > 500
    assert len({signer.mistakes[0] for signer, *_ in findings}) >= 45
    assert all(any(one is signer for signer, *_ in findings) for one in SIGNERS), "a signer took no part"


def test_none_is_named_wrongly(findings):
    wrong = [
        f"{signer.label} over {shape.name}: {names(answer)} instead of {signer.mistakes}"
        for signer, shape, _, answer in findings
        if names(answer) != ["UNKNOWN"] and set(names(answer)) != set(signer.mistakes)
    ]
    assert wrong == []


def test_at_least_95_in_100_are_named(findings):
    unnamed = [f"{signer.label} over {shape.name}" for signer, shape, _, answer in findings if names(answer) == ["UNKNOWN"]]
    assert len(unnamed) * 20 <= len(findings), unnamed


def test_every_mistake_is_named_somewhere(findings):
    named = defaultdict(int)
    for signer, _, _, answer in findings:
        named[signer.mistakes] += set(names(answer)) == set(signer.mistakes)
    assert [mistakes for mistakes, count in named.items() if count == 0] == []


def first_difference(one, other):
    for at, (a, b) in enumerate(zip(one, other)):
        if a != b:
            return at
    return min(len(one), len(other)) if len(one) != len(other) else None


def test_the_place_is_that_of_the_first_difference(findings):
    """Compared with the two messages as they were made here."""
    compared = 0
    for signer, shape, signed, answer in findings:
        if set(names(answer)) != set(signer.mistakes):
            continue
        lines = [shape.method.encode(), signed.sent_target.encode(), signed.timestamp.encode(), signed.nonce.encode(), signed.sent_body]
        expected = b"\n".join(lines) + b"\n"
        at = first_difference(signed.signed_message(), expected)
        diagnosis = answer.json["diagnosis"]
        assert diagnosis.get("offset") == at, f"{signer.label} over {shape.name}: {diagnosis}"
        if at is not None:
            assert diagnosis["line"] == expected[:at].count(b"\n") + 1, f"{signer.label} over {shape.name}: {diagnosis}"
            assert diagnosis["signed"] != diagnosis["expected"]
            compared += 1
    assert compared > 400


def test_the_vendor_s_members_stay_as_they_are(findings):
    for _, _, _, answer in findings:
        members = answer.json
        assert set(members) == {"code", "message", "detail", "diagnosis"}
        assert set(members["detail"]) == {"detail", "field", "location", "sign_information"}


def test_a_right_request_is_never_diagnosed(right, ask):
    for shape, signed in right:
        answer = ask(signed.request(), shape.method, shape.target)
        assert answer.status != 401 and b"diagnosis" not in answer.body, str(answer)


@pytest.mark.parametrize("label", UNKNOWABLE)
def test_what_nobody_can_find_out_is_unknown(shapes, ask, label):
    for shape in shapes:
        signed = draft(shape)
        UNKNOWABLE[label](signed, shape)
        answer = ask(signed.request(), shape.method, shape.target)
        assert answer.status == 401 and answer.json["diagnosis"]["mistake"] == "UNKNOWN", f"{shape.name}: {answer}"
        assert "offset" not in answer.json["diagnosis"]
