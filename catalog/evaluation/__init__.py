"""What does the catalog know of how good a product is, and how it came to know it?"""
