"""Feedback: nbgrader's gradebook, autograded notebooks, HTML pages."""
