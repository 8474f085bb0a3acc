# threat: archive tricks
# tries: declare sizes in the archive that its data do not have
# upload: zip_lying_sizes.zip
# expect: iterations = failed
# expect: updates = failed
# expect: memory_bytes = failed
# expect: n_loads = failed
# expect: training_time = failed

import io
import struct
import zipfile


def content(solution):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in solution.items():
            long = source + b"\n" + b"# more\n" * 1_000_000
            archive.writestr(name, long if name == "arithmetic.py" else source)
    data = packed.getvalue()
    size = struct.pack("<I", len(solution["arithmetic.py"]) + 1 + 7_000_000)
    return data.replace(size, struct.pack("<I", 1000))
