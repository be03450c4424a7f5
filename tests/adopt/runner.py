"""What GitHub's runner does with a composite action: expressions, each step's shell, files for outputs, environment and PATH."""

import os
import re
import subprocess
from pathlib import Path

import yaml

EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")


class Runner:
    def __init__(self, folder):
        self.folder = Path(folder)
        (self.folder / "temp").mkdir(parents=True)
        own = {"RUNNER_TEMP": str(self.folder / "temp"), "RUNNER_OS": "Linux", "CI": "true", "GITHUB_ACTIONS": "true"}
        self.environment = {**os.environ, **own}
        self.said = ""

    def use(self, action, **inputs):
        """Its outputs; AssertionError with what the steps wrote if one fails."""
        description = yaml.safe_load((action / "action.yml").read_text("utf-8"))
        assert set(inputs) <= set(description["inputs"]), "the runner warns of unexpected inputs"
        values = {f"inputs.{name}": inputs.get(name, row["default"]) for name, row in description["inputs"].items()}
        assert description["runs"]["using"] == "composite"
        for step in description["runs"]["steps"]:
            assert set(step) <= {"id", "shell", "run", "env"}, "what this runner knows"
            for name, value in self.run(action, step, values).items():
                values[f"steps.{step['id']}.outputs.{name}"] = value
        return {name: filled(row["value"], values, absent="") for name, row in description["outputs"].items()}

    def run(self, action, step, values):
        """One step: what it outputs."""
        files = {name: self.folder / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH")}
        for file in files.values():
            file.write_text("")
        script = self.folder / "script.sh"
        script.write_text(filled(step["run"], values))
        assert step["shell"] == "bash"
        own = {name: filled(value, values) for name, value in step.get("env", {}).items()}
        environment = {**self.environment, "GITHUB_ACTION_PATH": str(action), **{name: str(file) for name, file in files.items()}, **own}
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)]
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)
        self.said += done.stdout + done.stderr
        assert done.returncode == 0, self.said
        self.environment.update(pairs(files["GITHUB_ENV"]))
        for folder in files["GITHUB_PATH"].read_text().splitlines():
            self.environment["PATH"] = f"{folder}:{self.environment['PATH']}"
        return pairs(files["GITHUB_OUTPUT"])


def filled(text, values, absent=None):
    return EXPRESSION.sub(lambda found: values[found[1]] if absent is None else values.get(found[1], absent), text)


def pairs(file):
    lines = file.read_text().splitlines()
    assert all("=" in line for line in lines), lines
    return dict(line.split("=", 1) for line in lines)
