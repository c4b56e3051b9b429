"""x"""
def show() -> None:
    """TODO"""
