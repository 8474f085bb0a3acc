"""From submissions to reports: one at a time, or a class in parallel lanes."""

from autograder.grading.classroom import Lanes, Outcome, Progress, class_json, grade_class
from autograder.grading.lane import Settings
from autograder.grading.one import Grader, grade_files, verify_reference

__all__ = [
    "Grader",
    "Lanes",
    "Outcome",
    "Progress",
    "Settings",
    "class_json",
    "grade_class",
    "grade_files",
    "verify_reference",
]
