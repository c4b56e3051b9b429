"""How does a bundle come into force for a catalog, and how does an earlier one come back?"""
