"""What does reading a descriptor load, and what does it leave alone?"""

from __future__ import annotations

import subprocess
import sys

HEAVY = "jsonschema yaml jsonschema_rs semver rfc8785 referencing pydantic fastapi sqlalchemy"
PROGRAM = """
import sys
import engine.descriptor as d
first = [name for name in HEAVY.split() if name in sys.modules]
d.ingest(d.Submission("a.json", d.Parts({"a.json": b"{}"})))
print(first, [name for name in HEAVY.split() if name in sys.modules])
"""


def test_importing_and_reading_load_only_what_they_need() -> None:
    program = f"HEAVY = {HEAVY!r}\n{PROGRAM}"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.strip() == "[] ['jsonschema_rs']"
