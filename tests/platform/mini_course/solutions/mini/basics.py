"""The first steps."""


def double(x):
    """Return twice `x`, an array of any shape, as a new array; `x` stays as it was."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
