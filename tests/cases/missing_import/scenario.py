# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case, says


def scenario(case: Case) -> None:
    case.build()
    # The older library.
    case.build_plain("libhelper.so", "HELPER=-DWITHOUT_NEW")
    case.start()
    case.expect("ask", "ask 1")
    refusal = case.refuses_patch(9, "helper_new")
    says(refusal.out, "prog", "the object is not named")
    case.expect("ask", "ask 1")
    case.finish()
