"""Who is found to be like whom: copies in disguise are, honest work and given code are not."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from disguises import disguised, honest, renamed, reordered, untouched

from autograder import assignment
from autograder.errors import StaffError
from autograder.similarity import alike, analysis, limits
from autograder.similarity.given import given
from autograder.similarity.model import Comparison, Work

pytest.importorskip("compare50")
REPO = Path(__file__).parents[2]
F = """\
def f(a, b):
    c = a + b * 3
    for i in range(10):
        c += i * a - b
        if c > 5:
            c -= 1
    return c
"""
G = """\
def g(x, y):
    while x > y:
        x, y = y, x % 7
        print(x, [z ** 2 for z in (x, y)])
    return {"x": x, "y": y}
"""


def compared(
    files: Mapping[str, str], known: Mapping[str, str] | None = None, top: int = 50
) -> Comparison:
    """Compare students of one file each; a name like `ann/2025` is from an archive."""
    works = []
    for name, text in files.items():
        student, _, year = name.partition("/")
        works.append(Work(student, student, {"f.py": text}, year))
    return analysis.compare(works, [], known or {}, top, lambda: None)


def ranked(found: Comparison) -> list[tuple[str, str]]:
    """The names of each pair, in order."""
    return [(found.works[pair.a].name, found.works[pair.b].name) for pair in found.pairs]


@pytest.fixture(scope="module", params=["a1_linear", "a3_optimizers"])
def course_class(request: pytest.FixtureRequest) -> Comparison:
    """Four honest students, a copy of one in disguise, another's as it is, and bare starters."""
    course = assignment.load(request.param, REPO)
    people = honest(course)
    people |= {"eve": disguised(people["cleo"]), "fay": people["ben"]}
    people |= {"nil": untouched(course), "nora": untouched(course)}
    works = [Work(name, name, files) for name, files in people.items()]
    return analysis.compare(works, [], given(course), 50, lambda: None)


def test_copies_come_first(course_class: Comparison) -> None:
    """The same work twice, then the copy in disguise, far from all honest pairs."""
    assert set(ranked(course_class)[:2]) == {("ben", "fay"), ("cleo", "eve")}
    scores = [pair.score for pair in course_class.pairs]
    assert scores[1] > 3 * scores[2]


def test_shares_of_a_copy_are_nearly_whole(course_class: Comparison) -> None:
    """The same work is alike from end to end; new names and another order hide little."""
    for pair in course_class.pairs[:2]:
        own = [course_class.own[place].tokens for place in (pair.a, pair.b)]
        assert pair.covered_a > 0.95 * own[0]
        assert pair.covered_b > 0.9 * own[1]


def test_what_was_given_is_nobodys_own(course_class: Comparison) -> None:
    """Two who wrote nothing are no pair, though their files are the same."""
    own = {w.name: o.tokens for w, o in zip(course_class.works, course_class.own, strict=True)}
    assert own["nil"] == own["nora"] == 0
    assert not {"nil", "nora"} & {name for pair in ranked(course_class) for name in pair}


def test_names_tell_a_copy_from_a_copy_in_disguise(course_class: Comparison) -> None:
    """All are the same, or only those that the task gives."""
    agree = {}
    for pair, names in zip(course_class.pairs, ranked(course_class), strict=True):
        agree[names] = sum(m.same for m in pair.matches) / (sum(m.names for m in pair.matches) or 1)
    assert agree["ben", "fay"] == 1
    assert agree["cleo", "eve"] < 0.9


def test_matches_are_where_the_code_is_alike() -> None:
    """Two functions in another order with other names: each is led to its own."""
    found = compared({"ann": F + "\n\n" + G, "bob": renamed(reordered(F + "\n\n" + G))})
    files = [work.files["f.py"] for work in found.works]
    first = found.pairs[0].matches[0]
    assert files[0][first.a.start :].startswith("def f(a, b):\n    c = a + b * 3")
    assert "def f(a, b):\n    my_0 = a + b * 3" in files[1][first.b.start : first.b.end]


def test_one_person_is_no_pair() -> None:
    """Neither within a class nor over the years; how many were left out is told."""
    works = [
        Work("ann", "ann", {"f.py": F}),
        Work("ann-2", "ann", {"f.py": F}),
        Work("Ann", "ann", {"f.py": F}, "2025"),
        Work("bob", "bob", {"f.py": G}),
    ]
    found = analysis.compare(works, [], {}, 50, lambda: None)
    assert found.pairs == ()
    assert found.same_person == 3


def test_archives_are_compared_with_the_class_only() -> None:
    """What happened in another year has been looked at then."""
    found = compared({"ann": F, "cleo": G, "bob/2024": F, "dan/2025": F})
    assert ranked(found) == [("ann", "bob (2024)"), ("ann", "dan (2025)")]


def test_a_rare_likeness_counts_more_than_a_common_one() -> None:
    """What half a class has, the task or a book explains."""
    common = {f"s{number}": F for number in range(8)}
    found = compared({**common, "ann": G, "bob": G})
    assert ranked(found)[0] == ("ann", "bob")


def test_at_most_so_many() -> None:
    """The closest ones are kept; every student's closest pair is known all the same."""
    found = compared(dict.fromkeys("abcd", F), top=2)
    assert len(found.pairs) == 2
    assert [score > 0 for score in found.closest] == [True] * 4


def test_the_same_result_every_time() -> None:
    """Also in another process: what is looked at does not depend on chance."""
    files = {"ann": F + G, "bob": G + F, "cleo": F}
    assert compared(files) == compared(files)


BROKEN = [
    "a;" * 29_000, "(" * 20_000, '"""' * 50_000, "f'{x:{" * 9_000, "\0" * 20_000,
    "\u202e" * 20_000, "\n" * 99_000, "x = '" + "a" * 400_000, "def " * 20_000, "\\\n" * 20_000,
]  # fmt: skip


@pytest.mark.parametrize("piece", BROKEN, ids=lambda piece: ascii(piece[:6]))
def test_what_is_no_program_stops_nobody(piece: str) -> None:
    """Whatever two of them hand in, the others' pair is found."""
    found = compared({"eve": piece, "eva": piece, "ann": F, "bob": F})
    assert ("ann", "bob") in ranked(found)


@pytest.mark.parametrize(
    "piece",
    ["\t\n" * 200_000, '"\\N{' * 90_000],
    ids=["empty lines", "names of characters"],
)
def test_what_takes_too_long_is_left_out_and_said(piece: str) -> None:
    """Some texts take the words' reader hours; it is stopped."""
    found = compared({"eve": piece, "ann": F, "bob": F})
    assert ranked(found) == [("ann", "bob")]
    assert [(each.who, each.why) for each in found.skipped] == [
        ("eve", "f.py takes too long to be read.")
    ]


def test_endless_repetition_is_not_looked_at_closely() -> None:
    """Every piece of it is like every other; the pair stays in the list, with a note."""
    long = "".join(f"x{number} = [{'1, ' * 40}]\n" for number in range(300))
    found = compared({"eve": long, "eva": long})
    assert ranked(found) == [("eve", "eva")]
    assert found.pairs[0].note.startswith("The same words again and again")
    assert alike.REPEATS < 1_000_000


def test_a_step_that_ends_the_process_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process goes on from there; progress does not start again."""
    killer = tmp_path / "killer.py"
    killer.write_text(
        "import os, sys\n"
        "from autograder.similarity import inside, own\n"
        "read = inside.lexed\n"
        "def lexed(file):\n"
        "    return os._exit(9) if 'poison' in file.read() else read(file)\n"
        "inside.lexed = lexed\n"
        "inside.main()\n"
    )
    monkeypatch.setattr(analysis, "COMMAND", [sys.executable, str(killer)])
    steps: list[int] = []
    works = [Work(n, n, {"f.py": t}) for n, t in (("eve", "poison"), ("ann", F), ("bob", F))]
    found = analysis.compare(works, [], {}, 50, lambda: steps.append(1))
    assert ranked(found) == [("ann", "bob")]
    assert [each.who for each in found.skipped] == ["eve"]
    assert len(steps) == analysis.steps(works, 50) == 6


def test_a_process_that_never_starts_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is said with the last of its words."""
    monkeypatch.setattr(analysis, "COMMAND", [sys.executable, "-c", "raise SystemExit('no luck')"])
    with pytest.raises(StaffError, match="no luck"):
        compared({"ann": F, "bob": F})


def test_a_silent_process_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for it."""
    code = "import time; print('{\"step\": [0]}', flush=True); time.sleep(60)"
    monkeypatch.setattr(analysis, "COMMAND", [sys.executable, "-c", code])
    monkeypatch.setattr(analysis, "SILENCE_S", 1.0)
    with pytest.raises(StaffError, match="ended by itself"):
        compared({"ann": F, "bob": F})


def test_a_step_has_its_processor_time() -> None:
    """Time that others take does not count."""

    def count() -> None:
        with limits.within(0.05):
            for _ in iter(int, 1):
                pass

    with pytest.raises(limits.TooLong):
        count()


def test_memory_is_bounded() -> None:
    """A process that is confined gets an error, and the machine stays as it was."""
    code = "from autograder.similarity import limits; limits.confine(); bytes(5_000_000_000)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert ended.stderr.strip().endswith(b"MemoryError")


def test_nothing_of_a_submission_is_run(tmp_path: Path) -> None:
    """Not even a module of the name of one that the comparison imports."""
    trap = f"open({str(tmp_path / 'ran')!r}, 'w')\n"
    works = [
        Work(name, name, {"pygments.py": trap + F, "attr.py": trap + G, "json.py": trap})
        for name in ("ann", "bob")
    ]
    assert len(analysis.compare(works, [], {}, 50, lambda: None).pairs) == 1
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("names", [[], ["ann"], ["ann/2025", "bob/2025"]], ids=str)
def test_nobody_to_compare(names: list[str]) -> None:
    """Where intake has refused the others, or the whole class, there are no pairs."""
    found = compared(dict.fromkeys(names, F))
    assert found.pairs == ()
    assert found.closest == (0.0,) * len(names)


def test_names_of_people_never_become_paths() -> None:
    """The process knows numbers; what people are called comes back as it was."""
    names = ["../../etc", "a\nb", "<b>"]
    works = [Work(name, name, {"f.py": F}, year="/") for name in names[:1]]
    works += [Work(name, name, {"f.py": F}) for name in names[1:]]
    found = analysis.compare(works, [], {}, 50, lambda: None)
    assert {name for pair in ranked(found) for name in pair} == {"../../etc (/)", *names[1:]}
