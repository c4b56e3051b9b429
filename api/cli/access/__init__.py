"""meshgate access: who may read which port, and how does that begin and end?"""
