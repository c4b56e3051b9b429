"""What the mesh remembers: accepted versions, every decision, lineage and containers."""

from catalog.history import previous

__all__ = ["previous"]
