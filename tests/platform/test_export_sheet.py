"""A CSV file of somebody else's keeps every byte that is not changed."""

import csv
import io
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.errors import UsageError
from autograder.export.lists import sheet as sheets
from autograder.export.lists.sheet import Sheet

cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)
tables = st.lists(st.lists(cells, min_size=2, max_size=4), max_size=6)


def opened(folder: Path, data: str | bytes) -> Sheet:
    """Read a list whose first column is `who`."""
    place = folder / "list.csv"
    place.write_bytes(data if isinstance(data, bytes) else data.encode())
    return sheets.read(place, lambda values: values[0] == "who", "a list")


@pytest.mark.parametrize(
    "data",
    [
        b"who,b\na,1\n",
        b"\xef\xbb\xbfwho,b\r\na,1\r\n",
        b'"who";"b"\n"a;b";"1,5"\n',
        b'who\tb\n\n"x\ny"\t""',
        b'who,b\rz,"a""b"\r',
        b"who,b\na\n,,,\n   ,\n",
    ],
)
def test_what_is_not_changed_stays(tmp_path: Path, data: bytes) -> None:
    """Quotes, line ends, delimiters, byte order mark, empty and short lines."""
    assert opened(tmp_path, data).dump() == data


@given(tables, st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]), st.booleans())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_cells_are_those_of_csv(
    tmp_path: Path, table: list[list[str]], delimiter: str, end: str, every: bool
) -> None:
    """What Python's own module writes is read as it was, and one change changes one cell."""
    text = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL
    rows = [["who", "b"], *table, ["last", "x"]]
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    sheet = opened(tmp_path, text.getvalue())
    assert [row.values for row in [sheet.head, *sheet.rows]] == rows
    sheet.put(sheet.rows[-1], 1, 'new "cell", with; all\n of it')
    got = list(csv.reader(io.StringIO(sheet.dump().decode(), newline=""), delimiter=delimiter))
    assert got == [*rows[:-1], ["last", 'new "cell", with; all\n of it']]


def test_a_short_line_is_filled_up(tmp_path: Path) -> None:
    """A program that left out empty cells at the end is understood."""
    sheet = opened(tmp_path, "who,b,c\na\n")
    sheet.put(sheet.rows[0], 2, "7")
    assert sheet.dump() == b"who,b,c\na,,7\n"


def test_numbers_are_written_as_there(tmp_path: Path) -> None:
    """With a comma where others have one, which needs another delimiter than a comma."""
    assert opened(tmp_path, "who;b\na;1,50\n").number(2.25) == "2,25"
    assert opened(tmp_path, "who;b\na;1.50\n").number(2.25) == "2.25"
    assert opened(tmp_path, 'who,b\na,"1,50"\n').number(2.25) == "2.25"
    assert [sheets.plain(each) for each in (100.0, 97.48891, 0.0, -0.0)] == [
        "100", "97.4889", "0", "0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'who,b\n"open,1\n', "list.csv:2: not CSV: a quote"),
        (b'who,b\nx,1\n"a"b,1\n', "list.csv:3: not CSV: a quote"),
        (b"who,b\n\xff,1\n", "not UTF-8"),
        (b"\xff\xfew\0h\0o\0", "not UTF-8"),
        (b"other,b\n", "this is not a list"),
        (b"", "this is not a list"),
        (b"PK\x03\x04", "this is not a list"),
    ],
)
def test_other_files_are_named(tmp_path: Path, data: bytes, said: str) -> None:
    """With the line where there is one."""
    with pytest.raises(UsageError, match=said):
        opened(tmp_path, data)


def test_a_column_that_is_there_twice_is_nobodys(tmp_path: Path) -> None:
    """Nor is there one for a name that nobody has."""
    sheet = opened(tmp_path, "who,b,B\n")
    assert sheet.column("c") is None
    with pytest.raises(UsageError, match="two columns 'b'"):
        sheet.column("b")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """And what it should have been."""
    with pytest.raises(UsageError, match="no such file; give a list"):
        sheets.read(tmp_path / "x.csv", lambda _: True, "a list")


def test_hostile_quotes_take_no_time(tmp_path: Path) -> None:
    """A megabyte of them is refused at once."""
    started = time.monotonic()
    with pytest.raises(UsageError):
        opened(tmp_path, b'who,b\n"' + b'""' * 500_000 + b"a\n")
    assert time.monotonic() - started < 5
