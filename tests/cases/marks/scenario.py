# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case, says

IGNORED = "limit.*10.*20.*: a new process begins at 20, an old one goes on"


def scenario(case: Case) -> None:
    case.build()
    shown = case.show()
    says(shown, "twice.*marked in the source", "twice is not forced")
    says(shown, IGNORED, "kpatch_tool show lacks the reason")
    lines = shown.splitlines()
    at = next((n for n, line in enumerate(lines) if "must not be running" in line), None)
    assert at is not None, f"no function must not be running:\n{shown}"
    says("\n".join(lines[at : at + 10]), "joined", "joined is not unsafe")
    case.start()
    case.expect("x", "x 16 1")
    case.expect("join", "go on")
    case.refused_in_use("joined", "patch", "-p", case.pid, case.bundle)
    case.expect("b", "ab")
    case.patch()
    case.expect("x", "x 1017 2")
    info = case.info().out
    says(info, f"ignored change of {IGNORED}|ignored change of .*limit", "info lacks the ignored change")
    says(info, "an old one goes on", "info lacks the reason")
    case.unpatch()
    case.expect("x", "x 18 3")
    case.finish()
