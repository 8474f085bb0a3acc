# threat: archive tricks
# tries: put two files of one name into an archive, for two readers to see different ones
# upload: zip_twice.zip
# expect: iterations = failed
# expect: updates = failed
# expect: memory_bytes = failed
# expect: n_loads = failed
# expect: training_time = failed

import io
import warnings
import zipfile


def content(solution):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("arithmetic.py", b"def n_loads(total, ram):\n    return 1\n")
        for name, source in solution.items():
            archive.writestr(name, source)
    return packed.getvalue()
