from __future__ import annotations

import os
import sys

import pytest

from pipeline_state.store.filesystem import SHARED, shared_type, type_in_mount_output, type_in_mountinfo, type_of_device

MOUNTINFO = b"""\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
25 22 0:21 / /home/me/share rw shared:2 - nfs4 server:/export rw,vers=4.2
26 22 0:22 / /mnt/with\\040space rw - virtiofs tag rw
27 25 254:1 / /home/me/share/local rw - xfs /dev/vdb rw
28 22 0:23 / /over rw - ext4 /dev/vdc rw
29 28 0:24 / /over rw master:1 - 9p host rw
damaged line
"""

MOUNT = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//me@server/share on /Volumes/share (1) (smbfs, nodev, nosuid, mounted by me)
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"/", "ext4"),
        (b"/home/me/project", "ext4"),
        (b"/home/me/share", "nfs4"),
        (b"/home/me/share/project", "nfs4"),
        (b"/home/me/shared", "ext4"),
        (b"/home/me/share/local/project", "xfs"),
        (b"/mnt/with space/project", "virtiofs"),
        (b"/over/project", "9p"),
    ],
)
def test_the_nearest_and_latest_mount_decides_on_linux(path, expected):
    assert type_in_mountinfo(path, MOUNTINFO) == expected


@pytest.mark.parametrize(("path", "expected"), [("/Users/me", "apfs"), ("/Volumes/share (1)/project", "smbfs")])
def test_the_nearest_mount_decides_on_macos(path, expected):
    assert type_in_mount_output(path, MOUNT) == expected


def test_what_is_shared_is_known_by_its_type():
    assert {"nfs4", "cifs", "smb3", "9p", "virtiofs", "smbfs"} <= SHARED
    assert not {"ext4", "xfs", "btrfs", "apfs", "tmpfs", "overlay", "zfs"} & SHARED


@pytest.mark.skipif(sys.platform == "win32", reason="asks for the drive")
def test_a_path_that_is_not_there_yet_is_judged_by_its_folder(tmp_path):
    assert shared_type(str(tmp_path / "a" / "b.db")) == shared_type(str(tmp_path))


def test_the_type_of_a_device_is_what_the_mount_table_says_of_its_number():
    table = b"""\
22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw
31 22 0:27 / /tmp rw,nosuid shared:9 - tmpfs tmpfs rw
40 22 0:2 / /data rw - btrfs /dev/sdb rw
"""
    assert type_of_device(os.makedev(259, 2), table) == "ext4"
    assert type_of_device(os.makedev(0, 27), table) == "tmpfs"
    assert type_of_device(os.makedev(0, 2), table) == "btrfs"
    assert type_of_device(os.makedev(0, 7), table) is None
