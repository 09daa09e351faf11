# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case
from harness.process import run


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("x", "caught no x")
    case.patch()
    case.expect("x", "caught it: no x")
    case.unpatch()
    case.expect("x", "caught no x")
    case.finish()
    run(["strip", case.tree / "prog"])
    case.start()
    case.refuses_patch(6, "unwinder is linked into prog")
    case.expect("x", "caught no x")
    case.finish()
