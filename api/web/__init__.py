"""The pages that a browser sees, with everything they need served from here (DESIGN §6, Browser assets)."""
