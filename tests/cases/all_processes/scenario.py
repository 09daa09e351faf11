# SPDX-License-Identifier: GPL-2.0-or-later
"""The namespace has the three programs, a process that is none of them, and this script."""

import subprocess
import sys
from pathlib import Path

from harness import namespaces
from harness.case import Case, count, says
from harness.doctor import Doctor
from harness.process import started
from harness.target import Target


def scenario(case: Case) -> None:
    if reason := namespaces.why_not():
        case.skip(reason)
    case.build()
    namespaces.call_inside(
        inside, str(case.tree), str(case.bundle), str(case.tools.libcare_ctl), log=case.work / "inside.log"
    )


def inside(tree: str, bundle: str, libcare_ctl: str) -> None:
    subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL)
    targets = [Target(["./prog"], name=f"process {n}", cwd=tree) for n in (1, 2, 3)]
    try:
        reach_all(targets, bundle, Doctor(Path(libcare_ctl)))
    except AssertionError:
        for thing in started:
            print(thing.show(), file=sys.stderr)
        raise
    for target in targets:
        target.finish()


def reach_all(targets: list[Target], bundle: str, doctor: Doctor) -> None:
    ask_all(targets, "before")
    info = doctor.ctl("info", bundle, expect=11, merge=False)
    assert count(info.out, "not patched") == 3, info
    doctor.ctl("patch", "-p", "all", bundle)
    ask_all(targets, "after")
    info = doctor.ctl("info", "-p", "all", merge=False)
    assert count(info.out, "patched") == 3, info
    says(doctor.ctl("-v", "info", bundle).out, "3 patched$")
    doctor.ctl("unpatch", "-p", targets[0].pid)
    info = doctor.ctl("info", "--json", bundle, expect=11, merge=False)
    assert count(info.out, '"complete": true') == 2, info
    says(info.out, "was unpatched|loaded, never patched")
    doctor.ctl("unpatch", "-p", "all")
    ask_all(targets, "before")


def ask_all(targets: list[Target], answer: str) -> None:
    for target in targets:
        target.expect("ask", answer)
