"""The image's layers: what changes with Debian's packages, and above it what changes with each commit."""
import collections
import gzip
import hashlib
import io
import tarfile

from system import USER

# `packed` is its blob, `content` the digest of what that unpacks to.
Layer = collections.namedtuple("Layer", "packed digest content")
OURS = {"usr/bin/fenzhang", *(f"usr/share/doc/fenzhang/{name}" for name in ["LICENSE", "CHANGELOG.md", "fenzhang.spdx.json"])}
MODES = {"data": 0o700, "tmp": 0o1777}


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def is_program(name):
    return "/bin/" in name or "/ld-linux" in name


def entry(archive, path, name, date):
    """Root's, but the data directory; nothing of who built it, and when."""
    made = archive.gettarinfo(path, name)
    made.uid = made.gid = USER if name == "data" else 0
    made.uname = made.gname = ""
    made.mtime = date
    made.mode = MODES.get(name, 0o755 if made.isdir() or is_program(name) else 0o777 if made.issym() else 0o644)
    return made


def pack(root, names, date):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(names):
            made = entry(archive, root / name, name, date)
            with open(root / name, "rb") if made.isreg() else io.BytesIO() as file:
                archive.addfile(made, file)
    packed = gzip.compress(content.getvalue(), 6, mtime=0)
    return Layer(packed, sha256(packed), sha256(content.getvalue()))


def both(root, date):
    """The lower one has no date: it is the same for as long as Debian's packages are, and then is not downloaded again."""
    names = {path.relative_to(root).as_posix() for path in root.rglob("*")}
    return [pack(root, names - OURS, 0), pack(root, names & OURS, date)]
