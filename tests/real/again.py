#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does a build give what is shipped? again.py WORK STAGE

Compares the packages that a stage (original, patched) of `kpatch_make deb --keep` made with
the archive's of the same version: the build-id of every executable and library. Prints
"N of M". Packages that apt no longer has are left out. Where a fix was taken off, the
patched build is the one that the archive has.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile


def run(*argv, cwd=None):
    return subprocess.run(argv, cwd=cwd, capture_output=True, text=True)


def build_ids(deb, folder):
    """Path in the package -> build-id."""
    run("dpkg-deb", "-x", deb, folder)
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                if file.read(4) != b"\x7fELF":
                    continue
            note = re.search(r"Build ID: (\w+)", run("readelf", "-n", path).stdout)
            if note:
                found[os.path.relpath(path, folder)] = note.group(1)
    return found


def main():
    same = total = 0
    for deb in sorted(glob.glob(f"{sys.argv[1]}/kept/{sys.argv[2]}/debs/*.deb")):
        if "-dbgsym_" in deb or deb.endswith("_all.deb"):
            continue
        name, version = (run("dpkg-deb", "-f", deb, field).stdout.strip() for field in ("Package", "Version"))
        with tempfile.TemporaryDirectory() as folder:
            run("apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", f"{name}={version}", cwd=folder)
            shipped = glob.glob(f"{folder}/*.deb")
            if not shipped:
                print(f"{name} {version}: apt has it no longer", file=sys.stderr)
                continue
            ours, theirs = build_ids(deb, f"{folder}/ours"), build_ids(shipped[0], f"{folder}/theirs")
        for path, build_id in sorted(theirs.items()):
            total += 1
            same += ours.get(path) == build_id
            if ours.get(path) != build_id:
                print(f"{name}: {path} differs", file=sys.stderr)
    print(f"{same} of {total}" if total else "")


main()
