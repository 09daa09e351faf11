# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case, says


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("add 1 10", "added 1")
    case.expect("add 2 20", "added 2")
    case.expect("get 1", "1: 10")
    case.patch()
    case.expect("get 1", "1: 10, read 101")
    case.expect("get 1", "1: 10, read 102")
    case.expect("get 2", "2: 20, read 101")
    # More than the table begins with, of which some go again.
    for key in range(3, 201):
        case.expect(f"add {key} 1", f"added {key}")
        case.expect(f"get {key}", f"{key}: 1, read 1")
    for key in range(3, 201, 2):
        case.expect(f"drop {key}", f"dropped {key}")
    case.expect("get 4", "4: 1, read 2")
    case.expect("get 5", "5: -1, read 1")
    # The next level finds what the first has attached.
    second = case.another_bundle("second", "second.patch", "--level", 2)
    patched = case.doctor.patch(case.target, second)
    says(patched.out, "replaced", "nothing was replaced")
    case.expect("get 1", "1: 10, seen 103")
    case.expect("get 200", "200: 1, seen 2")
    case.expect("add 500 5", "added 500")
    case.expect("get 500", "500: 5, seen 1")
    case.unpatch()
    case.expect("get 1", "1: 10")
    case.finish()
