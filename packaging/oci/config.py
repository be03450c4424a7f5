"""How a container runs by default, and what the image says of itself."""
import json
import subprocess
import time

from directory import ROOT
from spdx import HOME
from system import USER

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
SECOND = 10**9  # in the unit of a health check


def architecture(facts):
    return ARCHITECTURES[facts.machine]


def moment(facts):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(facts.date))


def revision():
    git = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], capture_output=True, text=True)
    return {"org.opencontainers.image.revision": git.stdout.strip()} if git.returncode == 0 else {}


def labels(facts):
    return revision() | {
        "org.opencontainers.image.created": moment(facts),
        "org.opencontainers.image.description": "A stand-in for the WeChat Pay Global back end: refunds and funds distribution",
        "org.opencontainers.image.documentation": f"{HOME}/blob/main/docs/containers.md",
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.source": HOME,
        "org.opencontainers.image.title": "Fenzhang",
        "org.opencontainers.image.version": facts.version,
    }


def write(facts, layers):
    """Its text. The API is for other containers, the control interface for this one alone, until somebody says otherwise."""
    run = {
        "User": f"{USER}:{USER}",
        "Env": ["PATH=/usr/bin", "HOME=/data", "XDG_STATE_HOME=/data", "LC_ALL=C.UTF-8"],
        "Entrypoint": ["/usr/bin/fenzhang"],
        "Cmd": ["serve", "--demo", "--listen", "0.0.0.0:8080"],
        "ExposedPorts": {"8080/tcp": {}, "8081/tcp": {}, "3128/tcp": {}},
        "Volumes": {"/data": {}},
        "WorkingDir": "/data",
        "StopSignal": "SIGTERM",
        "Labels": labels(facts),
        # Docker's own; OCI's specification has none, and who does not know it leaves it alone.
        "Healthcheck": {"Test": ["CMD", "/usr/bin/fenzhang", "health"], "Interval": 10 * SECOND, "Timeout": 6 * SECOND,
                        "StartPeriod": 30 * SECOND, "Retries": 3},
    }
    history = [{"created": moment(facts), "created_by": "packaging/oci/build", "comment": comment}
               for comment in ["what Debian built: libraries, certificate authorities, time zones", "Fenzhang"]]
    config = {
        "created": moment(facts),
        "architecture": architecture(facts),
        "os": "linux",
        "config": run,
        "rootfs": {"type": "layers", "diff_ids": [layer.content for layer in layers]},
        "history": history,
    }
    return json.dumps(config, sort_keys=True).encode()
