# threat: notebook tampering
# tries: have code of another cell type run, which reviewers take for text
# upload: notebook_hidden_cell.ipynb
# expect: iterations = not_attempted
# expect: updates = not_attempted
# expect: memory_bytes = not_attempted
# expect: n_loads = not_attempted
# expect: training_time = not_attempted

import json


def content(solution):
    cells = []
    for name, text in solution.items():
        kind = "markdown" if name == "arithmetic.py" else "code"
        source = f"# %% export {name}\n{text.decode()}"
        cells.append({"cell_type": kind, "metadata": {}, "outputs": [], "source": source})
    return json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}).encode()
