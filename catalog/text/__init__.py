"""Which tokens stand for a product, and how are they kept in the full text index of each store?"""
