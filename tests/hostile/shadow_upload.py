# threat: shadow modules
# tries: hand in modules that stand in for numpy, for the tests' settings and for start-up code
# upload: shadow_upload.zip

import io
import zipfile


def content(solution):
    wrong = b"import os\nos._exit(0)\n"
    names = (
        "numpy.py", "numpy/__init__.py", "json.py", "conftest.py", "pytest.ini", "setup.cfg",
        "sitecustomize.py", "usercustomize.py", "start.pth", "numpy.so", "inside/__init__.py",
        "losses/__init__.py", "_pytest/__init__.py", "autograder/__init__.py", "pyproject.toml",
        "__pycache__/losses.cpython-311.pyc",
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, wrong)
        for name, source in solution.items():
            archive.writestr(name, source)
    return packed.getvalue()
