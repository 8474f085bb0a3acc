"""Which files keep nothing from one call to the next, and see nothing but what they are given.

Exercises on such files may share a process: none can tell what ran before it. And what is asked
later may lie in that process already: none can look. The proof is an allow-list on the syntax
tree, so that whatever it does not know, harmless or not, counts as keeping or seeing something.
Three things need no proof. Each test starts random numbers without a generator anew, and
objects that no file holds. And what lay in memory before, as far as numpy shows it between the
fields of an odd dtype, are questions that the file has answered.
"""

from collections.abc import Mapping
from functools import lru_cache

from autograder.rules.allowed import installed, shadows
from autograder.rules.imported import UnknownError
from autograder.rules.proof import Proof, prove
from autograder.submission.source import parse

GIVEN = {"np": "numpy", "student": "student"}  # to a definition, by the servant


def sealed(files: Mapping[str, bytes]) -> frozenset[str]:
    """Return the modules that keep and see nothing, and that import only such modules."""
    if any(map(shadows, files)):
        return frozenset()
    proofs: dict[str, Proof] = {}
    for name, data in files.items():
        if name.endswith(".py"):
            try:
                proofs[name.removesuffix(".py")] = prove(parse(data))
            except (UnknownError, SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    methods = {name for proof in proofs.values() for name in proof.methods}
    while unproven := [name for name in proofs if not _holds(proofs[name], proofs, methods)]:
        for name in unproven:
            del proofs[name]
    return frozenset(proofs)


@lru_cache(maxsize=1000)
def is_sealed(source: str) -> bool:
    """Whether a definition with this text, beside a sealed module `student`, is sealed, too."""
    try:
        proof = prove(parse(source), GIVEN)
    except (UnknownError, SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return not proof.names.needs and proof.asked.isdisjoint(proof.methods)


def _holds(proof: Proof, proofs: Mapping[str, Proof], methods: set[str]) -> bool:
    """Whether what it imports is proven, and holds what it is used for."""
    needs = proof.names.needs
    if not needs <= proofs.keys() or any(map(installed, needs)):
        return False
    if not proof.asked.isdisjoint(methods):
        return False
    return all(
        _offered(proofs[module].names.offers.get(name, "nothing"), use)
        for module, name, use in proof.wants
    )


def _offered(kind: str, use: str) -> bool:
    """Whether a name of another file may be used so; what it has imported it does not offer."""
    if kind in ("class", "tuple"):
        return use not in ("value", "items") and (kind == "class" or use != "base")
    return kind in ("value", "nothing") and use not in ("base", "entered")
