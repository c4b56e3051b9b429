"""What the mesh remembers: accepted versions, every decision, lineage and containers."""
