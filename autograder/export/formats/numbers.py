"""Points as other systems read them."""


def number(value: float) -> int | float:
    """Return a whole number without a decimal point: 7, 5.6.

    >>> number(7.0), number(5.6)
    (7, 5.6)
    """
    return int(value) if value == int(value) else value
