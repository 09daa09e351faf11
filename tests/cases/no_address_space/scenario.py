# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("fill 0", "filled")
    case.refuses_patch(9, "no free [0-9]+ bytes of address space within 2 GiB")
    case.expect("ask", "before")
    case.finish()
