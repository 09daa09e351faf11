# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case, says


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("x", "x before")
    case.expect("stay", "stay")
    before = case.mapped()
    doctor = case.in_background("patch", "-v", "patch", "-p", case.pid, "--timeout", 60, case.bundle)
    doctor.wait_for("the code is in use, waiting", patience=120)
    doctor.kill()
    assert before != case.mapped(), "nothing was staged"
    case.expect("x", "x before")
    says(case.info(case.bundle, expect=11).out, "not patched .*killed before the commit", "info does not say why")
    case.ctl("unpatch", "-p", case.pid, expect=7, log="unpatch")
    assert before == case.mapped(), "a region is left"
    case.expect("x", "x before")
    case.expect("leave", "leave")
    case.patch()
    case.expect("x", "x not before")
    case.finish()
