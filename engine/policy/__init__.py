"""Which policies are there, where do they apply, and what do they say about a document?"""
