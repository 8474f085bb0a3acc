"""One Python file: is it text, is it Python, and how to say what is wrong with it."""

import ast
import codecs
import re
import tokenize
import warnings
from functools import lru_cache
from io import BytesIO

from autograder.submission.model import SOURCE_BYTES
from autograder.submission.sniff import archive, foreign
from autograder.submission.text import printable

# Encodings that mean the same as UTF-8 for a file that is plain ASCII.
_ASCII_LIKE = {"ascii", "iso8859-1", "iso8859-15", "cp1252", "euc_kr", "cp949", "gbk", "gb2312"}

# What a SyntaxError says when it met Python 2, and what to write instead.
_PYTHON_2 = (
    (r"Missing parentheses in call to '(print|exec)'", "", "This is Python 2: write {}(...)."),
    (r"multiple exception types", r"except\s", "If this is Python 2: write `except E as e:`."),
    (r"leading zeros", "", "If this is Python 2: octal numbers are written 0o17."),
    (r"", r"^\s*raise\s+[\w.]+\s*,", "This is Python 2: write `raise E(...)`."),
    (r"", r"<>", "This is Python 2: write `!=`."),
    (r"", r"`", "If this is Python 2: write repr(x)."),
)


_WORDS = 60_000  # words and signs: what a syntax tree's size, and its parser's time, grow with
_SMALL = 100_000  # bytes that need no counting
_WORD = re.compile(rb"\w+|[^\w\s]")


def too_long(data: bytes) -> bool:
    """Tell whether a text would take unreasonable time and memory as a syntax tree.

    500 KB of `a;a;a;…` are half a gigabyte as a tree, and one f-string of as many fields takes
    CPython 3.11 a minute; no honest file comes near the bound.
    """
    if len(data) > SOURCE_BYTES:
        return True
    return len(data) > _SMALL and sum(1 for _ in _WORD.finditer(data)) > _WORDS


def parse(data: bytes | str) -> ast.Module:
    """Return the syntax tree. SyntaxError, ValueError, RecursionError and MemoryError may come.

    Several ask for the same file, one after the other: nobody may change the tree.

    Only `ast.parse`: its parser and its tree builder stop at a fixed depth, whereas CPython's
    compiler can be made to overrun the stack (100,000 `for`s in one comprehension end 3.11).
    """
    return _remembered(data) if len(data) <= _SMALL else parse_anew(data)


def parse_anew(data: bytes | str) -> ast.Module:
    """Return a syntax tree of one's own, as `parse` does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "\d" in a docstring is the student's own affair
        return ast.parse(data)


_remembered = lru_cache(maxsize=16)(parse_anew)  # the files of one submission


def problem(name: str, data: bytes) -> str | None:
    """Say what keeps this file from being graded, or None."""
    if len(data) > SOURCE_BYTES:
        return f"{name} is {len(data) // 1000} KB; the limit is {SOURCE_BYTES // 1000} KB."
    if too_long(data):
        return f"{name} has more than {_WORDS:,} words and signs. Hand in less code, and no data."
    if what := foreign(data) or (archive(data) and "an archive"):
        return f"{name} is not Python source: it looks like {what}."
    if (position := data.find(b"\x00")) >= 0:
        line = data.count(b"\n", 0, position) + 1
        return f"{name} line {line}: a NUL byte. This is no text file; save it as UTF-8."
    return _encoding_problem(name, data) or _syntax_problem(name, data)


def _encoding_problem(name: str, data: bytes) -> str | None:
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        return f"{name} line {line}: not UTF-8 text (byte 0x{byte:02x}). Save the file as UTF-8."
    try:
        declared = codecs.lookup(tokenize.detect_encoding(BytesIO(data).readline)[0]).name
    except (SyntaxError, LookupError):
        return f"{name} line 1: its first lines declare an unknown encoding. Save it as UTF-8."
    if declared in {"utf-8", "utf-8-sig"} or (data.isascii() and declared in _ASCII_LIKE):
        return None
    # Another encoding could show one program to us and run another one.
    return f"{name} line 1: declares the encoding {printable(declared, 20)}. Save it as UTF-8."


def _syntax_problem(name: str, data: bytes) -> str | None:
    try:
        parse(data)
    except SyntaxError as error:
        return f"{name} {syntax_message(error)}"
    except (RecursionError, MemoryError):
        return f"{name} is nested too deeply to be read. Split its longest expressions."
    except (ValueError, OverflowError) as error:
        return f"{name} cannot be read as Python: {printable(str(error))}."
    return None


def syntax_message(error: SyntaxError) -> str:
    """Say where and what, and what to write instead when it looks like Python 2."""
    said = printable(error.msg or "invalid syntax", 150)
    message = f"line {error.lineno or 1}: {type(error).__name__}: {said}"
    hint = _python_2(said, error.text or "")
    return f"{message}. {hint}".replace("?.", "?") if hint else message


def _python_2(said: str, line: str) -> str | None:
    for in_message, in_line, hint in _PYTHON_2:
        found = re.search(in_message, said)
        if found and re.search(in_line, line[:500]):
            return hint.format(*found.groups())
    return None
