"""How does somebody come to read an output port, and for how long?"""
