"""debian/changelog of this source, on standard output: its version is the one in meson.build, what is new is told in CHANGELOG.md, and the date
is that of the latest commit (SOURCE_DATE_EPOCH, if it is set): changelog.py SOURCE"""
import email.utils
import os
import pathlib
import re
import subprocess
import sys
import textwrap


def version(source):
    return re.search(r"^\s*version: '([^']+)'", (source / "meson.build").read_text("utf-8"), re.M)[1]


def news(source, of):
    """The points of that version's section, in plain text."""
    text = (source / "CHANGELOG.md").read_text("utf-8")
    section = re.search(rf"^## {re.escape(of)}$(.*?)(?=^## |\Z)", text, re.M | re.S)
    if section is None:
        sys.exit(f"changelog: CHANGELOG.md has no section '## {of}', and {of} is the version in meson.build")
    plain = re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", section[1]).replace("**", "").replace("`", "")
    return re.findall(r"^\* (.*(?:\n  .*)*)", plain, re.M)


def date(source):
    seconds = os.environ.get("SOURCE_DATE_EPOCH") or subprocess.run(
        ["git", "-C", source, "log", "-1", "--format=%ct"], check=True, capture_output=True, text=True).stdout
    return email.utils.formatdate(int(seconds))


def maintainer():
    return re.search(r"^Maintainer: (.*)$", pathlib.Path(__file__).with_name("control").read_text("utf-8"), re.M)[1]


def main():
    source = pathlib.Path(sys.argv[1])
    now = version(source)
    print(f"fenzhang ({now}) unstable; urgency=medium\n")
    for point in news(source, now):
        print(textwrap.fill(" ".join(point.split()), 78, initial_indent="  * ", subsequent_indent="    ", break_long_words=False))
    print(f"\n -- {maintainer()}  {date(source)}")


main()
