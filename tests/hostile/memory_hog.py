# threat: memory and disk bombs
# tries: take the machine's memory
# file: losses.py
# expect: svm_loss_naive = out_of_memory


def svm_loss_naive(W, X, y, reg):
    hoard = []
    while True:
        hoard.append(np.empty((4096, 4096)))
