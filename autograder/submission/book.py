"""The cells of a notebook file, within limits."""

import json
from typing import Any

from autograder.errors import Rejected

_CELLS = 2000
_CONTAINERS = 500_000  # brackets in the JSON: each costs far more memory than its one byte


def read_cells(data: bytes) -> list[Any]:
    """Return the cells, whatever they are; Rejected when this is no notebook."""
    if data.count(b"[") + data.count(b"{") > _CONTAINERS:
        raise Rejected("The notebook is too large to read. Clear all outputs and save it again.")
    try:
        book = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Rejected("The notebook is damaged: it is not valid JSON. Save it again.") from error
    cells = book.get("cells") if isinstance(book, dict) else None
    if not isinstance(cells, list) or book.get("nbformat") != 4:
        raise Rejected("The notebook is not in format 4. Open it in Jupyter and save it again.")
    if len(cells) > _CELLS:
        raise Rejected(f"The notebook has more than {_CELLS} cells.")
    return cells
