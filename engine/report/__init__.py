"""How is a decision told: as data, as text, and as an exit code? One file per format; all of them are pure."""

from engine.report.exits import exit_code

__all__ = ["exit_code"]
