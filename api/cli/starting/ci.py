"""Whose continuous integration can a file be written for?"""

from __future__ import annotations

from enum import StrEnum


class Ci(StrEnum):
    """Whose CI file is written."""

    GITHUB = "github"
    GITLAB = "gitlab"
    NONE = "none"
