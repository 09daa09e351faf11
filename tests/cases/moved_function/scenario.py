# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case

MOVED = {"fix.patch": "twice", "unknown.patch": "hidden_one", "variable.patch": "tries"}


def scenario(case: Case) -> None:
    case.build_plain()
    other = "another file or library" if case.debug == "none" else r"main\.c"
    for fix, name in MOVED.items():
        case.no_patch(
            rf"code\.c: {name} is new in this file, but the running program has one already, of {other}", fix=fix
        )
