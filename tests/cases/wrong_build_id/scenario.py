# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case


def scenario(case: Case) -> None:
    case.build()
    case.flags += " -DANOTHER_BUILD -fno-ident -falign-functions=64"
    case.build_plain()
    case.start()
    case.expect("ask", "before")
    case.refuses_patch(7, "build-id")
    case.expect("ask", "before")
    case.finish()
