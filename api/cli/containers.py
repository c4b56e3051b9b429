"""x"""
def containers() -> None:
    """TODO"""
