# threat: memory and disk bombs
# tries: take memory piece by piece, and go on when it is refused
# file: arithmetic.py
# expect: training_time = out_of_memory


def training_time(steps, minutes_per_step):
    hoard = []
    try:
        while len(hoard) < 40:
            hoard.append(bytearray(64 * 1024 * 1024))
    except MemoryError:
        hoard.append(bytearray(len(hoard) * 64 * 1024 * 1024))
    return 0, 0
