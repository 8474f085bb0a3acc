# tries: take the machine's memory
# file: losses.py
# expect: softmax_loss = out_of_memory


def softmax_loss(x, y):
    hoard = []
    while True:
        hoard.append(np.ones((1024, 1024)))
