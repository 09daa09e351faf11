# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("ask", "before")
    before = case.target.maps()
    case.ctl("patch", "--dry-run", "-p", case.pid, case.bundle, log="dry")
    assert before == case.target.maps(), "dry run has changed the mappings"
    case.expect("ask", "before")
    case.patch()
    case.expect("ask", "after")
    case.ctl("unpatch", "--dry-run", "-p", case.pid, log="dry")
    case.expect("ask", "after")
    case.unpatch()
    case.expect("ask", "before")
    case.finish()
