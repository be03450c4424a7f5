"""fenzhang lab score: recall and precision, worked out by hand"""
import json

import pytest

from command import run

PLANTED = [("amount", "RF1"), ("amount", "RF2"), ("fee", "RF3"), ("missing_here", "RF4")]


def document(pairs, **more):
    return json.dumps({"differences": [{"kind": kind, "out_refund_no": number, "reason": "…"} for kind, number in pairs]} | more)


@pytest.fixture
def score(tmp_path):
    def run_score(planted, reported):
        """(exit status, recall, precision, {(missed or false, kind, number)})"""
        (tmp_path / "key.json").write_text(document(planted, seed=1), "utf-8")
        (tmp_path / "report.json").write_text(document(reported, agrees=False), "utf-8")
        done = run("lab", "score", tmp_path / "key.json", tmp_path / "report.json")
        assert done.stderr == ""
        told = json.loads(done.stdout)
        assert list(told) == ["recall", "precision", "wrong"]
        wrong = [(one["wrong"], one["kind"], one["out_refund_no"]) for one in told["wrong"]]
        return done.returncode, told["recall"], told["precision"], wrong

    return run_score


def test_a_perfect_report(score):
    assert score(PLANTED, reversed(PLANTED)) == (0, 1, 1, [])


def test_an_empty_report_is_all_missed_and_nothing_false(score):
    assert score(PLANTED, []) == (1, 0, 1, [("missed", *one) for one in PLANTED])


def test_a_report_of_what_is_not_there(score):
    assert score([], [("fee", "RF9")]) == (1, 1, 0, [("false", "fee", "RF9")])


def test_nothing_planted_and_nothing_reported(score):
    assert score([], []) == (0, 1, 1, [])


def test_half_of_it(score):
    """Two of four were found, and three were reported: 2/4 and 2/3."""
    reported = [("amount", "RF1"), ("fee", "RF3"), ("rate", "RF7")]
    wrong = [("missed", "amount", "RF2"), ("missed", "missing_here", "RF4"), ("false", "rate", "RF7")]
    status, recall, precision, told = score(PLANTED, reported)
    assert (status, recall, told) == (1, 0.5, wrong) and precision == pytest.approx(2 / 3)


def test_the_right_refund_for_the_wrong_reason_is_missed_and_false(score):
    assert score([("fee", "RF1")], [("rate", "RF1")]) == (1, 0, 0, [("missed", "fee", "RF1"), ("false", "rate", "RF1")])


def test_what_is_reported_twice_counts_once(score):
    assert score(PLANTED, PLANTED + PLANTED) == (0, 1, 1, [])


def test_a_refund_may_have_two_differences(score):
    both = [("fee", "RF1"), ("amount", "RF1")]
    assert score(both, both) == (0, 1, 1, [])
    assert score(both, both[:1]) == (1, 0.5, 1, [("missed", "amount", "RF1")])


def test_any_program_s_report_will_do(tmp_path):
    """Other members are not looked at, and a difference that names no refund is false."""
    (tmp_path / "key.json").write_text(document([]))
    (tmp_path / "report.json").write_text('{"tool":"x","differences":[{"kind":"amount","out_refund_no":null,"lines":[1,2]}]}')
    done = run("lab", "score", tmp_path / "key.json", tmp_path / "report.json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["wrong"] == [{"wrong": "false", "kind": "amount", "out_refund_no": ""}]


def test_a_report_from_a_pipe(tmp_path):
    (tmp_path / "key.json").write_text(document(PLANTED))
    done = run("lab", "score", tmp_path / "key.json", "-", stdin=None, input=document(PLANTED))
    assert done.returncode == 0 and json.loads(done.stdout) == {"recall": 1, "precision": 1, "wrong": []}


@pytest.mark.parametrize("text,said", [
    (None, "cannot be read as JSON: unable to open"),
    ("", "cannot be read as JSON"),
    ('{"differences":[', "cannot be read as JSON"),
    ('{"agrees":true}', "has no list `differences'"),
    ("[]", "has no list `differences'"),
    ('{"differences":{}}', "has no list `differences'"),
])
def test_what_is_no_report(tmp_path, text, said):
    (tmp_path / "key.json").write_text(document(PLANTED))
    if text is not None:
        (tmp_path / "report.json").write_text(text)
    done = run("lab", "score", tmp_path / "key.json", tmp_path / "report.json")
    assert (done.returncode, done.stdout) == (2, "") and said in done.stderr and "report.json" in done.stderr


@pytest.mark.parametrize("words,said", [([], "the key and the report"), (["a"], "the report is missing"), (["a", "b", "c"], "too many words")])
def test_words(words, said):
    done = run("lab", "score", *words)
    assert (done.returncode, done.stdout) == (2, "") and said in done.stderr
