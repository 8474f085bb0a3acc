# threat: notebook tampering
# tries: define a function twice, for two readers to see two different ones
# upload: notebook_twice.ipynb
# expect: iterations = failed
# expect: updates = failed
# expect: memory_bytes = failed
# expect: n_loads = failed
# expect: training_time = failed

import json


def content(solution):
    sources = [f"# %% export {name}\n{text.decode()}" for name, text in solution.items()]
    sources.append("def n_loads(total, ram):\n    return 1\n")
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": s} for s in sources]
    return json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}).encode()
