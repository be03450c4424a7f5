"""adopt/: what is copied into other people's projects. Uses the programs of tests/api, and libraries as tests/clients fetches them."""

import sys
from pathlib import Path

for room in ("api", "clients"):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / room))
