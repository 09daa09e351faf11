# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case


def scenario(case: Case) -> None:
    case.build_plain()
    case.no_patch(
        "function level has 3 bytes: no room for a jump", "call a new function", status=6
    )
