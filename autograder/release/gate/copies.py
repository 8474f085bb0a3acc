"""Hidden code in a text, as it stands or with other names."""

import re
from collections.abc import Iterator

from autograder.release.gate import trees
from autograder.release.gate.model import Kind, Leak
from autograder.release.gate.passages import Passage
from autograder.release.gate.vault import Origin, Vault

_TEST = re.compile(r"\btest_\w+")


def find(passage: Passage, vault: Vault) -> Iterator[Leak]:
    """Yield a finding for each function, run of statements and run of lines that is hidden."""
    try:
        found = [*_functions(passage, vault), *_lines(passage, vault)]
        statements = list(_statements(passage, vault))
    except RecursionError:
        yield passage.leak(Kind.UNREADABLE, 0, "code that is nested too deeply")
        return
    seen: set[int] = set()  # lines that a finding has told
    for index, end, leak in found:
        if not seen.issuperset(range(index, end)):
            yield leak
        seen.update(range(index, end))
    for index, end, leak in statements:
        if seen.isdisjoint(range(index, end)):
            yield leak
            seen.update(range(index, end))
    yield from _names(passage, vault)


Place = tuple[int, int, Leak]  # from line to line, counted from 0; and what is there


def _functions(passage: Passage, vault: Vault) -> Iterator[Place]:
    modules = {**vault.modules, **trees.modules_of(passage.tree)}
    for piece in trees.functions(passage.tree, modules):
        if origin := vault.functions.get(piece.shape):
            yield _found(passage, piece, f"{piece.name} is the code of {origin}", origin)


def _statements(passage: Passage, vault: Vault) -> Iterator[Place]:
    modules = {**vault.modules, **trees.modules_of(passage.tree)}
    for piece in trees.windows(passage.tree, modules):
        if origin := vault.windows.get(piece.shape):
            yield _found(passage, piece, f"statements of {origin}", origin)


def _found(passage: Passage, piece: trees.Piece, what: str, origin: Origin) -> Place:
    return piece.line - 1, piece.end, passage.leak(origin.kind, piece.line - 1, what)


def _lines(passage: Passage, vault: Vault) -> Iterator[Place]:
    solutions = [text for text in vault.texts if text.kind is Kind.SOLUTION]
    others = vault.texts[len(solutions) :]
    for index, texts in ((vault.solutions, solutions), (vault.hidden, others)):
        for match in index.find(passage.lines):
            text = texts[match.source]
            lines = "a line" if match.lines == 1 else f"{match.lines} lines"
            what = f"{lines} of {text.origin(match.line)}"
            leak = passage.leak(text.kind, match.begin, what)
            yield match.begin, match.begin + match.lines, leak


def _names(passage: Passage, vault: Vault) -> Iterator[Leak]:
    for index, line in enumerate(passage.lines):
        for name in _TEST.findall(line):
            if origin := vault.names.get(name):
                yield passage.leak(Kind.HIDDEN, index, f"names {name} of {origin}")
