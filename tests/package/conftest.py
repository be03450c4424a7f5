"""The project as it is installed: a build's programs, libraries and headers in a directory of their own."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("FENZHANG_BUILD", ROOT / "build-debug"))


def run(*command, **options):
    """Has to end well; what it printed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, **options)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


class Installation:
    """What `meson install --destdir` put below `root`."""

    def __init__(self, root):
        self.root = root
        (found,) = root.rglob("fenzhang.pc")
        self.pkgconfig = found.parent
        self.libraries = self.pkgconfig.parent
        self.include = next(root.rglob("fenzhang.h")).parent

    def pkg_config(self, *arguments):
        """As somebody gets it who has this installation and nothing else of ours."""
        environment = {**os.environ, "PKG_CONFIG_LIBDIR": str(self.pkgconfig), "PKG_CONFIG_SYSROOT_DIR": str(self.root)}
        return run("pkg-config", *arguments, env=environment).split()


@pytest.fixture(scope="session")
def installation(tmp_path_factory):
    root = tmp_path_factory.mktemp("installed")
    run("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", root)
    return Installation(root)
