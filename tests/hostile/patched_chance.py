# threat: random luck
# tries: replace the generator by one that always draws the same row
# file: linear.py
# expect: linear_classifier = partial
# expect: svm_and_softmax = partial

np.random.choice = lambda n, size=1, **_: np.zeros(size, int)
np.random.randint = lambda low, high=None, size=None, **_: np.zeros(size, int)
np.random.permutation = np.random.shuffle = lambda x: x
