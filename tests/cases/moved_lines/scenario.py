# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case, count, lacks, says


def scenario(case: Case) -> None:
    case.build()
    shown = case.show()
    assert count(shown, "^  changed ") == 2, f"not two functions: {shown}"
    says(shown, "^  changed *limit ", "a changed immediate is lost")
    says(shown, "^spared *[34] functions", "not four spared")
    says(shown, r"code\.c.*(35|28|36|29)", "no line of the patched source")
    case.start()
    case.expect("ask", case.spec.before)
    case.patch()
    case.expect("ask", case.spec.after)
    case.unpatch()
    case.expect("ask", case.spec.before)
    case.finish()
    case.kpatch_make("--strict-lines")
    shown = case.show()
    assert count(shown, "^  changed ") >= 5, f"strict, but not five: {shown}"
    lacks(shown, "^spared", "strict, but spared")
