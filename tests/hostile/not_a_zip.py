# threat: archive tricks
# tries: hand in another kind of archive under the name of a zip file
# upload: not_a_zip.zip
# expect: rejected


def content(solution):
    return b"Rar!\x1a\x07\x01\x00" + b"".join(solution.values())
