# SPDX-License-Identifier: GPL-2.0-or-later
import shutil
from pathlib import Path

from harness.case import Case, count
from harness.process import Result

NONE = "before before before before"


def scenario(case: Case) -> None:
    case.build("--name", "fix-first")
    second = case.another_bundle("second", "second.patch", "--name", "fix-second")
    third = case.another_bundle("third", "third.patch", "--name", "fix-third", "--level", 7)
    both = case.another_bundle("both", "both.patch", "--name", "fix-both")
    newer = case.another_bundle("newer", "both.patch", "--name", "fix-first", "--level", 2)
    case.start()
    case.expect("ask", NONE)
    before = case.lasting_maps()
    case.patch()
    case.ctl("patch", "-p", case.pid, second)
    case.expect("ask", "one two one before")
    stands_already(case, second, third)
    clash_with_what_stands(case, both, newer)
    go_by_name(case, newer)
    clash_from_the_start(case, both, second)
    one_stop(case.ctl("patch", "-p", case.pid, case.bundle, third))
    case.expect("ask", "one two one three")
    one_stop(case.ctl("unpatch", "-p", case.pid))
    case.expect("ask", NONE)
    assert before == case.lasting_maps(), "mappings are left"
    case.finish()


def one_stop(result: Result) -> Result:
    assert count(result.out, "stopped") == 1, f"not one stop\n{result}"
    return result


def stands_already(case: Case, second: Path, third: Path) -> None:
    """Both in one folder and a third file: what stands already is left alone."""
    for file in second.glob("*.kpatch"):
        shutil.copy(file, case.bundle)
    assert len(list(case.bundle.glob("*.kpatch"))) == 2, "file names do not tell patches apart"
    result = one_stop(case.ctl("patch", "-p", case.pid, case.bundle, *third.glob("*.kpatch")))
    assert count(result.out, "already") == 2, f"what stands was not left alone\n{result}"
    case.expect("ask", "one two one three")


def clash_with_what_stands(case: Case, both: Path, newer: Path) -> None:
    case.refuses_patch(
        12, "patch fix-(first|second) level 0 and patch fix-both level 0 both replace (first|second)", bundle=both
    )
    case.refuses_patch(
        12, "patch fix-second level 0 and patch fix-first level 2 both replace second", bundle=newer
    )


def go_by_name(case: Case, newer: Path) -> None:
    result = case.ctl("info", "-p", case.pid)
    assert count(result.out, "patched") == 3, f"info does not show three patches\n{result}"
    case.ctl("unpatch", "-p", case.pid, "fix-second")
    case.expect("ask", "one before one three")
    case.ctl("patch", "-p", case.pid, newer)
    case.expect("ask", "ONE TWO ONE three")
    one_stop(case.ctl("unpatch", "-p", case.pid, "fix-third", "fix-first"))
    case.expect("ask", NONE)


def clash_from_the_start(case: Case, both: Path, second: Path) -> None:
    clash = case.work / "clash"
    clash.mkdir()
    for file in [*both.glob("*.kpatch"), *second.glob("*.kpatch")]:
        shutil.copy(file, clash)
    case.refuses_patch(
        12,
        "fix-both level 0 and patch fix-second level 0 both replace second|"
        "fix-second level 0 and patch fix-both level 0 both replace second",
        bundle=clash,
    )
