# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case
from harness.process import Word


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("enter", "before")
    waits_for_the_thread(case, "patch", "-v", "--timeout", 90, "-p", case.pid, case.bundle, meanwhile="before")
    case.expect("ask", "after")
    case.expect("enter", "after")
    waits_for_the_thread(case, "unpatch", "-v", "--timeout", 90, "-p", case.pid, meanwhile="after")
    case.expect("ask", "before")
    case.finish()


def waits_for_the_thread(case: Case, *arguments: Word, meanwhile: str) -> None:
    doctor = case.in_background(str(arguments[0]), *arguments)
    while not doctor.says("in use"):
        case.expect("ask", meanwhile)
    case.ask("leave")  # the doctor may come in between: either answer is right
    doctor.wait(timeout=120)
