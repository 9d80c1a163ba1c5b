"""Is this path on a file system that several machines share?

WAL's shared memory is unsafe there: each machine would see its own. A probe cannot tell (it sees this machine's
processes only), so the mount table is read.
"""

from __future__ import annotations

import os
import sys

SHARED = frozenset(
    {
        "9p", "afpfs", "afs", "beegfs", "ceph", "cifs", "davfs", "drvfs", "fakeowner", "fuse.glusterfs",
        "fuse.grpcfuse", "fuse.osxfs", "fuse.sshfs", "fuse.vmhgfs-fuse", "gfs2", "glusterfs", "gpfs", "lustre",
        "ncpfs", "nfs", "nfs4", "ocfs2", "prl_fs", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs", "webdav",
    }
)  # fmt: skip
"""Types that are shared by definition, as the mount tables of Linux and macOS name them."""


def shared_type(path: str) -> str | None:
    """Return the type of the network or shared-folder file system that holds `path`, or `None` for a local one.

    `path` need not exist; its nearest existing folder decides. What cannot be found out counts as local.
    """
    if sys.platform == "win32":
        return _windows_type(path)
    folder = os.path.realpath(path)
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    if sys.platform == "darwin":
        found = type_in_mount_output(folder, _run_mount())
    else:
        if os.major(os.stat(folder).st_dev):
            return None  # a block device; reading the table costs more than the whole of opening
        found = type_in_mountinfo(os.fsencode(folder), _read_mountinfo())
    return found if found in SHARED else None


def type_in_mountinfo(path: bytes, table: bytes) -> str | None:
    """Return the type of the file system that holds an absolute path, from the content of `/proc/self/mountinfo`."""
    best, length = None, -1
    for line in table.splitlines():
        fields, _, rest = line.partition(b" - ")
        words = fields.split(b" ")
        if len(words) < 5 or not rest:
            continue
        point = _unescape(words[4])
        # A later line hides an earlier one at the same place.
        if len(point) >= length and (path == point or path.startswith(point.rstrip(b"/") + b"/")):
            best, length = rest.split(b" ")[0].decode("ascii", "replace"), len(point)
    return best


def type_of_device(device: int, table: bytes | None = None) -> str | None:
    """Return the type of the file system with this device number (`st_dev`), as Linux's mount table names it."""
    number = b" %d:%d " % (os.major(device), os.minor(device))
    for line in (_read_mountinfo() if table is None else table).splitlines():
        if number in line:
            return line.partition(b" - ")[2].partition(b" ")[0].decode("ascii", "replace")
    return None


def type_in_mount_output(path: str, output: str) -> str | None:
    """Return the type of the file system that holds an absolute path, from what `mount` prints on macOS."""
    best, length = None, -1
    for line in output.splitlines():  # //server/share on /Volumes/share (smbfs, nodev, nosuid)
        place, opening, options = line.rpartition(" (")
        _, _, point = place.partition(" on ")
        if opening and len(point) >= length and (path == point or path.startswith(point.rstrip("/") + "/")):
            best, length = options.rstrip(")").split(",")[0].strip(), len(point)
    return best


def _unescape(word: bytes) -> bytes:
    """Undo the kernel's octal escapes of space, tab, newline and backslash."""
    for code in (b"040", b"011", b"012", b"134"):
        word = word.replace(b"\\" + code, bytes([int(code, 8)]))
    return word


def _read_mountinfo() -> bytes:
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            return file.read()
    except OSError:  # no /proc in this sandbox
        return b""


def _run_mount() -> str:
    import subprocess

    try:
        answer = subprocess.run(["/sbin/mount"], capture_output=True, check=False, stdin=subprocess.DEVNULL)
    except OSError:
        return ""
    return os.fsdecode(answer.stdout)


def _windows_type(path: str) -> str | None:
    drive = os.path.splitdrive(os.path.abspath(path))[0]
    if drive.startswith("\\\\"):
        return "network share"
    if sys.platform == "win32":
        import ctypes

        remote = 4
        if ctypes.windll.kernel32.GetDriveTypeW(drive + "\\") == remote:
            return "network drive"
    return None
