# threat: archive tricks
# tries: have a device, or a pipe that blocks its reader, made from the archive
# upload: tar_device.tar
# expect: rejected

import io
import tarfile


def content(solution):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, source in solution.items():
            member = tarfile.TarInfo(name)
            member.size = len(source)
            archive.addfile(member, io.BytesIO(source))
        for kind in (tarfile.CHRTYPE, tarfile.FIFOTYPE):
            device = tarfile.TarInfo("disk")
            device.type, device.devmajor, device.devminor = kind, 8, 0
            archive.addfile(device)
    return packed.getvalue()
