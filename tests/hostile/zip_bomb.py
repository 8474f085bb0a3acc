# threat: archive tricks
# tries: hand in a few kilobytes that unpack to many megabytes
# upload: zip_bomb.zip
# expect: rejected

import io
import zipfile


def content(solution):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in solution.items():
            archive.writestr(name, source)
        archive.writestr("data.csv", bytes(30_000_000))
    return packed.getvalue()
