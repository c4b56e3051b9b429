"""How does a cleared version become resources, whatever technology makes them?"""
