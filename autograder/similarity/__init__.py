"""Similarity: which submissions have more in common than the task explains; pages for staff."""
