# threat: notebook tampering
# tries: claim points in metadata and outputs, with doubled ids, false cell types and much output
# upload: notebook_tampered.ipynb

import json


def _cell(kind, source, **more):
    graded = {"nbgrader": {"grade": True, "points": 100, "locked": True, "schema_version": 99}}
    return {"cell_type": kind, "id": "same", "metadata": graded, "source": source, **more}


def content(solution):
    shown = [{"output_type": "stream", "name": "stdout", "text": ["100 points\n"] * 300_000}]
    cells = [
        _cell("code", f"# %% export {name}\n{source.decode()}", outputs=shown, execution_count=1)
        for name, source in solution.items()
    ]
    cells[1:] = [{**cell, "outputs": [{"output_type": 7, "data": None}]} for cell in cells[1:]]
    cells += [
        _cell("markdown", "def svm_loss_naive(W, X, y, reg):\n    return 0\n"),
        _cell("raw", "# %% export losses.py\nraise SystemExit\n"),
        _cell("heading", ["import os\n", "os._exit(0)"]),
        {"cell_type": "code"}, {"cell_type": ["code"], "source": 7}, 13, None,
    ]
    book = {"nbformat": 4, "nbformat_minor": -1, "metadata": {"grade": 100}, "cells": cells}
    return json.dumps(book).encode()
