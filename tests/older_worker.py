"""A worker process of another application version: `python older_worker.py URL FOLDER POINT DIARY VERSION`.

It is a `dying_worker` in every other way, and ends its work at SIGTERM as `meshgate worker` does.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from dying_worker import Diary, staged

import api.worker.dbos as durable

if __name__ == "__main__":
    where, place, when, book, version = sys.argv[1:]
    durable.APPLICATION_VERSION = version
    stage = staged(where, Path(place), when, Diary(Path(book)))
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked.set())
    stage.worker.start()
    asked.wait()
    stage.close()
