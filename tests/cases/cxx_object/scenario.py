# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case, says


def scenario(case: Case) -> None:
    case.build_plain()
    case.no_patch(
        "the constructor .* changed", r"construct it in a hook \(KPATCH_PRE_APPLY", fix="plain.patch"
    )
    case.build()
    case.start()
    case.expect("a", "a 1")
    patched = case.patch()
    says(patched.out, "pre-apply hook .*construct.* ran for", "no hook ran")
    case.expect("a", "a 2 1")
    case.expect("a", "a 3 2")
    case.expect("a", "a 4 3")
    case.expect("a", "a 5 3")
    case.expect("b", "b 6 1")
    case.unpatch()
    case.expect("b", "b 7")
    case.patch()
    case.expect("b", "b 8 1")
    case.finish()
