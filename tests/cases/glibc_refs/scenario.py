# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case, says


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("cab", "cab")
    case.patch()
    case.expect("cab", "abc errno 9 env 1 unset")
    says((case.work / "target.log").read_text(), "to stderr", "nothing came on stderr")
    case.unpatch()
    case.expect("cab", "cab")
    case.finish()
