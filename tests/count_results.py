"""Adds up the JUnit files of a test run: prints `N passed, N failed, N skipped`, exits 1 unless something passed and nothing failed."""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

passed = failed = skipped = 0
folder = pathlib.Path(sys.argv[1])
for path in sorted(folder.rglob("*.xml")):
    try:
        cases = ElementTree.parse(path).iter("testcase")
    except ElementTree.ParseError as error:
        print(f"FAILED: {path.name} cannot be read ({error}): its program ended too early")
        failed += 1
        continue
    for case in cases:
        problem = case.find("failure")
        problem = case.find("error") if problem is None else problem
        if problem is not None:
            failed += 1
            if path.parent != folder:  # a unit test: pytest has told its own failures already
                print(f"FAILED: {case.get('name')}: {(problem.text or problem.get('message') or '').strip()}")
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
broken = folder / "failures"
if broken.exists() and failed == 0:
    failed = len(broken.read_text().splitlines())
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(0 if passed > 0 and failed == 0 else 1)
