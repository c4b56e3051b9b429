"""The GraphQL door: search, evaluate and query the mesh (DESIGN §7)."""
