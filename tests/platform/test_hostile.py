"""Attacks as data: read, checked, and met with the verdict that each one names."""

from pathlib import Path

import pytest

from autograder import assignment as assignments
from autograder import hostile
from autograder.assignment import Assignment
from autograder.errors import StaffError
from autograder.report import ExerciseStatus

REPO = Path(__file__).parents[2]
A1 = assignments.load("a1_linear", REPO)
ATTACK = """# threat: early exit
# tries: nothing
# file: basics.py
# expect: double = failed

x = 1
"""
UPLOAD = """# threat: archive tricks
# tries: nothing
# upload: work.zip
# expect: rejected

def content(solution):
    return b"PK" + solution["basics.py"]
"""


def write(course: Assignment, text: str) -> None:
    """Put one attack into the miniature course."""
    folder = course.root / "tests" / "hostile"
    folder.mkdir(exist_ok=True)
    (folder / "attack.py").write_text(text)


def test_a_header_is_read(mini_course: Assignment) -> None:
    """File, aim and verdicts come from the first lines."""
    write(mini_course, ATTACK)
    (attack,) = hostile.load(mini_course)
    assert (attack.name, attack.tries, attack.file) == ("attack", "nothing", "basics.py")
    assert attack.expect == {"double": ExerciseStatus.FAILED}


def test_an_attack_is_appended(mini_course: Assignment) -> None:
    """The attack comes after the solution's own code, in its file only."""
    write(mini_course, ATTACK)
    (attack,) = hostile.load(mini_course)
    applied = attack.applied({"basics.py": b"a = 0", "losses.py": b"b = 0"})
    assert applied["basics.py"].startswith(b"a = 0\n")
    assert applied["basics.py"].endswith(b"x = 1\n")
    assert applied["losses.py"] == b"b = 0"


def test_an_upload_is_made(mini_course: Assignment, tmp_path: Path) -> None:
    """Its own function makes what is handed in, under the name of the header."""
    write(mini_course, UPLOAD)
    (attack,) = hostile.load(mini_course)
    assert attack.rejected
    place = attack.hand_in(tmp_path, {"basics.py": b"a = 0"})
    assert (place.name, place.read_bytes()) == ("work.zip", b"PKa = 0")


def test_a_gap_has_verdicts_of_its_own(mini_course: Assignment) -> None:
    """What the process sandbox cannot stop is said, with what becomes of it there."""
    gap = "# process: double = timeout\n# gap: it has no such limit\n\n"
    write(mini_course, ATTACK.replace("\n\n", f"\n{gap}"))
    (attack,) = hostile.load(mini_course)
    assert attack.expect == {"double": ExerciseStatus.FAILED}
    assert attack.in_process == {"double": ExerciseStatus.TIMEOUT}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x = 1\n", "needs one `threat` and one `tries`"),
        (ATTACK.replace("basics.py", "other.py"), "a `file` of the assignment, or an `upload`"),
        (ATTACK.replace("# file: basics.py\n", ""), "a `file` of the assignment, or an `upload`"),
        (ATTACK.replace("early exit", "boredom"), "there is no threat 'boredom'"),
        (ATTACK.replace("# expect", "# process"), "needs one `gap` that says why"),
        (ATTACK.replace("double", "treble"), "no exercise 'treble'"),
        (ATTACK.replace("failed", "sad"), "'sad' is no status"),
    ],
)
def test_a_bad_header_is_named(mini_course: Assignment, text: str, complaint: str) -> None:
    """Staff are told which file is wrong, and how."""
    write(mini_course, text)
    with pytest.raises(StaffError, match=complaint):
        hostile.load(mini_course)
