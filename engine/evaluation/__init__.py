"""How well does a product keep what it promises, and how far may it be trusted?"""
