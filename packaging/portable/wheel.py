"""The directory as a Python wheel: a zip file with a few files that say what it is."""
import base64
import hashlib
import shutil
import time
import zipfile

from directory import ROOT, mode
from spdx import add_list

METADATA = """Metadata-Version: 2.1
Name: fenzhang
Version: {version}
Summary: A WeChat Pay Global back end for refunds and funds distribution that you can run yourself
Home-page: https://github.com/fenzhang/fenzhang
License: Apache-2.0
License-File: LICENSE
Keywords: wechat-pay,sandbox,mock,refund,profit-sharing,payments
Classifier: License :: OSI Approved :: Apache Software License
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: C
Classifier: Programming Language :: Python :: 3
Requires-Python: >=3.9
Description-Content-Type: text/markdown

{readme}"""

WHEEL = """Wheel-Version: 1.0
Generator: fenzhang packaging/portable/build
Root-Is-Purelib: false
Tag: py3-none-{platform}
"""

ENTRY_POINTS = """[console_scripts]
fenzhang = fenzhang.__main__:main

[pytest11]
fenzhang_pytest = fenzhang_pytest
"""  # by the module's own name, so that pytest_plugins may name it as well


def lay_out(stage, facts, platform):
    """The module with program and libraries, the plugin for pytest, share/ where an environment has such things, and what the wheel is."""
    name = f"fenzhang-{facts.version}"
    information = stage / f"{name}.dist-info"
    (stage / f"{name}.data/data").mkdir(parents=True)
    (stage / "share").rename(stage / f"{name}.data/data/share")
    shutil.copytree(ROOT / "packaging/portable/fenzhang", stage / "fenzhang", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "adopt/pytest/fenzhang_pytest.py", stage)
    for folder in ["bin", "lib"]:
        (stage / folder).rename(stage / "fenzhang" / folder)
    information.mkdir()
    readme = (ROOT / "packaging/portable/README.md").read_text()
    (information / "METADATA").write_text(METADATA.format(version=facts.version, readme=readme))
    (information / "WHEEL").write_text(WHEEL.format(platform=platform))
    (information / "entry_points.txt").write_text(ENTRY_POINTS)
    shutil.copyfile(ROOT / "LICENSE", information / "LICENSE")
    return information


def digest(data):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def wheel(stage, facts, out):
    platform = f"manylinux_{facts.glibc.replace('.', '_')}_{facts.machine}"
    path = out / f"fenzhang-{facts.version}-py3-none-{platform}.whl"
    information = lay_out(stage, facts, platform)
    add_list(stage, f"{information.name}/sboms", path.name, facts)
    record = [f"{information.name}/RECORD,,\n"]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:

        def add(name, data):
            entry = zipfile.ZipInfo(name, time.gmtime(facts.date)[:6])
            entry.external_attr = (0o100000 | mode(name)) << 16
            entry.create_system = 3  # Unix, whose modes these are
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)

        for source in sorted(source for source in stage.rglob("*") if source.is_file()):
            name, data = source.relative_to(stage).as_posix(), source.read_bytes()
            record.insert(-1, f"{name},{digest(data)},{len(data)}\n")
            add(name, data)
        add(f"{information.name}/RECORD", "".join(record))
    return path
