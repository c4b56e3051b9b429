"""The HTTP door: routes that call flows, and what surrounds every answer (DESIGN §6)."""
