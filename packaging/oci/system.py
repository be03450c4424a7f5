"""The files of the image: the portable directory as /usr, what it stands on, and a user."""
import os
import pathlib
import re
import shutil
import subprocess

import directory
from spdx import add_list

# By the C library, when it ends a thread. Packages for any Linux take the machine's, which every distribution has: Debian's asks for a newer
# C library than the program does.
LOADED_LATER = "libgcc_s.so.1"
USER = 10001  # a number of its own, so that Kubernetes sees that it is not root; Debian's and its packages' are below
FILES = {
    "etc/passwd": f"root:x:0:0:root:/:/none\nfenzhang:x:{USER}:{USER}:Fenzhang:/data:/none\n",
    "etc/group": f"root:x:0:\nfenzhang:x:{USER}:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}
AUTHORITIES = pathlib.Path("/usr/share/ca-certificates/mozilla")
ZONES = pathlib.Path("/usr/share/zoneinfo")


def copy_c_library(root):
    """Where its loader looks for it: that lies at a place of its own, the rest in /usr/lib."""
    told = directory.told("ldd", root / "usr/bin/fenzhang")
    (loader,) = re.findall(r"^\s+(/\S+) \(", told, re.MULTILINE)
    files = {loader.removeprefix("/"): pathlib.Path(loader)}
    for path, package in directory.owners([pathlib.Path(path) for path in re.findall(r" => (/(?:usr/)?lib/\S+)", told)]).items():
        if package == directory.C_LIBRARY:
            files[f"usr/lib/{path.name}"] = path
    for name, path in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, root / name)
    return dict.fromkeys(files, directory.C_LIBRARY)


def copy_authorities(root):
    """Debian's alone, not what somebody added to this machine."""
    name = "etc/ssl/certs/ca-certificates.crt"
    certificates = sorted(AUTHORITIES.glob("*.crt"))
    if not certificates:
        raise SystemExit("oci: there are no certificate authorities in /usr/share/ca-certificates: script/bootstrap ca-certificates tzdata")
    (root / name).parent.mkdir(parents=True)
    (root / name).write_bytes(b"".join(path.read_bytes() for path in certificates))
    return {name: "ca-certificates"}


def copy_zones(root):
    """With the links between them. What lies in right/ counts leap seconds, and nobody asks for it."""
    zones = root / "usr/share/zoneinfo"
    if not ZONES.is_dir():
        raise SystemExit("oci: there are no time zones in /usr/share/zoneinfo: script/bootstrap ca-certificates tzdata")
    subprocess.run(["cp", "--recursive", "--no-dereference", "--preserve=links", ZONES, zones], check=True)
    for unasked in ["right", "posix"]:
        shutil.rmtree(zones / unasked, ignore_errors=True)
    return {path.relative_to(root).as_posix(): "tzdata" for path in zones.rglob("*") if path.is_file()}


def write_own(root):
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for name in ["data", "tmp"]:
        (root / name).mkdir()


def make(root):
    """Makes them; what is to be said of them."""
    os.umask(0o022)
    facts = directory.make(root / "usr", [LOADED_LATER], [directory.C_LIBRARY, "ca-certificates", "tzdata"])
    shutil.rmtree(root / "usr/share/man")
    packages = {f"usr/{name}": package for name, package in facts.packages.items()}
    packages |= copy_c_library(root) | copy_authorities(root) | copy_zones(root)
    write_own(root)
    facts = facts._replace(packages=packages)
    add_list(root, f"usr/{directory.DOCUMENTS}", f"fenzhang-{facts.version}-oci", facts)
    return facts
