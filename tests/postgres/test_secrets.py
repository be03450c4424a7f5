"""The secret is one for all processes of a book: whoever comes with another one is told so, and changes nothing."""

import subprocess

from sharing import Several, asked


def test_a_process_with_another_secret_is_told_what_to_do(tmp_path):
    several = Several(tmp_path, 2, secret=False, seed=None)
    first, second = several.programs
    first.start()
    try:
        before = asked(several.database, "SELECT * FROM book")
        refused = subprocess.run(second.arguments, capture_output=True, text=True, check=False)
        assert refused.returncode == 2
        assert f"do not open with the secret in {second.data}/secret.key: the book was made with another one" in refused.stderr
        assert "Copy the secret file of a process that serves it, and name it with --secret-file" in refused.stderr
        assert asked(several.database, "SELECT * FROM book") == before
        second.arguments += ["--secret-file", str(first.data / "secret.key")]
        second.start()
        second.stop()
    finally:
        first.stop()


def test_what_stands_in_the_book_tells_whether_it_is_the_secret_and_not_which(tmp_path):
    several = Several(tmp_path, 1, seed=None).start()
    try:
        (check,) = asked(several.database, "SELECT secret_check FROM book")
        assert len(check) == 32 and check not in several.secret.read_text("ascii")
    finally:
        several.stop()
