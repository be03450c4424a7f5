"""The directory as a tarball, and as npm's package, which is a tarball too."""
import gzip
import json
import shutil
import tarfile

from directory import DOCUMENTS, ROOT, mode
from spdx import add_list

CPUS = {"x86_64": "x64", "aarch64": "arm64"}  # as Node calls them


def pack(stage, inside, date, path):
    """All files of `stage` in the folder `inside`: nobody's, of one date, in one order."""

    def nobodys(entry):
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime, entry.mode = date, mode(entry.name)
        return entry

    with open(path, "wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for source in sorted(source for source in stage.rglob("*") if source.is_file()):
            archive.add(source, f"{inside}/{source.relative_to(stage).as_posix()}", filter=nobodys)
    return path


def plain(stage, facts, out):
    name = f"fenzhang-{facts.version}-linux-{facts.machine}"
    shutil.copyfile(ROOT / "packaging/portable/README.md", stage / "README.md")
    add_list(stage, DOCUMENTS, f"{name}.tar.gz", facts)
    return pack(stage, name, facts.date, out / f"{name}.tar.gz")


def npm(stage, facts, out):
    """npm links to the program itself, which finds its libraries whatever it is called by: nothing stands between it and its signals.
    `import { fenzhang } from 'fenzhang'` is the helper for tests."""
    name = f"fenzhang-{facts.version}.tgz"
    said = json.loads((ROOT / "packaging/portable/package.json").read_text()) | {"version": facts.version, "cpu": [CPUS[facts.machine]]}
    (stage / "package.json").write_text(json.dumps(said, indent=2) + "\n")
    shutil.copyfile(ROOT / "packaging/portable/README.md", stage / "README.md")
    for helper in ["fenzhang.mjs", "fenzhang.d.mts"]:
        shutil.copyfile(ROOT / "adopt/node" / helper, stage / helper)
    add_list(stage, DOCUMENTS, name, facts)
    return pack(stage, "package", facts.date, out / name)
