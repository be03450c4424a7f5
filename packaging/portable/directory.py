"""The program with all that it needs but the C library, in a directory that can lie anywhere."""
import collections
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = "share/doc/fenzhang"
C_LIBRARY = "libc6"  # the machine's own: its parts fit each other and the loader alone

# `packages`: of each file that Debian built, by its name from the top, the Debian package that it is of. `glibc`: the oldest that has all
# that is asked of it.
Facts = collections.namedtuple("Facts", "version machine packages glibc date")


def told(*command):
    return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def source_date():
    """That of the latest commit, in seconds, unless SOURCE_DATE_EPOCH tells another."""
    if "SOURCE_DATE_EPOCH" in os.environ:
        return int(os.environ["SOURCE_DATE_EPOCH"])
    git = subprocess.run(["git", "-C", ROOT, "log", "-1", "--format=%ct"], capture_output=True, text=True)
    if git.returncode != 0:
        raise SystemExit("portable: this is no git repository, so nothing tells the date of the source: set SOURCE_DATE_EPOCH, in seconds")
    return int(git.stdout)


def install_program(tree):
    """As a release build installs it, linked so that it looks for libraries beside itself first."""
    told(ROOT / "script" / "build", "portable", "program")
    with tempfile.TemporaryDirectory() as scratch:
        how = ["--no-rebuild", "--quiet", "--strip", "--tags", "program,man", "--destdir", scratch]
        told("meson", "install", "-C", ROOT / "build-portable", *how)
        shutil.copytree(pathlib.Path(scratch, "usr"), tree)
    shutil.rmtree(tree / "share/man/man3")  # of the libraries for C


def owners(paths):
    """Of each file the Debian package. Debian's lists have /lib and /usr/lib apart, which are one."""
    real = {path: os.path.realpath(path) for path in paths}
    asked = [name for path in real.values() for name in (path, path.removeprefix("/usr"))]
    listed = subprocess.run(["dpkg-query", "--search", *asked], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    of = {os.path.realpath(path): package.split(":")[0] for package, path in re.findall(r"^(\S+): (/.*)$", listed, re.MULTILINE)}
    strangers = [str(path) for path in paths if real[path] not in of]
    if strangers:
        raise SystemExit(f"portable: {', '.join(strangers)} is of no Debian package, so nobody can say under which licence it is")
    return {path: of[real[path]] for path in paths}


def copy_libraries(tree, later):
    """Debian's files as they are, by the names that programs ask for; those that are asked for `later` are named."""
    paths = re.findall(r" => (/\S+)", told("ldd", tree / "bin/fenzhang"))
    paths += [told("gcc", f"-print-file-name={name}").strip() for name in later]
    needed = owners([pathlib.Path(path) for path in paths])
    packages = {path: package for path, package in needed.items() if package != C_LIBRARY}
    (tree / "lib").mkdir()
    for path in packages:
        shutil.copyfile(path, tree / "lib" / path.name)
    return {f"lib/{path.name}": package for path, package in packages.items()}


def copy_documents(tree, packages):
    """Our own; what Debian says of each package, and the licences that it names by their place on a Debian machine."""
    folder = tree / DOCUMENTS / "licences"
    named = set()
    (folder / "common-licenses").mkdir(parents=True)
    for package in packages:
        text = pathlib.Path("/usr/share/doc", package, "copyright").read_bytes()
        (folder / package).write_bytes(text)
        named.update(re.findall(rb"common-licenses/([A-Z][A-Za-z0-9.-]*[A-Za-z0-9])", text))
    for name in named:
        shutil.copyfile(pathlib.Path("/usr/share/common-licenses", name.decode()), folder / "common-licenses" / name.decode())
    for licence in (ROOT / "subprojects").glob("*/LICENSE"):  # of what is compiled in
        shutil.copyfile(licence, folder / licence.parent.name)
    for name in ["LICENSE", "CHANGELOG.md"]:
        shutil.copyfile(ROOT / name, tree / DOCUMENTS / name)


def mode(name):
    """Of a file in a package, whoever makes it."""
    return 0o755 if "/bin/" in name else 0o644


def glibc_needed(tree):
    asked = told("objdump", "-T", tree / "bin/fenzhang", *(tree / "lib").iterdir())
    return max(re.findall(r"\(GLIBC_(\d+\.\d+)[.\d]*\)", asked), key=lambda version: [int(part) for part in version.split(".")])


def make(tree, later=(), more=()):
    """Makes the directory; what is to be said of it. Documents of the packages `more` lie there, too."""
    install_program(tree)
    packages = copy_libraries(tree, later)
    copy_documents(tree, {*packages.values(), *more})
    version = told(tree / "bin/fenzhang", "--version").split()[1]
    return Facts(version, os.uname().machine, packages, glibc_needed(tree), source_date())
