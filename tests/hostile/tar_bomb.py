# threat: archive tricks
# tries: hand in a gzip file that unpacks to far more than it is
# upload: tar_bomb.tar.gz
# expect: rejected

import gzip


def content(solution):
    return gzip.compress(bytes(60_000_000))
