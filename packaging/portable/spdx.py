"""What is inside a package of ours, as an SPDX 2.3 document: each file with its checksums, and each Debian package that libraries are from
with its version, source and licence."""
import hashlib
import json
import re
import subprocess
import time

from directory import ROOT

HOME = "https://github.com/fenzhang/fenzhang"
FIELDS = "${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}"
UNSAID = "NOASSERTION"


def licences():
    lines = (ROOT / "packaging/portable/licences").read_text().splitlines()
    return dict(line.split(" ", 1) for line in lines if not line.startswith("#"))


def identifier(kind, name):
    return f"SPDXRef-{kind}-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def package_of(name, packages):
    """Where libraries lie in a folder of their own, it is left away."""
    return packages.get(name) or packages.get("lib/" + name.rsplit("/lib/", 1)[-1])


def file_entry(path, stage, packages):
    name, data = path.relative_to(stage).as_posix(), path.read_bytes()
    ours = package_of(name, packages) is None and "/licences/" not in name
    return {
        "SPDXID": identifier("File", name),
        "fileName": f"./{name}",
        "checksums": [{"algorithm": kind, "checksumValue": hashlib.new(kind, data).hexdigest()} for kind in ("SHA1", "SHA256")],
        "licenseConcluded": "Apache-2.0" if ours else UNSAID,
        "copyrightText": UNSAID,
    }


def debian_package(name, licence):
    told = subprocess.run(["dpkg-query", "--show", "--showformat", FIELDS, name], check=True, stdout=subprocess.PIPE, text=True).stdout
    _, version, architecture, source, source_version = told.split("\t")
    return {
        "SPDXID": identifier("Package", name),
        "name": name,
        "versionInfo": version,
        "supplier": "Organization: Debian",
        "downloadLocation": f"https://snapshot.debian.org/package/{source}/{source_version}/",
        "sourceInfo": f"from Debian's source package {source} {source_version}, as Debian built it",
        "filesAnalyzed": False,
        "licenseConcluded": licence,
        "licenseDeclared": licence,
        "copyrightText": UNSAID,
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": f"pkg:deb/debian/{name}@{version.replace('+', '%2B')}?arch={architecture}",
            }
        ],
    }


def debian_packages(names):
    known = licences()
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise SystemExit(f"portable: packaging/portable/licences has no line for {', '.join(unknown)}: its first lines say what to do")
    return [debian_package(name, known[name]) for name in sorted(set(names))]


def compiled_in():
    """What is in the program itself: the projects of subprojects/, by what their meson.build says of them."""
    said = r"project\('(?P<name>[^']+)', .*?version: '(?P<version>[^']+)', license: '(?P<licence>[^']+)'"
    for path in sorted((ROOT / "subprojects").glob("*/meson.build")):
        project = re.search(said, path.read_text())
        yield {
            "SPDXID": identifier("Package", project["name"]),
            "name": project["name"],
            "versionInfo": project["version"],
            "supplier": UNSAID,
            "downloadLocation": f"git+{HOME}#subprojects/{project['name']}",
            "filesAnalyzed": False,
            "licenseConcluded": project["licence"],
            "licenseDeclared": project["licence"],
            "copyrightText": UNSAID,
        }


def whole_package(name, version, files):
    sums = sorted(entry["checksums"][0]["checksumValue"] for entry in files)
    return {
        "SPDXID": "SPDXRef-Package-fenzhang",
        "name": "fenzhang",
        "versionInfo": version,
        "packageFileName": name,
        "supplier": "Organization: Fenzhang",
        "downloadLocation": HOME,
        "filesAnalyzed": True,
        "packageVerificationCode": {"packageVerificationCodeValue": hashlib.sha1("".join(sums).encode()).hexdigest()},
        "licenseConcluded": UNSAID,
        "licenseDeclared": "Apache-2.0",
        "copyrightText": UNSAID,
    }


def relation(one, kind, other):
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def document(stage, name, facts):
    files = [file_entry(path, stage, facts.packages) for path in sorted(stage.rglob("*")) if path.is_file()]
    packages, within = debian_packages(facts.packages.values()), list(compiled_in())
    whole = whole_package(name, facts.version, files)
    relations = [relation("SPDXRef-DOCUMENT", "DESCRIBES", whole["SPDXID"])]
    relations += [relation(whole["SPDXID"], "CONTAINS", entry["SPDXID"]) for entry in files]
    relations += [relation(whole["SPDXID"], "STATIC_LINK", project["SPDXID"]) for project in within]
    for entry in files:
        package = package_of(entry["fileName"].removeprefix("./"), facts.packages)
        if package is not None:
            relations.append(relation(entry["SPDXID"], "EXPANDED_FROM_ARCHIVE", identifier("Package", package)))
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": name,
        "documentNamespace": f"{HOME}/spdx/{name}/{whole['packageVerificationCode']['packageVerificationCodeValue']}",
        "creationInfo": {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(facts.date)),
            "creators": ["Organization: Fenzhang", "Tool: packaging-portable"],
        },
        "packages": [whole, *packages, *within],
        "files": files,
        "relationships": relations,
    }


def add_list(stage, place, name, facts):
    """Puts the list of what is in `stage` there."""
    listing = json.dumps(document(stage, name, facts), indent=1) + "\n"
    (stage / place).mkdir(parents=True, exist_ok=True)
    (stage / place / "fenzhang.spdx.json").write_text(listing)
