"""How much does the durable engine say by itself?"""

from __future__ import annotations

import logging


def warnings_only() -> None:
    """Let DBOS say only what is wrong, on whatever standard error is at that time.

    Its own handler would keep the stream of the first start for ever, and fail once that is closed.
    """
    logger = logging.getLogger("dbos")
    logger.setLevel(logging.WARNING)
    if logging.lastResort is not None and logging.lastResort not in logger.handlers:
        logger.handlers = [logging.lastResort]
