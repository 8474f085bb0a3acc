"""The leak gate: what a student bundle must pass before it leaves.

`inspect` reads the bundle and `run` tries it: the handout fails every hidden test, and the solution
passes all. Neither changes anything, and neither is run by students.

It is meant for careless authors: a cell with the answer, a stale file, a test copied in a hurry. An
author who wants to leak can. What it does not see:

- solutions that are written differently: other statements, another order, an equivalent formula;
- one or two short lines of a solution, or of a hidden test, on their own; nor a body of so few
  nodes that many functions have it, under another name;
- code in pictures, in arrays or large tables of data, in text that is encrypted or wrapped up many
  times, cut into cells or files that are put together later, or in letters that look like ours;
- the sense of prose: a paragraph that tells the answer in words;
- what is hidden of other assignments, since later ones give away what earlier ones asked for;
- anything that the assignment's own starter code, data, or helpers of visible checks hold, since
  they are what students are to get.
"""

from autograder.release.gate.inspection import inspect
from autograder.release.gate.model import Kind, Leak
from autograder.release.gate.trial import run

__all__ = ["Kind", "Leak", "inspect", "run"]
