# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case

BEFORE = "library before, x, program before"


def scenario(case: Case) -> None:
    case.build()
    assert len(list(case.bundle.glob("*.kpatch"))) == 2, "expected two .kpatch files"
    case.start()
    case.expect("x", BEFORE)
    case.patch()
    case.expect("x", "library after, x, program after")
    case.unpatch()
    case.expect("x", BEFORE)
    case.finish()
