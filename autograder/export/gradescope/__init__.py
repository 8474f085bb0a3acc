"""Gradescope: the zip that becomes an autograder there, and what it does with each submission."""
