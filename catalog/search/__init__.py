"""Which products match a query, best first?"""
