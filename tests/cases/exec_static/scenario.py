# SPDX-License-Identifier: GPL-2.0-or-later
from harness import machine
from harness.case import Case
from harness.process import Word, run


def scenario(case: Case) -> None:
    if not machine.hardware_breakpoints():
        case.skip("hardware breakpoints do not hit on this machine")
    case.build()
    for option in ("--require", "--before-constructors"):
        command: list[Word] = [case.tools.libcare_ctl, "exec", option, case.bundle, "--", case.tree / "prog"]
        reply = run(command, input="ask\n", timeout=120).out
        assert reply == "after\n", f"expected 'after', got '{reply}'"
