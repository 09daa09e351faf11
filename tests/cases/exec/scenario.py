# SPDX-License-Identifier: GPL-2.0-or-later
import os
import shlex
import shutil
import signal
from collections.abc import Mapping

from harness import machine
from harness.case import Case, says
from harness.process import Result, Word, run


def scenario(case: Case) -> None:
    if not machine.hardware_breakpoints():
        case.skip("hardware breakpoints do not hit on this machine")
    case.build()
    assert len(list(case.bundle.glob("*.kpatch"))) == 2, "expected two .kpatch files"
    started_patched(case)
    like_env(case)
    ends_like_the_program(case)
    bundle_for_something_else(case)
    # A script is its interpreter.
    script = case.work / "script"
    script.write_text(f"#!{prog(case)} exit\n")
    script.chmod(0o755)
    execs(case, "--require", case.bundle, "--", script)
    on_a_terminal(case)
    audited(case)
    with_rights(case)


def prog(case: Case) -> str:
    return str(case.tree / "prog")


def execs(
    case: Case, *arguments: Word, code: int = 0, before: tuple[Word, ...] = (),
    env: Mapping[str, Word | None] | None = None,
) -> Result:
    """libcare-ctl exec, started by the command `before`, where there is one."""
    command = [*before, case.tools.libcare_ctl, "exec", *arguments]
    return run(command, expect=code, env=env, timeout=120, log=case.work / "exec.log")


def started_patched(case: Case) -> None:
    says(run([prog(case)]).out, "constructor before, library before, program before")
    result = execs(case, case.bundle, "--", prog(case))
    says(result.out, "constructor before, library after, program after")
    says(result.out, "children none, usr1 open default, pipe default, argument , FOO unset")
    assert not result.err, f"exec is not silent: {result.err}"
    result = execs(case, "--before-constructors", case.bundle, "--", prog(case), env={"SHOW_FIRST": 1})
    says(result.out, "constructor after, library after, program after")
    says(result.out, "first after")


def like_env(case: Case) -> None:
    """Arguments, environment, input, dispositions, open files, and the same pid."""
    ctl, bundle = case.tools.libcare_ctl, case.bundle
    said = run(
        [ctl, "exec", "--require", bundle, "--", prog(case), "--json"],
        cwd="/", input="hello\n", env={"FOO": "bar"}, merge=True, timeout=120,
    ).out
    assert "stdin hello" in said and "argument --json, FOO bar" in said.split("stdin hello", 1)[1], f"got: {said}"
    ignored = execs(case, bundle, "--", prog(case), before=("bash", "-c", 'trap "" PIPE USR1; exec "$@"', "x"))
    says(ignored.out, "usr1 open ignored, pipe ignored")
    plain = run([prog(case), "files"]).out.splitlines()[2:]
    patched = execs(case, bundle, "--", prog(case), "files").out.splitlines()[2:]
    assert plain and plain == patched, f"other files are open: {plain}, {patched}"
    pids = run(
        ["bash", "-c", 'echo $$; exec "$0" exec "$1" -- bash -c "echo \\$\\$"', ctl, bundle], timeout=120
    ).out.split()
    assert len(pids) == 2 and pids[0] == pids[1], f"the program has another pid: {pids}"


def ends_like_the_program(case: Case) -> None:
    for code in (0, 1, 7, 42, 255):
        execs(case, case.bundle, "--", prog(case), "exit", code, code=code)
    for number in (signal.SIGABRT, signal.SIGKILL, signal.SIGUSR1, signal.SIGTERM):
        execs(case, case.bundle, "--", prog(case), "signal", int(number), code=-number)
    result = execs(case, case.bundle, "--", "./no/such/program", code=127)
    says(result.err, "No such file")
    execs(case, case.bundle, "--", "no-such-program", code=127)
    execs(case, case.bundle, "--", "/", code=126)
    execs(case, case.bundle, code=2)
    execs(case, case.bundle, "--", code=2)


def bundle_for_something_else(case: Case) -> None:
    """The program runs, or not at all."""
    result = execs(case, case.bundle, "--", "echo", "unpatched")
    says(result.out, "unpatched")
    says(result.err, "no object that it loads has a build-id.*runs unpatched")
    result = execs(case, "--require", case.bundle, "--", "echo", "unpatched", code=7)
    assert not result.out, "--require runs it all the same"
    junk = case.work / "junk.kpatch"
    junk.write_text("junk\n")
    result = execs(case, junk, "--", "echo", "unpatched", code=3)
    assert not result.out, "a malformed bundle, and it runs"


def on_a_terminal(case: Case) -> None:
    """The terminal is the program's, in the foreground."""
    command = shlex.join(
        map(str, [case.tools.libcare_ctl, "exec", "--require", case.bundle, "--", prog(case), "terminal"])
    )
    said = run(["script", "-qec", command, "/dev/null"], timeout=120, log=case.work / "script.log").out
    says(said, "library after, program after")
    says(said, "terminal yes, foreground yes")


def audited(case: Case) -> None:
    """The dynamic linker has two namespaces then, and the program's is not its first."""
    audit = case.work / "libaudit.so"
    run(
        ["gcc", "-shared", "-fPIC", "-o", audit, "-x", "c", "-"],
        input="unsigned la_version(unsigned v) { return v; }\n",
    )
    for when in ((), ("--before-constructors",)):
        result = execs(case, "--require", *when, case.bundle, "--", prog(case), env={"LD_AUDIT": audit})
        says(result.out, "library after, program after")


def with_rights(case: Case) -> None:
    """What a setuid program would lose under a tracer without rights: it keeps it, unpatched."""
    if os.geteuid() != 0:
        return case.leaves_out("a setuid program: needs root")
    case.work.chmod(0o755)
    case.bundle.chmod(0o755)
    setuid = case.work / "id"
    found = shutil.which("id")
    assert found is not None
    shutil.copy(found, setuid)
    setuid.chmod(0o4755)
    ctl = case.work / "ctl"  # the folder of libcare-ctl may be closed to others
    shutil.copy(case.tools.libcare_ctl, ctl)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    result = run([*nobody, ctl, "exec", case.bundle, "--", setuid, "-u"], timeout=120)
    says(result.out, "^0$")
    says(result.err, "gets rights of its own.*runs unpatched")
    result = run([*nobody, ctl, "exec", "--require", case.bundle, "--", setuid, "-u"], expect=5, timeout=120)
    assert not result.out, "--require runs it all the same"
    result = execs(case, case.bundle, "--", setuid, "-u")
    says(result.err, "no object that it loads")
