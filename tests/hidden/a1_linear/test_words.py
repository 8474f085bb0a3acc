"""Hidden checks of features.py: k-means and the bag of visual words."""

import numpy as np

from autograder.suite import exercise


def pair(got):
    """Centroids and labels; labels as integers where they are whole: 2. is as good as 2."""
    if type(got) not in (tuple, list) or len(got) != 2:
        return got, None
    centroids, labels = got
    floats = type(labels) is np.ndarray and labels.dtype.kind == "f"
    if floats and np.array_equal(labels, np.round(labels)):
        labels = labels.astype(np.int64)
    return centroids, labels


def has_nan(got):
    """Whether a result is an array with NaN in it."""
    return type(got) is np.ndarray and got.dtype.kind == "f" and bool(np.isnan(got).any())


def together(suspects):
    """Suspects for several results at once: a mistake has to explain all of them."""
    return {
        sentence: lambda sentence=sentence: tuple(
            part for each in suspects for part in each[sentence]()
        )
        for sentence in suspects[0]
    }


def nearest(X, centroids, pick=np.argmin, power=2):
    """Index of the nearest centroid; ties as `pick` decides."""
    return pick(np.sum(np.abs(X[:, None, :] - centroids) ** power, axis=2), axis=1)


def last_smallest(distances, axis):
    """The argmin that gives ties to the highest index."""
    return distances.shape[axis] - 1 - np.argmin(np.flip(distances, axis), axis=axis)


def rounds(X, init, iters, *, empty=None, centre=np.mean, step=1, moving=0, **kw):
    """k-means with some of the rules changed; `empty` gives the centroid of an empty cluster."""
    centroids = np.array(init, dtype=np.float64)
    movable = range(len(centroids))[slice(None, moving) if moving < 0 else slice(moving, None)]
    for _ in range(iters):
        labels = nearest(X, centroids, **kw)
        for j in movable:
            if np.any(labels == j):
                centroids[j] += step * (centre(X[labels == j], axis=0) - centroids[j])
            elif empty is not None:
                centroids[j] = empty
    return centroids, nearest(X, centroids, **kw).astype(np.float64)


def kmeans_suspects(X, init, iters):
    """Wrong clusterings that name the mistake behind them."""
    X = X.astype(np.float64)
    right, before = rounds(X, init, iters), rounds(X, init, max(iters - 1, 0))
    return {
        "The labels belong to the centroids before the last move: assign once more after it.": (
            lambda: (right[0], before[1])
        ),
        "It does one round too few.": lambda: before,
        "It does one round too many.": lambda: rounds(X, init, iters + 1),
        "It does a single round, whatever iters says.": lambda: rounds(X, init, 1),
        "The centroids never move.": lambda: rounds(X, init, 0),
        "It runs until nothing moves, whatever iters says.": lambda: rounds(X, init, 100),
        "The nearest centroid is chosen by L1 distance; it should be the Euclidean one.": (
            lambda: rounds(X, init, iters, power=1)
        ),
        "Points go to the farthest centroid.": lambda: rounds(X, init, iters, pick=np.argmax),
        "Centroids move to the median of their points; it should be the mean.": (
            lambda: rounds(X, init, iters, centre=np.median)
        ),
        "Centroids move to the sum of their points; divide by how many there are.": (
            lambda: rounds(X, init, iters, centre=np.sum)
        ),
        "The sum of a centroid's points is divided by N, not by how many points it has.": (
            lambda: rounds(X, init, iters, centre=lambda p, axis: p.sum(axis) / len(X))
        ),
        "A centroid without points moves to 0; it should stay where it is.": (
            lambda: rounds(X, init, iters, empty=0)
        ),
        "A centroid without points moves to the first point; it should stay where it is.": (
            lambda: rounds(X, init, iters, empty=X[0])
        ),
        "A centroid without points is left out; it should stay where it is.": (
            lambda: rounds(X, init[np.unique(nearest(X, init))], iters)
        ),
        "A centroid without points moves to the mean of all; it should stay where it is.": (
            lambda: rounds(X, init, iters, empty=X.mean(axis=0))
        ),
        "A tie between centroids goes to the highest index; it should go to the lowest.": (
            lambda: rounds(X, init, iters, pick=last_smallest)
        ),
        "A centroid moves only half of the way to the mean of its points.": (
            lambda: rounds(X, init, iters, step=0.5)
        ),
        "A centroid's coordinates are all the same: take the mean along axis 0.": (
            lambda: rounds(X, init, iters, centre=lambda p, **_: np.full(p.shape[1], p.mean()))
        ),
        "The labels start at 1; the first centroid is number 0.": (
            lambda: (right[0], right[1] + 1)
        ),
        "The two results are in the wrong order: centroids first.": lambda: right[::-1],
        "The last centroid never moves.": lambda: rounds(X, init, iters, moving=-1),
        "The first centroid never moves.": lambda: rounds(X, init, iters, moving=1),
        "It starts from the first points of X; start from init.": (
            lambda: rounds(X, X[: len(init)], iters)
        ),
        "The centroids are rounded to whole numbers: they should be float64, also when init is "
        "not.": lambda: _whole(X, init, iters),
    }


def _whole(X, init, iters):
    """k-means whose centroids lose their fractions in an integer array."""
    centroids = init.astype(np.int64)
    for _ in range(iters):
        centroids = rounds(X, centroids, 1)[0].astype(np.int64)
    return centroids.astype(np.float64), nearest(X, centroids).astype(np.float64)


def compare(results, reference, close, X, init):
    """Hold kmeans's results, by their number of rounds, against the reference's."""
    got, want, names, axes = [], [], [], {}
    for iters, result in results.items():
        got += pair(result)
        want += pair(reference.kmeans(X, len(init), init, iters))
        after = ("no round", "one round", "two rounds", "three rounds", "four rounds")[iters]
        names += [f"centroids after {after}", f"labels after {after}"]
        axes |= {names[-2]: "k D", names[-1]: "N"}
    suspects = together([kmeans_suspects(X, init, iters) for iters in results])
    close(tuple(got), tuple(want), names=names, axes=axes, suspects=suspects)


def corner(rng):
    """Points of a cube, and starts that are crowded in one of its corners, each near a point."""
    X = rng.uniform(0, 4, (24, 3))
    return X, X[np.argsort(X.sum(axis=1))[:4]] + rng.normal(0, 0.05, (4, 3))


def wandering(rng):
    """Points and starts for which labels change in each of four rounds, and by L1 are others."""
    while True:
        X, init = corner(rng)
        labels = [rounds(X, init, iters)[1] for iters in range(5)]
        others = [*labels[1:], rounds(X, init, 1, power=1)[1]]
        pairs = [*zip(labels[:-1], others[:-1], strict=True), (labels[1], others[-1])]
        moving = not any(np.array_equal(one, two) for one, two in pairs)
        if moving and all(len(np.unique(each)) == 4 for each in labels):
            return X, init


@exercise("kmeans", weight=3)
def test_kmeans_rounds(student, reference, rng, close):
    """Centroids and labels after one round, after two and after four."""
    X, init = wandering(rng)
    results = {iters: student.kmeans(X, 4, init, iters) for iters in (1, 2, 4)}
    compare(results, reference, close, X, init)


@exercise("kmeans")
def test_kmeans_empty_cluster(student, reference, rng, close, check):
    """A centroid that has no points stays where it is."""
    X, init = corner(rng)
    init = np.insert(init, 2, rng.uniform(40, 50, 3), axis=0)
    got = student.kmeans(X, 5, init, 3)
    sentence = "A centroid without points is NaN, the mean of nothing: it should stay where it is."
    check(not has_nan(pair(got)[0]), sentence)
    compare({3: got}, reference, close, X, init)


@exercise("kmeans")
def test_kmeans_ties_and_whole_numbers(student, reference, rng, close):
    """A tie goes to the lowest index; whole numbers and no round at all work too."""
    middle = rng.integers(-20, 20, 2)
    step = rng.integers(2, 6, 2)
    init = np.array([middle + 2 * step, middle - 2 * step, middle + 30])
    # Half-way between the first two; two points more, so that means are no whole numbers.
    X = np.array([middle, middle + 3 * step, middle + 2 * step + 1, middle - 2 * step, init[2]])
    results = {iters: student.kmeans(X, 3, init, iters) for iters in (0, 1)}
    compare(results, reference, close, X, init)


@exercise("kmeans", weight=0.5)
def test_kmeans_leaves_its_inputs(student, reference, rng, close, sandbox):
    """The points and the starts are as before, whatever their layout."""
    X, init = map(np.asfortranarray, corner(rng))
    got = sandbox.untouched(lambda X, init: student.kmeans(X, 4, init, 2), X=X, init=init)
    want = pair(reference.kmeans(X, 4, init, 2))
    names, suspects = ("centroids", "labels"), kmeans_suspects(X, init, 2)
    close(pair(got), want, names=names, suspects=suspects)


def bovw_suspects(desc, centroids):
    """Wrong encodings that name the mistake behind them."""
    k = len(centroids)

    def counts(**kw):
        return np.bincount(nearest(desc, centroids, **kw), minlength=k).astype(np.float64)

    right = counts()
    labels = nearest(desc, centroids)
    return {
        "These are counts; divide by the number of descriptors.": lambda: right,
        "The counts are divided by the number of words; divide by the number of descriptors.": (
            lambda: right / k
        ),
        "The counts are divided by their norm; they should sum to 1.": (
            lambda: right / np.linalg.norm(right)
        ),
        "The counts are divided by the largest; they should sum to 1.": (
            lambda: right / right.max()
        ),
        "Descriptors go to the farthest word.": lambda: counts(pick=np.argmax) / len(desc),
        "The nearest word is chosen by L1 distance; it should be the Euclidean one.": (
            lambda: counts(power=1) / len(desc)
        ),
        "A tie between words goes to the highest index; it should go to the lowest.": (
            lambda: counts(pick=last_smallest) / len(desc)
        ),
        "The histogram's bins span the labels that occur; each word needs a bin of its own.": (
            lambda: np.histogram(labels, bins=k)[0] / len(desc)
        ),
        "The last words have no bin where no descriptor is nearest to them: give a minlength.": (
            lambda: np.bincount(labels) / len(desc)
        ),
        "It says only which words occur, not how often.": lambda: (right > 0) / len(desc),
        "It says only which words occur, not how often, in equal shares.": (
            lambda: (right > 0) / np.sum(right > 0)
        ),
        "The word with the largest scalar product is counted; it should be the nearest.": (
            lambda: np.bincount(np.argmax(desc @ centroids.T, axis=1), minlength=k) / len(desc)
        ),
        "For each word the nearest descriptor is sought; seek the nearest word of each descriptor, "
        "along axis 1.": lambda: _words_of(desc, centroids),
    }


def _words_of(desc, centroids):
    distances = np.sum((desc[:, None, :] - centroids) ** 2, axis=2)
    counts = np.bincount(np.argmin(distances, axis=0), minlength=len(centroids))
    return counts[: len(centroids)] / len(desc)


def encode(student, reference, close, desc, centroids):
    """Hold bovw_encode against the reference's."""
    got, want = student.bovw_encode(desc, centroids), reference.bovw_encode(desc, centroids)
    sizes = {"M": len(desc), "k": len(centroids)}
    suspects = bovw_suspects(desc, centroids)
    close(got, want, axes="k", sizes=sizes, suspects=suspects)


@exercise("bovw_encode", weight=2)
def test_bovw_shares(student, reference, rng, close):
    """Each word's share of the descriptors, with words that none is nearest to."""
    centroids = rng.normal(size=(7, 4))
    desc = centroids[rng.permutation([1, 1, 1, 1, 2, 2, 2, 3, 3, 5])] + rng.normal(0, 1, (10, 4))
    # The last descriptor is nearer to word 5 by L2, and to word 4 by L1.
    desc = np.vstack([desc, np.full(4, 9.0)])
    centroids[4], centroids[5] = desc[-1] + [3, 0, 0, 0], desc[-1] + [1.6, 1.6, -1.6, 0]
    centroids[[0, 6]] += 30
    desc.flags.writeable = centroids.flags.writeable = False
    encode(student, reference, close, desc, centroids)


@exercise("bovw_encode")
def test_bovw_ties_and_no_descriptors(student, reference, rng, close, check):
    """A tie goes to the lowest index; one descriptor, and none at all, which gives zeros."""
    step = rng.integers(1, 5, 3).astype(np.float64)
    centroids = np.array([9 * step, step, -step, 3 * step])
    desc = np.array([0 * step, 2 * step, -5 * step, 0 * step])
    encode(student, reference, close, desc, centroids)
    encode(student, reference, close, desc[1:2], centroids)
    got = student.bovw_encode(np.zeros((0, 3)), centroids)
    check(not has_nan(got), "An image without descriptors gives 0 / 0, NaN; it should give zeros.")
    equal = "An image without descriptors gets equal shares; it should get zeros."
    close(got, np.zeros(4), axes="k", suspects={equal: lambda: np.full(4, 1 / 4)})
