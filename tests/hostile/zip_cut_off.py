# threat: archive tricks
# tries: hand in half an archive, to be graded later with the other half
# upload: zip_cut_off.zip
# expect: rejected

import io
import zipfile


def content(solution):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, source in solution.items():
            archive.writestr(name, source)
    return packed.getvalue()[:-100]
