"""x"""
def deploy() -> None:
    """TODO"""
