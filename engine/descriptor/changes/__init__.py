"""How do two versions of a product differ, classed as patch, minor or breaking (DESIGN §3.4)?"""

from engine.descriptor.changes.ports import Schemas
from engine.descriptor.changes.products import changes

__all__ = ["Schemas", "changes"]
