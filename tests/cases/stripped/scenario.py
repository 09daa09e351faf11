# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case
from harness.process import run


def scenario(case: Case) -> None:
    case.build()
    run(["strip", case.tree / "prog"])
    if (case.tree / "libcode.so").exists():
        run(["strip", case.tree / "libcode.so"])
    case.start()
    case.expect("ask", "before")
    case.patch()
    case.expect("ask", "after")
    case.unpatch()
    case.expect("ask", "before")
    case.finish()
