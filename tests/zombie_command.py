"""An executable for the adapter `command` that is local-fs: `python zombie_command.py FOLDER DIARY`.

The first time that it is to make `placed`, it waits until FOLDER.go exists, whoever started it and whether that still
lives, and tells the diary what became of the late call.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from engine.provision.adapters.local_fs import LocalFs

if __name__ == "__main__":
    folder, diary = Path(sys.argv[1]), Path(sys.argv[2])
    asked = json.load(sys.stdin)
    told = asked["arguments"]
    request = told.get("request") or {}
    waits = asked["call"] == "apply" and request["component"]["name"] == "placed" and not diary.exists()
    if waits:
        diary.write_text("paused\n")
        while not Path(f"{folder}.go").exists():
            time.sleep(0.02)
    outcome = getattr(LocalFs({"directory": str(folder)}), asked["call"])(*told.values())
    if waits:
        with diary.open("a") as file:
            file.write(f"late: {json.dumps(outcome.get('error', outcome['state']))}\n")
    print(json.dumps(outcome))
