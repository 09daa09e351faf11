# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case


def scenario(case: Case) -> None:
    case.build_plain()
    case.no_patch(r"the coroutine count\(int\) changed", fix="body.patch")
    case.build()
    case.start()
    case.expect("a", "3 w3 21 ~21")
    case.expect("longer", "6 w6 over 60 ~60")
    case.patch()
    case.expect("a", "14 w14 42; 3-42")
    case.expect("eight-ch", "24 w24 more than 80; 17-160")
    case.expect("drop", "20 w36 162; 9-24-162")
    case.unpatch()
    case.expect("a", "31 w43 21 ~21")
    case.expect("drop", "10 w51 81 ~31~81")
    case.finish()
