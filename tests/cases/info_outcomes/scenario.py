# SPDX-License-Identifier: GPL-2.0-or-later
import os
import shutil
import signal
from pathlib import Path

from harness import build
from harness.case import Case, says
from harness.process import Background, run, wait_until
from harness.target import Target


def scenario(case: Case) -> None:
    case.build()
    case.start()
    info_says(case, 11, r"prog +not patched +- +0 +loaded, never patched$", case.pid)
    traced_by_somebody_else(case)
    case.patch()
    info_says(case, 0, "prog +patched", case.pid)
    another_build(case)
    small_program(case)
    case.unpatch()
    case.finish()


def info_says(case: Case, code: int, regex: str, pid: int) -> None:
    """`info` about that process and the bundle."""
    says(case.ctl("info", "-p", pid, case.bundle, expect=code, log="info").out, regex, "info")


def traced_by_somebody_else(case: Case) -> None:
    if not build.has("strace"):
        return case.leaves_out("a target that strace traces: no strace")
    tracer = Background(["strace", "-qq", "-o", "/dev/null", "-p", case.pid], log=case.work / "strace.log")

    def traces() -> bool:
        assert tracer.runs(), f"strace has ended: {tracer.output()}"
        return f"TracerPid: {tracer.pid}" in case.target.state

    wait_until(traces, "strace does not come to its target")
    info_says(case, 11, rf"prog +not patched .*traced by process {tracer.pid} \(strace\)", case.pid)
    os.kill(tracer.pid, signal.SIGTERM)
    tracer.wait(expect=None)
    wait_until(lambda: not case.target.traced(), "the target is still traced")


def sleeps(program: Path) -> Target | None:
    """Starts it; it sleeps then, until the end of the test. None: the kernel runs no such."""
    try:
        target = Target([program], name=f"{program.parent.name}/{program.name}")
    except OSError:
        return None

    def sleeps_or_ended() -> bool:
        return target.process.poll() is not None or (target.runs_program() and "State: S" in target.state)

    wait_until(sleeps_or_ended, f"{program} does not come to its sleep")
    return target if target.process.poll() is None else None


def another_build(case: Case) -> None:
    """Of the same name, from another source."""
    built = case.work / "built"
    built.mkdir()
    for name in ("code.c", "main.c", "case.h"):
        shutil.copy(case.tree / name, built)
    code = (built / "code.c").read_text()
    assert '"before"' in code
    (built / "code.c").write_text(code.replace('"before"', '"elsewhere"'))
    run([*case.compile_words(), "main.c", "code.c", "-o", "prog", "-Wl,--build-id"], cwd=built)
    other = sleeps(built / "prog")
    assert other is not None, "the other build has ended"
    info_says(case, 0, "prog +other build +- +0 +has build-id [0-9a-f]+, the patch is for [0-9a-f]+$", other.pid)


def small_program(case: Case) -> None:
    small = case.work / "small"
    small.mkdir()
    (small / "prog.s").write_text(".globl _start\n_start: mov $29, %eax\n int $0x80\n jmp _start\n")
    run(["as", "--32", "prog.s", "-o", "prog.o"], cwd=small)
    run(["ld", "-m", "elf_i386", "prog.o", "-o", "prog"], cwd=small)
    other = sleeps(small / "prog")
    if other is None:
        return case.leaves_out("a 32-bit target: the kernel runs none")
    info_says(case, 0, "prog +other build .*32-bit program: no patch can be for it$", other.pid)
