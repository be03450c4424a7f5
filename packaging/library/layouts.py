#!/usr/bin/env python3
"""How the public structs lie in memory, and which numbers the public names stand for: what a program has compiled into itself, and what no
symbol of the library tells, as the calls are functions of the headers.

    layouts.py INCLUDE_DIRECTORY…     prints the table that abi/layouts keeps

A struct is "fixed" when it stands inside another one or is an item of a list: it can never grow. All others are reached by pointers alone and
may get members at their end (fenzhang/client.h, "structs that grow")."""
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree

TYPE = re.compile(r"^(struct|enum) (fz_\w+) \{", re.M)


def headers(directories):
    return [path for directory in directories for path in sorted(directory.rglob("*.h")) if "adapters" not in path.parts]


def described(directories):
    """What abidw says of a library that has a function for each public type."""
    directories = [pathlib.Path(directory).resolve() for directory in directories]
    found = headers(directories)
    names = sorted({" ".join(match) for path in found for match in TYPE.findall(path.read_text("utf-8"))})
    source = "".join(f'#include "{path}"\n' for path in found)
    source += "".join(f"void use_{name.replace(' ', '_')}({name} *it) {{ (void)it; }}\n" for name in names)
    with tempfile.TemporaryDirectory() as folder:
        library = pathlib.Path(folder) / "layouts.so"
        includes = [f"-I{directory}" for directory in directories]
        subprocess.run(["cc", "-g", "-shared", "-fPIC", *includes, "-x", "c", "-", "-o", library], input=source, text=True, check=True)
        return tree.fromstring(subprocess.run(["abidw", library], capture_output=True, text=True, check=True).stdout)


class Types:
    """The types of a description by their numbers."""

    def __init__(self, root):
        self.by_id = {node.get("id"): node for node in root.iter() if node.get("id")}

    def name(self, number):
        node = self.by_id[number]
        kind = node.tag
        if kind in ("pointer-type-def", "qualified-type-def"):
            inside = self.name(node.get("type-id"))
            return f"{inside} *" if kind == "pointer-type-def" else f"{inside} const"
        if kind == "array-type-def":
            return self.name(node.get("type-id")) + "".join(f"[{part.get('length')}]" for part in node.findall("subrange"))
        if kind == "function-type":
            parts = [self.name(part.get("type-id")) for part in node.findall("parameter")]
            return f"{self.name(node.find('return').get('type-id'))}({', '.join(parts)})"
        words = {"class-decl": "struct ", "enum-decl": "enum "}
        return words.get(kind, "") + node.get("name")

    def public(self, tag):
        nodes = {node.get("name"): node for node in self.by_id.values() if node.tag == tag and node.get("is-declaration-only") != "yes"}
        return {name: node for name, node in sorted(nodes.items()) if name.startswith("fz_")}


def members(node):
    return [(part.get("layout-offset-in-bits"), part.find("var-decl")) for part in node.findall("data-member")]


def fixed_ones(types):
    fixed = set()
    for node in types.public("class-decl").values():
        named = {variable.get("name") for _, variable in members(node)}
        for _, variable in members(node):
            name = types.name(variable.get("type-id"))
            is_list = name.count("*") == 1 and f"{variable.get('name')}_count" in named
            if name.startswith("struct ") and ("*" not in name or is_list):
                fixed.add(re.match(r"struct (\w+)", name)[1])
    return fixed


def table(directories):
    types = Types(described(directories))
    fixed = fixed_ones(types)
    lines = []
    for name, node in types.public("class-decl").items():
        lines.append(f"struct {name} {int(node.get('size-in-bits')) // 8} {'fixed' if name in fixed else 'grows'}")
        lines += [f"    {int(offset) // 8} {variable.get('name')} {types.name(variable.get('type-id'))}" for offset, variable in members(node)]
    for name, node in types.public("enum-decl").items():
        lines.append(f"enum {name}")
        lines += [f"    {value.get('value')} {value.get('name')}" for value in node.findall("enumerator")]
    return "\n".join(lines) + "\n"


# ---- comparing ----


def parsed(text):
    """{"struct name": (its size and whether it grows, [its lines])}"""
    types, lines = {}, []
    for line in text.splitlines():
        if line.startswith(" "):
            lines.append(line.strip())
        else:
            kind, name, *told = line.split()
            lines = []
            types[f"{kind} {name}"] = (told, lines)
    return types


def lines_lost(name, before, after):
    """Numbers keep their names; members keep their places, and new ones come behind."""
    lost = [line for line in before if line not in after]
    if lost or name.startswith("enum ") or after[: len(before)] == before:
        return [f"{name}: was {line!r}" for line in lost]
    return [f"{name}: a member has come before others"]


def breaks(kept, now):
    """What of `now` a program does not bear that was compiled by `kept`: sentences, none if all is well."""
    before, after = parsed(kept), parsed(now)
    found = [f"{name} is gone" for name in before if name not in after]
    for name in before.keys() & after.keys():
        (told, lines), (told_now, lines_now) = before[name], after[name]
        found += lines_lost(name, lines, lines_now)
        if told[1:] == ["fixed"] and told_now[0] != told[0]:
            found.append(f"{name} stands inside others, and has {told_now[0]} bytes in the place of {told[0]}")
    return sorted(found)


if __name__ == "__main__":
    sys.stdout.write(table(sys.argv[1:]))
