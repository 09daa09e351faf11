# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case, lacks


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("ping", "pong")
    lacks("\n".join(case.target.maps()), "libgcc_s", "the unwinder is loaded already")
    case.patch()
    case.expect("x", "after, the caller is there.")
    case.unpatch()
    case.expect("x", "before, the caller is there.")
    case.finish()
