# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case, says


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("fill 3", "filled")
    case.expect("ask", "before")
    before = case.lasting_maps()
    case.patch()
    case.expect("ask", "after")
    says(case.info().both, "patched", "info does not see the patch")
    case.unpatch()
    case.expect("ask", "before")
    assert before == case.lasting_maps(), "unpatch leaves mappings behind"
    case.finish()
