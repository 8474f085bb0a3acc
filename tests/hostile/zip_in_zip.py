# threat: archive tricks
# tries: hide the files in an archive in an archive
# upload: zip_in_zip.zip
# expect: rejected

import io
import zipfile


def _zipped(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, source in files.items():
            archive.writestr(name, source)
    return packed.getvalue()


def content(solution):
    return _zipped({"inner.zip": _zipped(solution)})
