# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case, says


def scenario(case: Case) -> None:
    case.build("--level", 1)
    second = case.another_bundle("second", "second.patch", "--level", 2)
    case.start()
    before = case.mapped()
    case.patch()
    case.expect("enter", "after")
    doctor = case.in_background("second", "patch", "-v", "--timeout", 90, "-p", case.pid, second)
    while not doctor.says("in use, waiting: thread .* is in the patch that is being replaced"):
        case.expect("ask", "after")
    case.ask("leave")  # the doctor may come in between: either answer is right
    doctor.wait(timeout=120)
    says(doctor.output(), "replaced, level 2 for level 1", "nothing was replaced")
    case.expect("ask", "second")
    # A stack in a message tells functions of a patch by their names.
    case.expect("enter", "second")
    case.refused_in_use(r"#[0-9]+ .* stay\+0x[0-9a-f]+ \(the patch of ", "unpatch", "-p", case.pid)
    case.ask("leave")
    case.unpatch()
    case.expect("ask", "before")
    assert before == case.mapped(), "mappings are left"
    case.finish()
