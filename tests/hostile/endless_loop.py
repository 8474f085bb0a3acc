# threat: endless code
# tries: hold up the class with a loop that no exception ends
# file: losses.py
# expect: jiggle_sensitivity = timeout


def jiggle_sensitivity(loss, x, y, eps):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
