# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("set 1", "quota 1")
    case.refuses_patch(10, "pre-apply hook check: it did not return in time", "--hook-timeout", "0.1")
    case.expect("set 2", "quota 2")
    case.refuses_patch(10, "pre-apply hook check: .*raised signal 11", "--hook-timeout", 60)
    case.expect("set 3", "quota 3")
    case.refuses_patch(10, "post-apply hook late: .*raised signal 11", "--hook-timeout", 60)
    case.expect("set 4", "quota 4")
    case.patch()
    case.expect("x", "new quota 4")
    case.unpatch()
    case.expect("x", "quota 4")
    case.finish()
