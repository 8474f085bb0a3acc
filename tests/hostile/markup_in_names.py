# threat: markup in feedback
# tries: hand in files whose names are markup, since ignored files are listed
# upload: markup_in_names.zip

import io
import zipfile


def content(solution):
    names = (
        "<img src=x onerror=alert(1)>.py", "<script>alert(1)<", "\u202egnp.serocs", "a" * 3000,
        "'; DROP TABLE grades; --", "{{ 7 * 7 }}", "[click](javascript:alert(1))", "$(reboot)",
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in (*solution, *names):
            archive.writestr(name, solution.get(name, b""))
    return packed.getvalue()
