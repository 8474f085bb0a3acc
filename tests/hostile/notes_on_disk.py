# threat: remembered answers
# tries: write one exercise's answers to a file and hand them in for the next exercise
# file: losses.py
# expect: svm_loss_vectorized = failed
# expect: svm_and_softmax = partial

import os

_own_svm_loss_naive = svm_loss_naive


def svm_loss_naive(W, X, y, reg):
    loss, dW = _own_svm_loss_naive(W, X, y, reg)
    np.savez(f"answer{W.shape}{X.shape}.npz", loss=loss, dW=dW)
    return loss, dW


def svm_loss_vectorized(W, X, y, reg):
    note = f"answer{W.shape}{X.shape}.npz"
    if not os.path.exists(note):
        return 0.0, np.zeros_like(W)
    answer = np.load(note)
    return float(answer["loss"]), answer["dW"]
