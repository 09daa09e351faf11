# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("enter", "before")
    case.refused_in_use("stay", "patch", "-p", case.pid, case.bundle)
    case.expect("ask", "before")
    # The file of a running program may be gone: that is no reason to guess.
    (case.tree / "prog").unlink()
    (case.tree / "libcode.so").unlink(missing_ok=True)
    case.refused_in_use("stay", "patch", "-p", case.pid, case.bundle)
    case.expect("leave", "before")
    case.patch()
    case.expect("ask", "after")
    case.finish()
