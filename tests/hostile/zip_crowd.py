# threat: archive tricks
# tries: hand in more files than anybody would look at
# upload: zip_crowd.zip
# expect: rejected

import io
import zipfile


def content(solution):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, source in solution.items():
            archive.writestr(name, source)
        for number in range(5000):
            archive.writestr(f"{number % 50}/{number}.txt", b"")
    return packed.getvalue()
