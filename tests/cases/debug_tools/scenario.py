# SPDX-License-Identifier: GPL-2.0-or-later
import os
import resource
import signal
from pathlib import Path

from harness import build
from harness.case import Case, count, lacks, says
from harness.process import Background, Word, run, wait_until

# Only kernels with CONFIG_ANON_VMA_NAME can name memory; they say so to anybody.
PROBE = """
#include <sys/mman.h>
#include <sys/prctl.h>
int main(void) {
  void *p = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return prctl(0x53564d41, 0, p, 4096, "probe") != 0;
}
"""


def scenario(case: Case) -> None:
    case.build("--level", 3)
    # The program's limit is this process's.
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        case.start()
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
    map_file = Path(f"/tmp/perf-{case.pid}.map")
    map_file.unlink(missing_ok=True)  # another process had this number once
    try:
        case.expect("spin", "spin 1")
        case.patch()
        case.expect("ask", "ask 2")
        named_in_maps(case)
        seen_by_perf(case, map_file)
        no_tricks(case, map_file)
    finally:
        map_file.unlink(missing_ok=True)
    case.target.say("die")
    case.target.process.wait()
    cores(case)


def kernel_names_memory(case: Case) -> bool:
    (case.work / "probe.c").write_text(PROBE)
    run(["gcc", "probe.c", "-o", "probe"], cwd=case.work)
    return run([case.work / "probe"], expect=(0, 1)).status == 0


def named_in_maps(case: Case) -> None:
    if not kernel_names_memory(case):
        return case.leaves_out("names of memory: a kernel without CONFIG_ANON_VMA_NAME")
    maps = "\n".join(case.target.maps())
    says(maps, r"\[anon:libcare:(prog|libcode\.so)\]", "the region has no name")
    # perf takes executable memory with a name for a file.
    lacks(maps, r" r-xp .*\[anon:libcare:", "the code has a name")


def seen_by_perf(case: Case, map_file: Path) -> None:
    said = case.info("--perf-map").out
    assert said == f"{map_file}\n", f"the map file is '{said}'"
    says(map_file.read_text(), "^[0-9a-f]+ [0-9a-f]+ work.kpatch$", "work is not in the map file")
    assert map_file.stat().st_mode & 0o777 == 0o640, "all the world may read addresses"
    case.info("--perf-map", case.bundle)
    assert count(map_file.read_text(), "work.kpatch") == 1, "the same line stands in the map file twice"
    if not build.has("perf"):
        return case.leaves_out("a profile: no perf")
    probe = ["perf", "record", "-q", "-e", "cpu-clock", "-o", "probe.data", "--", "true"]
    if run(probe, cwd=case.work, expect=None).status != 0:
        return case.leaves_out("a profile: perf may not record here")
    profile(case)


def profile(case: Case) -> None:
    data = case.work / "perf.data"
    recorder = Background(
        ["perf", "record", "-q", "-e", "cpu-clock", "-o", data, "-p", case.pid], log=case.work / "record.log"
    )

    def samples_or_ended() -> bool:
        """It waits for samples (7, 271: poll, ppoll): before that it has a file, and no events."""
        try:
            call = Path(f"/proc/{recorder.pid}/syscall").read_text().split()[0]
        except OSError:
            call = ""
        return not recorder.runs() or (data.exists() and data.stat().st_size > 0 and call in ("7", "271"))

    wait_until(samples_or_ended, "perf does not begin to record")
    if not recorder.runs():
        return case.leaves_out("a profile: perf may not record here")
    case.expect("spin", "spin 2")
    os.kill(recorder.pid, signal.SIGINT)
    recorder.wait(expect=None)
    report = run(["perf", "report", "-i", data, "--stdio", "--sort", "sym"], cwd=case.work)
    says(report.both, "work.kpatch", "perf does not name the new function")


def no_tricks(case: Case, map_file: Path) -> None:
    """Nothing is written through what somebody else put there."""
    perf_map = ("info", "--perf-map", "-p", case.pid)
    map_file.unlink()
    precious = case.work / "precious"
    precious.write_text("precious\n")
    map_file.symlink_to(precious)
    case.refused(1, "cannot open /tmp/perf", *perf_map)
    map_file.unlink()
    try:
        os.link(precious, map_file)
    except OSError:
        case.leaves_out("a map file with two names: the work folder is on another file system than /tmp")
    else:
        case.refused(5, "not a plain file", *perf_map)
        map_file.unlink()
    os.mkfifo(map_file)
    case.refused(5, "not a plain file", *perf_map)
    map_file.unlink()
    assert precious.read_text() == "precious\n", "a file of somebody else's was written to"
    # A just-in-time compiler's file goes on.
    map_file.write_text("1000 10 jitted\n")
    case.ctl(*perf_map)
    text = map_file.read_text()
    assert "jitted" in text and "work.kpatch" in text, f"the map file is not both's: {text}"


def cores(case: Case) -> None:
    """A core of the kernel's own making, where it lies beside the program."""
    found = sorted(case.tree.glob("core*"))
    if found:
        in_core(case, found[0])
    else:
        pattern = Path("/proc/sys/kernel/core_pattern").read_text()
        assert not pattern.startswith("core"), "no core"
        case.leaves_out(f"a core of the kernel's: core_pattern is {pattern.strip()}")
    cut = case.work / "cut"
    with open(found[0] if found else "/proc/self/exe", "rb") as file:
        cut.write_bytes(file.read(5000))
    case.ctl("info", "--core", cut, expect=(0, 3), log="cut")
    case.ctl("info", "--core", case.tree / "prog", expect=3, log="core")


def in_core(case: Case, core: Path) -> None:
    shown = case.ctl("info", "--core", core, log="core").out
    says(shown, rf"{case.pid} +prog +(prog|libcode\.so) .* patched +3 .* work$", "the core does not show the patch")
    says(case.ctl("info", "--json", "--core", core).out, '"level": 3', "no level in the JSON")
    if not build.has("gdb"):
        return case.leaves_out("a core in gdb: no gdb")
    script = case.work / "script"
    script.write_text(case.doctor.ctl("info", "--gdb", "--core", core, case.bundle, merge=False).out)
    command: list[Word] = ["gdb", "-batch", "-x", script, "-ex", "bt", case.tree / "prog", core]
    shown = run(command, timeout=300, merge=True, log=case.work / "gdb.log").out
    says(shown, "#[0-9]+ .* in work", "gdb does not name the patched function")
    says(shown, "#[0-9]+ .* in main", "gdb does not see the caller")
