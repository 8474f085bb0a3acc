# threat: archive tricks
# tries: have a file unpacked to an absolute path
# upload: zip_absolute.zip
# expect: rejected

import io
import zipfile


def content(solution):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, source in solution.items():
            archive.writestr(name, source)
        archive.writestr("/tmp/was-here", b"yes")
    return packed.getvalue()
