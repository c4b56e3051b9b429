"""How does the mesh, or a part of it, leave in a form that others understand?"""
