"""How is data of a port shown to who may see it, and how is that remembered?"""
