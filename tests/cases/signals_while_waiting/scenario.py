# SPDX-License-Identifier: GPL-2.0-or-later
import os
import signal

from harness.case import Case
from harness.process import Background, wait_until

ALL = "wrong 0, all received"


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("check", ALL)
    wait_until(lambda: receiver_reads(case), "no thread reads the pipe")
    doctor = waiting_doctor(case)
    for _ in range(3):
        case.expect("check", ALL)
        stopped_and_continued(case)
    # A doctor that is killed while it waits changes nothing for the signals.
    doctor.kill()
    case.expect("check", ALL)
    doctor = waiting_doctor(case)
    case.expect("check", ALL)
    case.ask("leave")
    doctor.wait(timeout=120)
    case.expect("ask", "after")
    case.expect("check", ALL)
    case.finish()


def receiver_reads(case: Case) -> bool:
    """Is the receiver inside: in the read of its pipe, between two signals?"""
    calls = []
    for thread in case.target.threads():
        try:
            calls.append(case.target.proc(f"task/{thread}/syscall").read_text())
        except OSError:
            pass  # the thread has ended
    return any(call.startswith("0 0x3 ") for call in calls)


def waiting_doctor(case: Case) -> Background:
    doctor = case.in_background("patch", "-v", "patch", "--timeout", 90, "-p", case.pid, case.bundle)
    doctor.wait_for("in use", patience=100)
    return doctor


def stopped_and_continued(case: Case) -> None:
    os.kill(case.pid, signal.SIGSTOP)
    wait_until(
        lambda: "T (stopped)" in case.target.state or "t (tracing" in case.target.state, "it does not stop"
    )
    os.kill(case.pid, signal.SIGCONT)
