"""meshgate policy: what does the governance team do with its policies?"""
