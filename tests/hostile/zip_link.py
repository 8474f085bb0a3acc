# threat: archive tricks
# tries: hand in a link to the solution in place of a file
# upload: zip_link.zip
# expect: rejected

import io
import stat
import zipfile


def content(solution):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, source in solution.items():
            if name != "losses.py":
                archive.writestr(name, source)
        link = zipfile.ZipInfo("losses.py")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "../../solutions/a1_linear/losses.py")
    return packed.getvalue()
