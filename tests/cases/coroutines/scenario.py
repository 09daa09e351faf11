# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case, says


def scenario(case: Case) -> None:
    case.build()
    case.start()
    put = ("-v", "patch", "-p", case.pid, case.bundle)
    take = ("-v", "unpatch", "-p", case.pid)
    case.expect("handler", "handler before")
    case.expect("thread", "thread before")
    for make in ("ucontext", "fcontext", "libco", "sigaltstack"):
        case.expect(f"{make} enter", f"{make} enter before")
        case.refused_in_use("a suspended stack at .* returns into work", *put)
        case.expect(f"{make} leave", f"{make} leave before")
        patched = case.ctl(*put, "--timeout", 60, log="patch")
        says(patched.out, "in work: stale: the stack has moved on", f"{make}: nothing stale")
        # What is suspended in the patch keeps it there.
        case.expect(f"{make} enter", f"{make} enter after")
        case.refused_in_use("a suspended stack at .* returns into the patch of", *take)
        case.expect(f"{make} leave", f"{make} leave after")
        case.ctl(*take, "--timeout", 60, log="unpatch")
    case.finish()
