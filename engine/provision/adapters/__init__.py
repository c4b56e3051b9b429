"""Which adapters does meshgate ship itself?"""
