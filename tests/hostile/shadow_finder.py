# threat: shadow modules
# tries: answer every later import with a module of its own
# file: losses.py
# expect: svm_loss_naive = failed

import sys
import types

_HUNTED = ("pytest", "autograder", "reference", "test_losses", "conftest")


class _Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in _HUNTED:
            sys.stdout.write(f"{name} is mine\n")
        return None


sys.meta_path.insert(0, _Finder)
sys.path.insert(0, ".")
for _name in _HUNTED:
    with open(f"{_name}.py", "w") as _file:
        _file.write("def __getattr__(name): return lambda *_, **__: None\n")


def svm_loss_naive(W, X, y, reg):
    return 0.0, np.zeros_like(W)
