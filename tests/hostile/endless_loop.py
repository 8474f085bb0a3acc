# tries: hold up the class with a loop that no exception ends
# file: losses.py
# expect: softmax_loss = timeout


def softmax_loss(x, y):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
