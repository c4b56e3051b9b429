"""meshgate adapter: which adapters are there, and do they keep their promises?"""
