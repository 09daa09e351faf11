# SPDX-License-Identifier: GPL-2.0-or-later
import json

from harness.case import Case, says


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("ask", "before")
    before = case.lasting_maps()
    for _ in range(3):
        case.patch()
        case.expect("ask", "after")
        again = case.ctl("patch", "-p", case.pid, case.bundle, log="again")
        says(again.out, "(?i)already", "patching again does not say so")
        says(case.info().both, "patched", "info does not show the patch")
        json.loads(case.info("--json").out)
        case.unpatch()
        case.expect("ask", "before")
        assert before == case.lasting_maps(), "unpatch leaves mappings behind"
    case.finish()
