# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("x", "x before")
    case.patch()
    case.expect("keep", "keep after")
    case.refused_in_use(
        "the coroutine frame at .* is suspended in the patch of prog", "unpatch", "-p", case.pid
    )
    case.expect("drop", "drop after")
    case.unpatch()
    case.expect("x", "x before")
    case.finish()
