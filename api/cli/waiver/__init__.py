"""meshgate waiver: which exceptions are there, and how does one begin and end?"""
