# threat: crashed grader
# tries: keep whoever checks the source busy with names that mean ever longer names
# upload: endless_aliases.zip

import io
import zipfile


def content(solution):
    aliases = "".join(f"    a{i} = a{i - 1}.a = a = a.a.a\n" for i in range(1, 3000))
    chain = f"\n\ndef never_called():\n    a = a0 = np\n{aliases}    return a\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, source in solution.items():
            long = chain.encode() if name == "arithmetic.py" else b""
            archive.writestr(name, source + long)
    return packed.getvalue()
