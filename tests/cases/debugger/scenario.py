# SPDX-License-Identifier: GPL-2.0-or-later
from harness import build
from harness.case import Case, lacks, says
from harness.process import Word, run


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.patch()
    case.expect("start", "start 0")
    refusal = case.refused_in_use(r"the patch of (prog|libcode\.so)", "unpatch", "-p", case.pid).out
    says(refusal, r"\+0x.* \(the patch of (prog|libcode\.so)\)", "no frame of the patch")
    lacks(refusal, "followed", "the stack could not be followed")
    seen_by_gdb(case)
    case.expect("end", "end 106")
    case.unpatch()
    case.expect("start", "start 106")
    case.expect("end", "end 6")
    case.finish()


def seen_by_gdb(case: Case) -> None:
    if not build.has("gdb"):
        return case.leaves_out("a stack in gdb: no gdb")
    script = case.work / "script"
    script.write_text(case.info("--gdb", case.bundle).out)
    command: list[Word] = ["gdb", "-p", case.pid, "-batch", "-x", script, "-ex", "thread apply all bt"]
    shown = run(command, timeout=300, merge=True, log=case.work / "gdb.log").out
    says(shown, "#[0-9]+ .* in wait_here", "gdb does not name the patched function")
    says(shown, "#[0-9]+ .* in the_caller", "gdb does not see the caller")
