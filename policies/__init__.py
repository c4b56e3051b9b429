"""Where do the shipped Rego policies lie?"""

from pathlib import Path

DIRECTORY = Path(__file__).parent
"""The folder to hand to `opa`, `conftest`, `regal` or meshgate; it holds Rego only."""
