"""A system in a directory that has been booted, with systemd as its first process."""
import pathlib
import subprocess
import time

BOOT = pathlib.Path(__file__).with_name("boot")
PATIENCE_S = 120


class Booted:
    """`with Booted(root) as system`: a network of its own, without a way out."""

    def __init__(self, root):
        self.root = root

    def __enter__(self):
        self.log = open(self.root.path.with_name("console"), "w+")
        self.process = subprocess.Popen([BOOT, self.root.path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.first = self.process.stdout.readline().strip()
        assert self.first, self.told()
        self.until(lambda: self.does("systemctl", "list-units").returncode == 0, "systemd answers")
        self.does("systemctl", "is-system-running", "--wait")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            subprocess.run(["kill", "-KILL", self.first])  # and with it all its processes
            self.process.communicate(timeout=PATIENCE_S)
        self.log.close()

    def told(self):
        self.log.seek(0)
        return self.log.read()

    def does(self, *command):
        """In there, as root; how it ended."""
        inside = ["nsenter", "--target", self.first, "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup", "--root", "--wd", "env", "-i",
                  "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/root", "DEBIAN_FRONTEND=noninteractive", "TERM=dumb"]
        return subprocess.run([*inside, *command], capture_output=True, text=True, timeout=3 * PATIENCE_S, stdin=subprocess.DEVNULL)

    def run(self, *command):
        """Has to end well; what it printed."""
        done = self.does(*command)
        assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}\n{self.journal()}"
        return done.stdout

    def journal(self):
        return self.does("journalctl", "--no-pager", "--unit", "fenzhang").stdout[-4000:]

    def shows(self, unit, what):
        return self.run("systemctl", "show", "--value", "--property", what, unit).strip()

    def until(self, holds, what):
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, f"waited for: {what}\n{self.told()[-2000:]}"
            time.sleep(0.2)
