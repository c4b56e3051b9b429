"""Does DBOS keep hold of a standard error that was closed?"""

from __future__ import annotations

import contextlib
import io
import logging
from pathlib import Path

from api.worker.dbos import DbosWorker
from catalog.database import Database


def test_a_worker_starts_again_after_the_standard_error_of_its_first_start_was_closed(tmp_path: Path) -> None:
    told = io.StringIO()
    for number, stream in enumerate((told, io.StringIO())):
        with contextlib.redirect_stderr(stream):
            url = f"sqlite:///{tmp_path / f'{number}.db'}"
            database = Database(url)
            database.upgrade()
            database.close()
            worker = DbosWorker(url=url, script=lambda *_: None, wake=lambda _: None, anew=lambda *_: None, sole=True)
            worker.start()
            logging.getLogger("dbos").warning("said to %d", number)
            worker.stop()
        seen = stream.getvalue()
        stream.close()
        assert seen == f"said to {number}\n"
