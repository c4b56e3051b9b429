"""Which kinds of places can be sampled without anything installed beside meshgate?"""
