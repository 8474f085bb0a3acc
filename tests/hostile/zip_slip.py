# threat: archive tricks
# tries: have a file unpacked above the folder that it belongs to
# upload: zip_slip.zip
# expect: rejected

import io
import zipfile


def content(solution):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, source in solution.items():
            archive.writestr(name, source)
        archive.writestr("work/../../tests/hidden/a1_linear/test_losses.py", b"")
    return packed.getvalue()
