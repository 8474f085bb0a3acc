# threat: crashed grader
# tries: hand in an expression so deep that reading it overruns the stack
# upload: deep_source.zip
# expect: iterations = failed
# expect: updates = failed
# expect: memory_bytes = failed
# expect: n_loads = failed
# expect: training_time = failed

import io
import zipfile


def content(solution):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, source in solution.items():
            deep = b"\n\nx = " + b"-" * 50_000 + b"1\n"
            archive.writestr(name, source + deep if name == "arithmetic.py" else source)
    return packed.getvalue()
