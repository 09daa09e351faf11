# SPDX-License-Identifier: GPL-2.0-or-later
import os
import signal

from harness.case import Case
from harness.process import Background


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("ask", "before")
    case.target.sleeps_in_read()
    caught(case, case.in_background("patch", "-v", "patch", "--timeout", 90, "-p", case.pid, case.bundle))
    case.ask("x")  # was on its way before
    case.expect("ask", "after")
    case.target.sleeps_in_read()
    caught(case, case.in_background("unpatch", "-v", "unpatch", "--timeout", 90, "-p", case.pid))
    case.ask("x")
    case.expect("ask", "before")
    # Stopped by a signal inside it never comes out: said so, and it stays stopped.
    case.target.sleeps_in_read()
    os.kill(case.pid, signal.SIGSTOP)
    case.target.await_state("T (stopped)")
    case.refused_in_use("SIGCONT", "patch", "-p", case.pid, case.bundle)
    assert "T (stopped)" in case.target.state, f"it is not stopped any more: {case.target.state}"
    os.kill(case.pid, signal.SIGCONT)
    case.expect("ask", "before")
    case.finish()


def caught(case: Case, doctor: Background) -> None:
    """Asks until the doctor is done. Chance alone would need more requests.

    20 ms lie between two of them: the doctor is there nearly all of the time."""
    doctor.wait_for("in use", patience=100)
    for _ in range(1000):
        if not doctor.runs():
            break
        case.ask("x")
        doctor.ends_within(0.02)
    else:
        raise AssertionError("not caught within 1000 requests")
    doctor.wait()
