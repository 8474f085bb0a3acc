"""Hidden checks of knn.py: votes, their ties, and predict."""

import numpy as np

from autograder.suite import each, exercise, raises

WORDS = ("one", "two", "three", "four", "five", "six")


def trained(model, X, y):
    """A classifier of the class `model`, trained on X and y."""
    knn = model()
    knn.train(X, y)
    return knn


def whole(got):
    """Labels as integers, where they are whole numbers: [1., 3.] is as good as [1, 3]."""
    floats = type(got) is np.ndarray and got.dtype.kind == "f"
    return got.astype(np.int64) if floats and np.array_equal(got, np.round(got)) else got


def together(suspects):
    """Suspects for several results at once: a mistake has to explain all of them."""
    return {
        sentence: lambda sentence=sentence: tuple(each[sentence]() for each in suspects)
        for sentence in suspects[0]
    }


def table(rng, orders):
    """Distances for which orders[i] lists the training points of row i from near to far."""
    dists = np.zeros((len(orders), len(orders[0])))
    for row, order in zip(dists, orders, strict=True):
        row[order] = np.sort(rng.uniform(1, 9, len(order)))
    return dists


def vote(dists, y, k, choose):
    """Labels where `choose` picks among the labels of the k nearest, sorted from near to far."""
    near = [y[np.argsort(row)[:k]].tolist() or [-1] for row in dists]
    return np.array([choose(labels) for labels in near], dtype=np.float64)


def most(labels, pick=min):
    """One of the most frequent labels: the smallest, or whichever `pick` takes."""
    return pick([label for label in labels if labels.count(label) == winner_count(labels)])


def winner_count(labels):
    """How many votes the most frequent label has."""
    return max(labels.count(label) for label in labels)


def fewer(labels):
    """The most frequent label of the first few, as many as decide the vote."""
    while [labels.count(label) for label in set(labels)].count(winner_count(labels)) > 1:
        labels = labels[:-1]
    return most(labels)


def first(labels):
    """The first label of a list."""
    return labels[0]


def vote_suspects(dists, y, k):
    """Wrong votes that name the mistake behind them."""
    order = np.argsort(dists, axis=1)
    return {
        "A tied vote goes to the largest label here; the smallest should win.": (
            lambda: vote(dists, y, k, lambda near: most(near, max))
        ),
        "A tied vote goes to the nearest point's label here; the smallest label should win.": (
            lambda: vote(dists, y, k, lambda near: most(near, first))
        ),
        "A tied vote goes to the farthest point's label here; the smallest label should win.": (
            lambda: vote(dists, y, k, lambda near: most(near[::-1], first))
        ),
        "A tied vote is decided by fewer neighbours here; the smallest label should win.": (
            lambda: vote(dists, y, k, fewer)
        ),
        "Only the nearest point decides; all k should vote.": lambda: vote(dists, y, 1, most),
        "The k farthest points vote; it should be the k nearest.": (
            lambda: vote(-dists, y, k, most)
        ),
        "k - 1 points vote instead of k.": lambda: vote(dists, y, max(k - 1, 1), most),
        "k + 1 points vote instead of k.": lambda: vote(dists, y, k + 1, most),
        "The nearest point does not vote: is the first of the sorted points skipped?": (
            lambda: vote(dists, y, k + 1, lambda near: most(near[1:] or near))
        ),
        "All training points vote; only the k nearest should.": lambda: vote(dists, y, None, most),
        "This is the mean of the labels, rounded; labels are names and cannot be averaged.": (
            lambda: np.round(vote(dists, y, k, np.mean))
        ),
        "This is the mean of the labels; labels are names and cannot be averaged.": (
            lambda: vote(dists, y, k, np.mean)
        ),
        "This is the median of the labels; the most frequent one should win.": (
            lambda: np.floor(vote(dists, y, k, np.median))
        ),
        "This is the smallest label of the k nearest; the most frequent one should win.": (
            lambda: vote(dists, y, k, min)
        ),
        "This is the largest label of the k nearest; the most frequent one should win.": (
            lambda: vote(dists, y, k, max)
        ),
        "This is the k-th nearest point's label; all k should vote.": (
            lambda: vote(dists, y, k, lambda near: near[-1])
        ),
        "These are row numbers of training points; look up their labels in y_train.": (
            lambda: order[:, 0].astype(np.float64)
        ),
        "This is the label's place among the labels that vote; return the label itself.": (
            lambda: vote(dists, y, k, lambda near: sorted(set(near)).index(most(near)))
        ),
        "These are the points of ranks, not of the order: argsort once is enough.": (
            lambda: vote(order.astype(np.float64), y, k, most)
        ),
        "The first k training points vote, unsorted.": (
            lambda: np.full(len(dists), most(y[:k].tolist()), dtype=np.float64)
        ),
        "This is the number of votes, not the label that gets them.": (
            lambda: vote(dists, y, k, winner_count)
        ),
        "All rows get the first test point's label.": (
            lambda: np.full(len(dists), vote(dists[:1], y, k, most)[0])
        ),
        "This is the rarest label of the k nearest; the most frequent one should win.": (
            lambda: vote(dists, y, k, lambda near: min(sorted(near), key=near.count))
        ),
    }


def clear_rows(rng, y, k, rows):
    """Distances whose vote among k is won by one label alone."""
    orders = []
    while len(orders) < rows:
        order = rng.permutation(len(y))
        near = y[order[:k]].tolist()
        if [near.count(label) for label in set(near)].count(winner_count(near)) == 1:
            orders.append(order)
    return table(rng, orders)


def judge(got, want, exact, y, cases):
    """Hold labels against the reference's; `cases` are the distances and k behind each of them."""
    names = [f"labels for k of {WORDS[k - 1]}" for _, k in cases]
    suspects = together([vote_suspects(dists, y, k) for dists, k in cases])
    axes = dict.fromkeys(names, "num_test")
    exact(tuple(map(whole, got)), tuple(want), names, axes=axes, suspects=suspects)


def compare(student, reference, exact, y, cases):
    """Hold predict_labels against the reference's, for several distances and k."""
    X_train = np.zeros((len(y), 1))
    theirs = trained(student.KNearestNeighbor, X_train, y)
    ours = trained(reference.KNearestNeighbor, X_train, y)
    got = each(theirs.predict_labels, cases, keywords=["k"])
    want = [ours.predict_labels(dists, k=k) for dists, k in cases]
    judge(got, want, exact, y, cases)


@exercise("predict_labels", weight=3)
def test_the_most_frequent_label_wins(student, reference, rng, exact):
    """Among the k nearest the most frequent label wins, for k from 1 to 6."""
    y = rng.permutation(np.repeat([0, 2, 5, 9], [8, 6, 7, 4]))
    cases = [(clear_rows(rng, y, k, 12), k) for k in range(1, 7)]
    compare(student, reference, exact, y, cases)


@exercise("predict_labels")
def test_tied_votes(student, reference, rng, exact):
    """Ties go to the smallest label, wherever its points stand among the k nearest."""
    y = np.array([7, 7, 7, 4, 4, 4, 2, 2, 2, 8, 8])
    seven, four, two, eight = (0, 1, 2), (3, 4, 5), (6, 7, 8), (9, 10)
    heads = {
        2: [(seven[0], two[1]), (two[0], seven[2]), (four[1], eight[0])],
        3: [(four[0], seven[1], two[2]), (seven[0], four[2], eight[1])],
        4: [(*four[:2], *two[1:]), (seven[2], *four[:2], seven[0]), (*two[:2], *eight)],
        6: [(*seven, *four), (*four[:2], *two[:2], *eight), (*two, *seven)],
    }
    cases = []
    for k, starts in heads.items():
        rest = [[j for j in rng.permutation(len(y)) if j not in head] for head in starts]
        orders = [[*head, *tail] for head, tail in zip(starts, rest, strict=True)]
        cases.append((table(rng, orders), k))
    compare(student, reference, exact, y, cases)


@exercise("predict_labels")
def test_one_row_all_neighbours_and_the_default(student, reference, rng, exact, sandbox):
    """One test point, a view of distances that stays as it is, k = num_train, k = 1 if left out."""
    y = rng.permutation([3, 3, 3, 1, 1, 6])
    # A row whose nearest label is not the most frequent one.
    order = [*np.flatnonzero(y == 6), *rng.permutation(np.flatnonzero(y != 6))]
    dists = table(rng, [order]).repeat(2, axis=1)[:, ::2]
    theirs = trained(student.KNearestNeighbor, np.zeros((6, 1)), y)
    ours = trained(reference.KNearestNeighbor, np.zeros((6, 1)), y)
    six = sandbox.untouched(lambda dists: theirs.predict_labels(dists, k=6), dists=dists)
    got = [six, theirs.predict_labels(dists)]
    want = [ours.predict_labels(dists, k=6), ours.predict_labels(dists)]
    names = ("the label for k of six", "the label when k is left out")
    exact(tuple(map(whole, got)), tuple(want), names)


SPY = """
class Spy(student.KNearestNeighbor):
    def compute_distances_no_loops(self, X): return X + 10.0
    def compute_distances_one_loop(self, X): return X + 20.0
    def compute_distances_two_loops(self, X): return X + 30.0
    def predict_labels(self, dists, k=1): return dists[:, 0] + k
"""


def spy_suspects(X, k, num_loops):
    """What Spy's predict returns when predict joins the methods wrongly."""
    right = X[:, 0] + 10 * (num_loops + 1) + k
    return {
        "k does not reach predict_labels.": lambda: right - k + 1,
        "predict_labels gets k - 1.": lambda: right - 1,
        "num_loops runs the methods the wrong way round: 0 is no_loops, 2 is two_loops.": (
            lambda: right + 20 * (1 - num_loops)
        ),
        "num_loops is ignored: no_loops always runs.": lambda: right - 10 * num_loops,
        "num_loops is ignored: one_loop always runs.": lambda: right + 10 * (1 - num_loops),
        "num_loops is ignored: two_loops always runs.": lambda: right + 10 * (2 - num_loops),
        "num_loops = 2 runs one_loop.": lambda: right - 10 * (num_loops == 2),
        "num_loops = 1 runs two_loops.": lambda: right + 10 * (num_loops == 1),
        "Distances come back, and no labels: call predict_labels.": (
            lambda: X + 10.0 * (num_loops + 1)
        ),
    }


@exercise("predict", weight=2)
def test_predict_joins_the_methods(student, rng, close, sandbox):
    """num_loops chooses the distance method, and k reaches predict_labels."""
    spy = trained(sandbox.define(SPY, "Spy"), np.zeros((2, 1)), np.arange(2))
    X = rng.integers(100, 200, (3, 2)).astype(np.float64)
    cases = [(4 + num_loops, num_loops) for num_loops in (0, 1, 2)]
    got = tuple(spy.predict(X, k=k, num_loops=num_loops) for k, num_loops in cases)
    want = tuple(X[:, 0] + 10 * (num_loops + 1) + k for k, num_loops in cases)
    names = ["the result without loops", "the result with one loop", "the result with two loops"]
    suspects = together([spy_suspects(X, *case) for case in cases])
    close(got, want, names=names, suspects=suspects)


@exercise("predict", weight=2)
def test_predict_end_to_end(student, reference, rng, exact):
    """Labels of new points from train and predict alone; k is 1 when left out."""
    # Two labels and odd k: no vote is tied.
    X_train, y = rng.normal(size=(30, 2)), rng.permutation(np.arange(30) % 2 * 3 + 1)
    X = rng.normal(size=(25, 2))
    theirs = trained(student.KNearestNeighbor, X_train, y)
    ours = trained(reference.KNearestNeighbor, X_train, y)
    dists = ours.compute_distances_no_loops(X)
    got = [theirs.predict(X), theirs.predict(X, k=5)]
    judge(got, [ours.predict(X), ours.predict(X, k=5)], exact, y, [(dists, 1), (dists, 5)])


@exercise("predict")
def test_predict_refuses_three_loops(student, rng):
    """Raises ValueError for a num_loops that no method has."""
    knn = trained(student.KNearestNeighbor, rng.normal(size=(4, 2)), np.arange(4))
    for num_loops in (3, -1):
        with raises(ValueError, "predict should raise ValueError unless num_loops is 0, 1 or 2."):
            knn.predict(rng.normal(size=(2, 2)), k=1, num_loops=num_loops)
