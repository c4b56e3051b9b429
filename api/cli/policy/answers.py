"""In which form does a command about policies answer: to a person, or to a program?"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import typer


class AnswerFormat(StrEnum):
    """How an answer is written that is no report about documents."""

    TEXT = "text"
    JSON = "json"


Form: Any = typer.Option("--format", "-f", help="How the answer is written.")
