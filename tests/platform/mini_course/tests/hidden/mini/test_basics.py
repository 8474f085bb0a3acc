"""Hidden checks of basics.py."""

from autograder.suite import exercise


@exercise("double")
def test_a_matrix(student, reference, rng, close):
    """A matrix is doubled."""
    x = rng.normal(size=(3, 4))
    close(student.double(x), reference.double(x), names="result", axes="N C")


@exercise("double")
def test_the_argument_stays(student, sandbox, rng, exact):
    """The argument is not changed in place."""
    x = rng.normal(size=5)
    remote = sandbox.put(x)
    student.double(remote)
    exact(remote, x, names="x")
