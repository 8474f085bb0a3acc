"""From submissions to reports: a class in parallel lanes; one at a time in `grading.one`."""

from autograder.grading.classroom import Lanes, Outcome, Progress, class_json, grade_class
from autograder.grading.tasks import Settings

__all__ = ["Lanes", "Outcome", "Progress", "Settings", "class_json", "grade_class"]
