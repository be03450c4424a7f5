"""What the public headers declare, as a linker wants it: declared.py script|list HEADER… prints the version script of a shared library, or
the names alone, one a line. A declaration is public if it begins with FZ_API."""
import pathlib
import re
import sys

VERSION = "FENZHANG_1"


def declared(text):
    """The names of the functions, without what comments and the preprocessor say."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
    text = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", " ", text, flags=re.M)
    return re.findall(r"\bFZ_API\b[^;{(]*?(\w+)\s*\(", text)


def main():
    form, *headers = sys.argv[1:]
    names = sorted({name for header in headers for name in declared(pathlib.Path(header).read_text(encoding="utf-8"))})
    if form == "script":
        print(f"{VERSION} {{\n  global:\n" + "".join(f"    {name};\n" for name in names) + "  local: *;\n};")
    else:
        print("\n".join(names))


if __name__ == "__main__":
    main()
