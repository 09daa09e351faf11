# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case, says

PATCHED = "quota 70 MB, applied 1"


def scenario(case: Case) -> None:
    case.build()
    shown = case.show()
    for hook in (
        "pre-apply hook *check", "post-apply hook *to_megabytes",
        "pre-undo hook *check_undo", "post-undo hook *to_kilobytes",
    ):
        says(shown, hook, "kpatch_tool show lacks a hook")
    case.start()
    case.expect("x", "quota 7")
    case.expect("set -5", "quota -5")
    case.refuses_patch(10, r"(prog|libcode\.so): pre-apply hook check refused: it returned 42")
    case.expect("set 7", "quota 7")
    patched = case.patch()
    says(patched.out, "post-apply hook to_megabytes ran for", "the hook is not reported")
    case.expect("x", PATCHED)
    says(case.info().out, "pre-undo hook check_undo", "info does not show the hooks")
    case.refused(10, "pre-undo hook check_undo refused: it returned -3", "unpatch", "-p", case.pid)
    case.expect("x", PATCHED)
    case.unpatch()
    case.expect("x", "quota 7")
    case.patch()
    case.expect("x", PATCHED)
    # A hook that refuses can be overruled when the patch goes out.
    undone = case.unpatch("--force")
    says(undone.out, "check_undo returned -3: not heeded", "--force says nothing")
    case.expect("x", "quota 7")
    case.finish()
