# threat: shadow modules
# tries: write modules into the own folder so that later imports find them first
# file: arithmetic.py

import os

_own_training_time = training_time
_NAMES = ("statistics", "colorsys", "numpy", "json", "inside", "losses", "knn", "sitecustomize")

for _name in _NAMES:
    with open(f"{_name}.py", "w") as _file:
        _file.write("SHADOW = True\n")
    os.makedirs(f"package/{_name}", exist_ok=True)


def training_time(steps, minutes_per_step):
    import colorsys
    import statistics

    import numpy.ma

    if any(hasattr(module, "SHADOW") for module in (statistics, colorsys, numpy)):
        return 0, 0
    return _own_training_time(steps, minutes_per_step)
