"""The leak gate: what a student bundle must pass before it leaves.

`inspect` reads the bundle and `run` tries it: the handout fails every hidden test, and the solution
passes all. Neither changes anything, and neither is run by students.

It is meant for careless authors: a cell with the answer, a stale file, a test copied in a hurry. An
author who wants to leak can. What it does not see:

- solutions that are written differently: other statements, another order, an equivalent formula;
- code in pictures, in numbers or arrays of data files, in text that is encrypted or encoded twice
  over, or in letters that only look like ours;
- one or two short lines of a solution, and small pieces of a hidden test, on their own;
- the sense of prose: a paragraph that tells the answer in words;
- anything that the assignment's own starter code, data, or helpers of visible checks hold, since
  they are what students are to get.
"""

from autograder.release.gate.inspection import inspect
from autograder.release.gate.model import Kind, Leak
from autograder.release.gate.trial import run

__all__ = ["Kind", "Leak", "inspect", "run"]
