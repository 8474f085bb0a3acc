"""One Python file at intake: text or not, Python or not, and never a crash."""

import subprocess
import sys
import time

import pytest

from autograder.submission.source import problem


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x = 1\n",
        b"\xef\xbb\xbfx = 1\n",
        "# ünïcode 한글\nx = 1\n".encode(),
        b"# -*- coding: utf8 -*-\nx = 1\n",
        b"# -*- coding: latin-1 -*-\nx = 1\n",
        b'"""A docstring with \\alpha and \\d."""\n',
        b"x = 1\r\ny = 2\rz = 3\n",
        b"from __future__ import print_function\nfrom builtins import range, object\n",
    ],
    ids=["empty", "plain", "bom", "utf8", "utf8-cookie", "ascii", "escapes", "newlines", "cs231n"],
)
def test_right_files(data: bytes) -> None:
    """What Python 3 reads as UTF-8 is fine."""
    assert problem("a.py", data) is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"x = (1,\n", "a.py line 1: SyntaxError: '(' was never closed"),
        (b"def f():\nx = 1\n", "a.py line 2: IndentationError: expected an indented block"),
        (b"if x:\n\ty\n        z\n", "a.py line 3: TabError: inconsistent use of tabs"),
        (b"x = 1\nprint x\n", "This is Python 2: write print(...)."),
        (b"exec 'x'\n", "This is Python 2: write exec(...)."),
        (b"try: x\nexcept A, e: y\n", "If this is Python 2: write `except E as e:`."),
        (b"x = 0777\n", "If this is Python 2: octal numbers are written 0o17."),
        (b"raise ValueError, 'no'\n", "This is Python 2: write `raise E(...)`."),
        (b"x <> y\n", "This is Python 2: write `!=`."),
        (b"`x`\n", "If this is Python 2: write repr(x)."),
        ("x = “1”\n".encode(), "a.py line 1: SyntaxError: invalid character '“' (U+201C)"),
    ],
)
def test_syntax_errors_teach(data: bytes, said: str) -> None:
    """The place, Python's own words, and what to write when it looks like Python 2."""
    assert said in str(problem("a.py", data))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("# 한글\n".encode("cp949"), "a.py line 1: not UTF-8 text (byte 0xc7). Save the file"),
        (b"x = 1\ny = 2\xff\n", "a.py line 2: not UTF-8 text (byte 0xff)"),
        ("x = 1\n".encode("utf-16"), "a.py line 1: a NUL byte"),
        (b"x = 1\n\x00", "a.py line 2: a NUL byte"),
        (b"\x7fELF" + bytes(99), "not Python source: it looks like a compiled program"),
        (b"PK\x03\x04" + bytes(99), "not Python source: it looks like an archive"),
        (b"<!DOCTYPE html>\n", "not Python source: it looks like a web page"),
        (b"a;" * 60_000, "a.py has more than 60,000 words and signs. Hand in less code"),
        (b"#" * 500_001, "a.py is 500 KB; the limit is 500 KB."),
        (b"# coding: klingon\n", "declare an unknown encoding"),
    ],
)
def test_no_text(data: bytes, said: str) -> None:
    """What is no UTF-8 text is named as what it is, with its line."""
    assert said in str(problem("a.py", data))


@pytest.mark.parametrize("name", ["utf-7", "rot13", "unicode_escape", "hz", "utf-16", "shift_jis"])
def test_encodings_that_hide_code(name: str) -> None:
    """What we read and what Python would run are the same text."""
    data = f"# coding: {name}\n+AGUAeABlAGM-\n".encode()
    assert "encoding" in str(problem("a.py", data))


def test_latin_1_with_umlauts() -> None:
    """A declared encoding other than UTF-8 is refused as soon as it would matter."""
    data = "# coding: latin-1\nx = 'ü'\n".encode("latin-1")
    assert "not UTF-8 text" in str(problem("a.py", data))
    data = "# coding: latin-1\nx = 'ü'\n".encode()
    assert "declares the encoding iso8859-1" in str(problem("a.py", data))


NESTED = {
    "brackets": "(" * 100_000,
    "closed": "(" * 190 + ")" * 190,
    "unary": "x = " + "-" * 100_000 + "1",
    "not": "x = " + "not " * 50_000 + "1",
    "power": "x = 1" + "**1" * 100_000,
    "attributes": "x = a" + ".b" * 100_000,
    "calls": "x = a" + "()" * 100_000,
    "sum": "x = 1" + "+1" * 100_000,
    "choice": "x = " + "1 if 1 else " * 20_000 + "1",
    "lambda": "x = " + "lambda:" * 50_000 + "1",
    "elif": "if 1: pass\n" + "elif 1: pass\n" * 30_000,
    "indent": "".join(" " * i + "if 1:\n" for i in range(600)),
    "generators": "x = [1 " + "for i in j " * 40_000 + "]",
    "fstring": "x = " + "f'{" * 1000,
    "fields": "x = f'" + "{a}" * 160_000 + "'",
    "walrus": "(" + "(a:=" * 10_000,
    "calls in calls": "f(a=" * 10_000,
}


def test_nesting_never_crashes() -> None:
    """The worst shapes that 500 KB can hold are read or refused, in a process that survives."""
    code = (
        "import sys; from autograder.submission.source import problem\n"
        "for shape in sys.stdin.read().split('\\0'): print(problem('a.py', shape.encode()))"
    )
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code],
        input="\0".join(NESTED.values()),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert len(done.stdout.splitlines()) == len(NESTED)
    assert "nested too deeply to be read" in done.stdout
    assert time.perf_counter() - start < 30


def test_an_ordinary_file_is_quick() -> None:
    """A thousand students are not kept waiting."""
    text = b"def f(x):\n    y = x @ x.T\n    return np.exp(y - y.max()) / y.sum()\n" * 40
    start = time.perf_counter()
    for _ in range(20):
        assert problem("a.py", text) is None
    assert (time.perf_counter() - start) / 20 < 0.05
