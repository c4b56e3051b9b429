"""What every test may rely on: a clean environment, and the real outside parts or an honest skip."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

for _name in [name for name in os.environ if name.startswith("MESHGATE_") and name != "MESHGATE_REQUIRE"]:
    del os.environ[_name]
os.environ["NO_COLOR"] = "1"

pytest_plugins = ["outside_parts", "s3_server", "dbt_tool"]
