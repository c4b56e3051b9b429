"""x"""
def demo() -> None:
    """TODO"""
