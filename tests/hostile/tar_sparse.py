# threat: archive tricks
# tries: hand in a file of a terabyte, most of which is holes
# upload: tar_sparse.tar
# expect: rejected

import io
import tarfile


def content(solution):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, source in solution.items():
            member = tarfile.TarInfo(name)
            member.size = len(source)
            if name == "losses.py":
                member.pax_headers = {
                    "GNU.sparse.major": "1", "GNU.sparse.minor": "0",
                    "GNU.sparse.name": name, "GNU.sparse.realsize": str(10**12),
                }
            archive.addfile(member, io.BytesIO(source))
    return packed.getvalue()
