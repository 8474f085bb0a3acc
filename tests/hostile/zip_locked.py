# threat: archive tricks
# tries: hand in what only the sender can open, or what says so
# upload: zip_locked.zip
# expect: rejected

import io
import zipfile


def content(solution):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, source in solution.items():
            archive.writestr(name, source)
    data = bytearray(packed.getvalue())
    place = data.find(b"PK\x01\x02")
    while place >= 0:
        data[place + 8] |= 1
        place = data.find(b"PK\x01\x02", place + 1)
    return bytes(data)
