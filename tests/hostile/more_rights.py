# threat: escapes
# tries: become root, change the root folder, make devices, and own what is not its own
# file: losses.py

import os
import stat

_own_svm_loss_naive = svm_loss_naive


def _succeeds(attempt, *args):
    try:
        attempt(*args)
    except OSError:
        return False
    return True


def svm_loss_naive(W, X, y, reg):
    attempts = [
        (os.setuid, 0), (os.setgid, 0), (os.setresuid, 0, 0, 0), (os.setgroups, [0]),
        (os.chroot, "."), (os.nice, -5), (os.chown, ".", 0, 0),
        (os.mknod, "disk", stat.S_IFBLK | 0o600, os.makedev(8, 0)),
        (os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1)),
        (os.open, "/etc/shadow", os.O_RDONLY), (os.open, "/dev/mem", os.O_RDWR),
        (os.open, "/proc/sys/kernel/core_pattern", os.O_WRONLY),
    ]
    if any(_succeeds(*attempt) for attempt in attempts):
        return 0.0, np.zeros_like(W)
    return _own_svm_loss_naive(W, X, y, reg)
