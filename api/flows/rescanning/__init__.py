"""How is the catalog decided again in the background?"""
