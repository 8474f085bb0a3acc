# threat: archive tricks
# tries: hand in hard links and symbolic links to files of the grader
# upload: tar_link.tar.gz
# expect: rejected

import io
import tarfile


def content(solution):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, source in solution.items():
            member = tarfile.TarInfo(name)
            member.size = len(source)
            archive.addfile(member, io.BytesIO(source))
        for kind, target in ((tarfile.SYMTYPE, "/etc"), (tarfile.LNKTYPE, "/etc/passwd")):
            link = tarfile.TarInfo(f"weights{kind.decode()}")
            link.type, link.linkname = kind, target
            archive.addfile(link)
    return packed.getvalue()
