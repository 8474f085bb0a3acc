# threat: notebook tampering
# tries: run shell commands and magics from the cells around the functions
# upload: notebook_shell.ipynb
# expect: iterations = failed
# expect: updates = failed
# expect: memory_bytes = failed
# expect: n_loads = failed
# expect: training_time = failed

import json


def content(solution):
    sources = [
        f"# %% export {name}\n{text.decode()}"
        for name, text in solution.items()
        if name != "arithmetic.py"
    ]
    sources += [
        "%%bash\ntouch /tmp/was-here\n", "!touch /tmp/was-here", "%run /etc/passwd",
        "%%writefile /tmp/conftest.py\nprint(1)\n", "files = !ls",
        "!touch /tmp/was-here\n" + solution["arithmetic.py"].decode(),
    ]
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": s} for s in sources]
    return json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}).encode()
