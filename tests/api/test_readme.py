"""What the README shows works when it is pasted, in both languages: its shell blocks are run in order, in one shell, and the JSON shown after a block is
what the block prints last."""
import json
import subprocess

import pytest

from pages import MARK, ROOT, blocks, section

README, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
INTEGRATORS = ROOT / "docs" / "integrators.md"
TOURS = {README: "## A ten-minute tour", CHINESE: "## 十分钟上手"}


def tour(page):
    return blocks(section(page.read_text("utf-8"), TOURS[page]), "sh", "json")


@pytest.mark.parametrize("page, tls", [(README, False), (README, True), (CHINESE, False)], ids=["plain", "tls", "chinese"])
def test_the_tour_prints_what_it_shows(make_server, tmp_path, page, tls):
    """With --tls too, once curl has been told whom to trust (docs/integrators.md)."""
    server = make_server("--demo", *(["--tls"] if tls else []))
    shown_blocks = tour(page)
    shells = [text for kind, text in shown_blocks if kind == "sh"]
    assert len(shells) >= 8
    (tmp_path / "data").symlink_to(server.data)
    script = f"\necho; echo '{MARK}'\n".join(shells)
    if tls:
        assert 'export CURL_CA_BUNDLE="$CA_CERT_PEM"' in INTEGRATORS.read_text()
        script = '. data/demo.env; export CURL_CA_BUNDLE="$CA_CERT_PEM"\n' + script
    done = subprocess.run(["sh", "-u"], input=script, capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert done.stderr == "" and done.returncode == 0
    printed = done.stdout.split(MARK)
    assert len(printed) == len(shells)

    at = -1
    shown = 0
    for kind, text in shown_blocks:
        if kind == "sh":
            at += 1
        else:
            assert printed[at].strip().splitlines()[-1] == text.strip()  # members in their order too
            shown += 1
    assert shown >= 3

    refund, bill, mistake, proof = printed[3], printed[4], printed[6], printed[7]
    assert json.loads(refund)["id"] == server.demo["REFUND_ID"]
    assert "Refund apply time,Refund success time," in bill and server.demo["REFUND_ID"] in bill
    diagnosis = json.loads(mistake)
    assert diagnosis["code"] == "SIGN_ERROR"
    assert diagnosis["detail"]["sign_information"]["url"].endswith("refundable-balance?x=1")
    assert "error" not in json.loads(proof)
