# threat: reading expected values
# tries: find the expected values in the frames of those who call, and in memory
# file: losses.py
# expect: svm_loss_naive = forbidden
# expect: svm_loss_vectorized = forbidden
# expect: softmax_loss = forbidden
# expect: softmax_loss_vectorized = forbidden
# expect: jiggle_sensitivity = forbidden
# expect: regularization = forbidden
# expect: svm_and_softmax = partial


def softmax_loss(x, y):
    try:
        raise KeyError
    except KeyError as error:
        frame = error.__traceback__.tb_frame
    while frame is not None:
        if "want" in frame.f_locals:
            return frame.f_locals["want"]
        frame = frame.f_back
    return 0.0, np.zeros_like(x)
