"""Containers without a daemon: two that see each other by name, run by crun as somebody who has no rights on this machine.

All is in a user namespace whose root is this machine's user 100000, and in a process namespace, so that nothing outlives the end of either."""
import contextlib
import json
import pathlib
import shutil
import subprocess
import tempfile

PATIENCE = 60
FIRST, COUNT = 100000, 65536
NAMESPACES = ["pid", "mount", "ipc", "uts"]
PROC = {"destination": "/proc", "type": "proc", "source": "proc"}
DEV = {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=65536k"]}


def bind(source, destination, writable=False):
    return {"destination": destination, "type": "bind", "source": str(source), "options": ["rbind", "rw" if writable else "ro"]}


class Holder:
    """Namespaces that are there for as long as this process's end of a pipe is."""

    def __init__(self, command):
        self.process = subprocess.Popen([*command, "sh", "-c", "echo there && exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "there\n"

    def close(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


def child_of(process):
    return pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]


class Network:
    """Two hosts, by their names, with a wire between them; and a folder that may be used there."""

    def __init__(self, *names):
        self.hosts = {name: f"10.77.0.{number}" for number, name in enumerate(names, 1)}
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.holder = Holder(["unshare", "--user", "--mount", "--net", "--pid", "--fork", "--kill-child"])
        target = child_of(self.holder.process)
        for kind in ["uid_map", "gid_map"]:
            pathlib.Path(f"/proc/{target}/{kind}").write_text(f"0 {FIRST} {COUNT}\n")
        self.enter = ["nsenter", "--target", target, "--user", "--mount", "--net", "--pid", "--setuid", "0", "--setgid", "0"]
        shutil.chown(self.folder, FIRST, FIRST)
        self.run("mount", "-t", "proc", "proc", "/proc")
        self.run("mount", "-t", "tmpfs", "tmpfs", "/sys/fs/cgroup")  # crun has nothing to do with control groups
        self.lay_wire(*names)

    def run(self, *words, status=0):
        """What it printed."""
        done = subprocess.run([*self.enter, *map(str, words)], capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
        assert done.returncode == status, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def lay_wire(self, one, other):
        self.run("mount", "-t", "tmpfs", "tmpfs", "/run")
        for name in (one, other):
            self.run("ip", "netns", "add", name)
        self.run("ip", "-n", one, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", other)
        for name, address in self.hosts.items():
            self.run("ip", "-n", name, "address", "add", f"{address}/24", "dev", "eth0")
            for device in ["lo", "eth0"]:
                self.run("ip", "-n", name, "link", "set", device, "up")

    def volume(self, owner):
        """As engines make them of a folder of the image."""
        made = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        shutil.chown(made, FIRST + owner, FIRST + owner)
        return made

    def close(self):
        self.holder.close()
        shutil.rmtree(self.folder)


class Container:
    """`config` is that of an OCI bundle in `bundle`, whose root is there."""

    def __init__(self, network, name, bundle, config):
        self.network, self.name, self.process = network, name, None
        config["linux"]["namespaces"] = [{"type": kind} for kind in NAMESPACES] + [{"type": "network", "path": f"/run/netns/{name}"}]
        self.user = "{uid}:{gid}".format(**config["process"]["user"])
        (bundle / "config.json").write_text(json.dumps(config))
        (bundle / "config.json").chmod(0o644)
        self.crun = ["crun", "--root", f"{network.folder}/state", "--cgroup-manager", "disabled"]
        self.command = [*network.enter, *self.crun, "run", "--bundle", str(bundle), name]

    def start(self, log=subprocess.DEVNULL):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        return self

    def run(self, *words, status=0):
        """A command in there; what it printed."""
        return self.network.run(*self.crun, "exec", "--user", self.user, self.name, *words, status=status)

    def stop(self):
        """Its exit status, when it was asked to end."""
        self.network.run(*self.crun, "kill", self.name, "TERM")
        return self.process.wait(PATIENCE)

    @contextlib.contextmanager
    def running(self, log=subprocess.DEVNULL):
        self.start(log)
        try:
            yield self
        finally:
            if self.process.poll() is None:
                subprocess.run([*self.network.enter, *self.crun, "kill", self.name, "KILL"], check=False)
                self.process.wait(PATIENCE)
            self.process.stdout.close()


def unpacked(network, layout, tag):
    """A bundle of the image, made by a program that has nothing to do with ours; its configuration."""
    place = pathlib.Path(tempfile.mkdtemp(dir=network.folder))
    shutil.copytree(layout, place / "layout")
    subprocess.run(["chown", "--recursive", f"{FIRST}:{FIRST}", place], check=True)
    network.run("umoci", "unpack", "--image", f"{place}/layout:{tag}", place / "bundle")
    return place / "bundle", json.loads((place / "bundle/config.json").read_text())


def of_image(network, name, image, volumes, service=None):
    """A container of the image as an engine runs it, with what a service of a compose file says otherwise; `volumes` by where they are."""
    bundle, config = image
    config = json.loads(json.dumps(config))
    process, service = config["process"], service or {}
    process.update(terminal=False, rlimits=[], capabilities={}, noNewPrivileges=True)
    process["args"] = [process["args"][0], *service.get("command", process["args"][1:])]
    process["env"] += [f"{key}={value}" for key, value in service.get("environment", {}).items()]
    config["root"]["readonly"] = service.get("read_only", True)
    config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] in ("/proc", "/dev")]
    config["mounts"] += [bind(source, destination, True) for destination, source in volumes.items()]
    return Container(network, name, bundle, config)


def of_this_system(network, name, command, service, mounts):
    """A container with this system's programs, for an application; what a service of a compose file says of it."""
    bundle = pathlib.Path(tempfile.mkdtemp(dir=network.folder))
    root = bundle / "rootfs"
    for folder in ["usr", "etc", "proc", "dev", "tmp", *(mount["destination"].lstrip("/") for mount in mounts)]:
        (root / folder).mkdir(parents=True)
    for link in ["bin", "lib", "lib64"]:
        (root / link).symlink_to(f"usr/{link}")
    (root / "etc/hosts").write_text("".join(f"{address} {host}\n" for host, address in network.hosts.items()) + "127.0.0.1 localhost\n")
    subprocess.run(["chown", "--recursive", f"{FIRST}:{FIRST}", bundle], check=True)
    user, group = map(int, service["user"].split(":"))
    env = ["PATH=/usr/bin:/bin", "HOME=/tmp", "LC_ALL=C.UTF-8", *(f"{key}={value}" for key, value in service["environment"].items())]
    process = {"user": {"uid": user, "gid": group}, "args": command, "env": env, "cwd": "/", "noNewPrivileges": True}
    config = {"ociVersion": "1.0.0", "process": process, "root": {"path": "rootfs", "readonly": True}, "linux": {},
              "mounts": [PROC, DEV, bind("/usr", "/usr"), *mounts]}
    return Container(network, name, bundle, config)
