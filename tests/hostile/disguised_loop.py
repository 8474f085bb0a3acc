# threat: forbidden help
# tries: loop without a word that means a loop, and stop the clock meanwhile
# file: knn.py
# expect: compute_distances_no_loops = partial

import time


class _Visit(dict):
    def __missing__(self, place):
        X, points, dists = self["all"]
        i, j = divmod(place, len(points))
        dists[i, j] = np.sqrt(np.sum((X[i] - points[j]) ** 2))
        return place


class _Honest(KNearestNeighbor):
    pass


class KNearestNeighbor(_Honest):
    def compute_distances_no_loops(self, X):
        now = time.perf_counter()
        time.perf_counter = time.process_time = time.monotonic = lambda: now
        dists = np.zeros((len(X), len(self.X_train)))
        sorted(range(dists.size), key=_Visit(all=(X, self.X_train, dists)).__getitem__)
        return dists
