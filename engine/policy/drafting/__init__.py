"""How does a sentence of a steward become a policy with annotations, tests and fixtures?"""
