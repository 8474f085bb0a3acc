"""The floor: the hidden suite of the six exercises run on a class in one process, behind no wall.

It is no way to grade. One crash or endless loop ends everything, and a student's file could write
its own score. It reads the submissions as `autograder grade` does, remembers no answers, and writes
the scores alone.
"""

import argparse
import json
from pathlib import Path
from types import ModuleType

from autograder import assignment as assignments
from autograder import submission as intake
from autograder.grading.results import result_of
from autograder.report import total
from autograder.sandbox.local import LocalConversation
from autograder.suite.plugin import Suite, run_session
from autograder.suite.seeds import course_secret


def main() -> None:
    """Write the scores of a class, by student."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="the class: <student>.ipynb each")
    parser.add_argument("--out", type=Path, required=True)
    told = parser.parse_args()
    course = assignments.load("six", assignments.find_root())
    scores: dict[str, float] = {}

    def drive(suite: Suite) -> None:
        for path in sorted(told.folder.glob("*.ipynb")):
            files = intake.read(path, course, path.stem).files
            module = ModuleType("six")
            exec(compile(files["six.py"], "six.py", "exec"), module.__dict__)
            local = LocalConversation({"six": module})
            results = [result_of(each, suite.judge(each, local)) for each in course.exercises]
            scores[path.stem] = total(results)

    run_session(course, course_secret(course.root), drive)
    told.out.write_text(json.dumps(scores), "utf-8")


if __name__ == "__main__":
    main()
