"""The catalog whose policies change between its houses."""

from changing_mesh import mesh

__all__ = ["mesh"]
