"""Which file answers which address? One per noun of DESIGN §6."""
