"""Which process carries deployments out, and who goes on when it dies?"""
