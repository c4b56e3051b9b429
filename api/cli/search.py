"""x"""
def search() -> None:
    """TODO"""
