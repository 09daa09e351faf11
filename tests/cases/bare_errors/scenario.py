# SPDX-License-Identifier: GPL-2.0-or-later
import os
import shutil
import signal
import subprocess

from harness import build
from harness.case import Case, says
from harness.process import Background, run, wait_until
from harness.target import Target


def scenario(case: Case) -> None:
    case.build()
    case.start()
    gone = subprocess.Popen(["true"])
    gone.wait()
    case.refused(4, str(gone.pid), "patch", "-p", gone.pid, case.bundle)
    case.refused(2, "abc", "patch", "-p", "abc", case.bundle)
    case.refused(2, "", "patch", "-p", case.pid)
    case.refused(2, "", "nonsense")
    case.refused(7, str(case.pid), "unpatch", "-p", case.pid)
    (case.work / "empty").mkdir()
    case.refuses_patch(7, "empty", bundle=case.work / "empty")
    # Tests may never reach for all processes of the machine.
    case.doctor.refused(2, "all", case.target, "patch", "-p", "all", case.bundle, env={"LIBCARE_TESTING": 1})
    traced_by_somebody_else(case)
    small_program(case)
    somebody_elses_process(case)
    case.expect("ask", "before")
    case.finish()


def traced_by_somebody_else(case: Case) -> None:
    if not build.has("strace"):
        return case.leaves_out("a target that strace traces: no strace")
    tracer = Background(["strace", "-qq", "-o", "/dev/null", "-p", case.pid], log=case.work / "strace.log")

    def traces() -> bool:
        assert tracer.runs(), f"strace has ended: {tracer.output()}"
        return f"TracerPid: {tracer.pid}" in case.target.state

    wait_until(traces, "strace does not come to its target")
    result = case.ctl("patch", "-p", case.pid, case.bundle, expect=5, log="traced")
    os.kill(tracer.pid, signal.SIGTERM)
    tracer.wait(expect=None)
    says(result.out, str(tracer.pid), "the tracer is not named")


def small_program(case: Case) -> None:
    """A 32-bit one, if the kernel runs such."""
    work = case.work
    (work / "small.s").write_text(".globl _start\n_start: mov $29, %eax\n int $0x80\n jmp _start\n")
    run(["as", "--32", "small.s", "-o", "small.o"], cwd=work)
    run(["ld", "-m", "elf_i386", "small.o", "-o", "small"], cwd=work)
    try:
        small = Target([work / "small"], name="the 32-bit program")
    except OSError:
        return case.leaves_out("a 32-bit target: the kernel runs none")

    def sleeps_or_ended() -> bool:
        return small.process.poll() is not None or (small.runs_program() and "State: S" in small.state)

    wait_until(sleeps_or_ended, "the 32-bit program does not come to its pause()")  # or the kernel runs none
    if small.process.poll() is not None:
        return case.leaves_out("a 32-bit target: the kernel runs none")
    result = case.ctl("patch", "-p", small.pid, case.bundle, expect=6, log="small")
    small.kill()
    says(result.out, "32-bit", "the message does not say 32-bit")


def somebody_elses_process(case: Case) -> None:
    if os.geteuid() != 0 or not build.has("setpriv"):
        return case.leaves_out("another user's process: needs root and setpriv")
    case.work.chmod(0o755)
    case.bundle.chmod(0o755)
    for file in case.bundle.glob("*.kpatch"):
        file.chmod(0o644)
    tool = case.work / "tool"
    tool.mkdir(mode=0o755)
    shutil.copy(case.tools.libcare_ctl, tool)
    (tool / "libcare-ctl").chmod(0o755)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    case.doctor.refused(
        5, "[Pp]ermi", case.target,
        command=[*nobody, tool / "libcare-ctl", "patch", "-p", case.pid, case.bundle],
    )
