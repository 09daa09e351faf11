# SPDX-License-Identifier: GPL-2.0-or-later
import re
from pathlib import Path

from harness import build
from harness.case import Case, count
from harness.process import Result, run

NONE = "before before before before before before"
ALL = "after after after after after after"


def scenario(case: Case) -> None:
    case.build()
    files = build.kpatch_files(case.bundle)
    assert len(files) == len(list(case.bundle.glob("*.kpatch"))) == 6, f"expected six .kpatch files: {files}"
    case.another_bundle("newer", "fix.patch", "--level", 2)
    case.start()
    case.expect("ask", NONE)
    before = case.lasting_maps()
    result = one_stop(case.ctl("patch", "-p", case.pid, case.bundle))
    assert count(result.out, "applied") == 6, f"not six objects\n{result}"
    case.expect("ask", ALL)
    one_stop(case.ctl("unpatch", "-p", case.pid))
    case.expect("ask", NONE)
    assert before == case.lasting_maps(), "mappings are left"
    some_of_them(case, files)
    one_does_not_fit(case)
    case.finish()


def one_stop(result: Result) -> Result:
    assert count(result.out, "stopped") == 1, f"not one stop\n{result}"
    return result


def some_of_them(case: Case, files: list[Path]) -> None:
    """By object and by build-id."""
    case.ctl("patch", "-p", case.pid, *files)
    notes = run(["readelf", "-n", case.tree / "libthree.so"]).out
    found = re.search(r"Build ID: (\w+)", notes)
    assert found is not None, notes
    (three,) = (file for file in files if file.name.startswith(found[1]))
    one_stop(case.ctl("unpatch", "-p", case.pid, "libone.so", three.name[:12], "prog"))
    case.expect("ask", "before after before after after before")
    case.ctl("unpatch", "-p", case.pid)


def one_does_not_fit(case: Case) -> None:
    """Somebody has changed the code of one: nothing is applied anywhere."""
    symbols = run(["readelf", "-Ws", case.tree / "libfour.so"]).out
    address = re.findall(r"^ *\d+: ([0-9a-f]+) .* four$", symbols, re.MULTILINE)[-1]
    mapped = next(line for line in case.target.maps() if "libfour.so" in line)
    base = int(mapped.split("-")[0], 16)
    with open(f"/proc/{case.pid}/mem", "r+b", buffering=0) as memory:
        memory.seek(base + int(address, 16) + 4)
        memory.write(b"\x90")
    case.refuses_patch(9, r"libfour\.so: .*four.*not what the patch was built for")
