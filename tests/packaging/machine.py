"""Another machine: a folder with its own root, which has a C library and nothing else, or a whole system."""
import contextlib
import http.client
import pathlib
import re
import shutil
import signal
import subprocess

GLIBC = ["libc.so.6", "libm.so.6", "libresolv.so.2"]
LOADER = "lib64/ld-linux-x86-64.so.2"
LIBRARIES = "lib/x86_64-linux-gnu"
READY = re.compile(r"ready api=(?P<api>\S+) control=http://(?P<control>\S+) data=\S+\n")
# As `chroot` does, but with /proc, from which the loader learns where a program lies. It becomes the command, so signals reach it.
ENTER = """
mount --rbind /proc "$0/proc" || exit
exec env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root chroot "$0" "$@"
"""


class Server:
    def __init__(self, process, told):
        self.process, self.api, self.control = process, told["api"], told["control"]

    def health(self):
        connection = http.client.HTTPConnection(self.control, timeout=60)
        connection.request("GET", "/health")
        return connection.getresponse().status

    def mapped(self):
        """The shared libraries in its memory."""
        return set(re.findall(r" (/.*\.so[.\d]*)$", pathlib.Path(f"/proc/{self.process.pid}/maps").read_text(), re.MULTILINE))


class Machine:
    def __init__(self, root):
        self.root = pathlib.Path(root)

    @classmethod
    def bare(cls, root, system):
        """With the C library of `system` alone."""
        for folder in [LIBRARIES, "lib64", "proc", "tmp", "root"]:
            (root / folder).mkdir(parents=True)
        shutil.copy(pathlib.Path(system, LOADER), root / LOADER)
        for name in GLIBC:
            shutil.copy(pathlib.Path(system, LIBRARIES, name), root / LIBRARIES)
        return cls(root)

    def command(self, *words):
        return ["unshare", "--mount", "sh", "-c", ENTER, str(self.root), *map(str, words)]

    def run(self, *words, status=0, **options):
        """What it printed."""
        done = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL, **options)
        assert done.returncode == status, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    @contextlib.contextmanager
    def serving(self, *program, options=()):
        """`… serve` on free ports. It ends by SIGTERM, and well."""
        words = [*program, "serve", "--demo", "--seed", "1", "--listen", "0", "--control", "0", "--data", "/root/book", *options]
        with open(self.root / "root/log", "w") as log:
            process = subprocess.Popen(self.command(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            told = READY.fullmatch(process.stdout.readline())
            assert told, (self.root / "root/log").read_text()
            yield Server(process, told)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                status = process.wait(60)
            finally:
                process.kill()
                process.stdout.close()
        assert status == 0, (self.root / "root/log").read_text()
