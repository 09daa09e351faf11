# SPDX-License-Identifier: GPL-2.0-or-later
import shutil
from pathlib import Path

from harness import build
from harness.case import Case, count, says


def scenario(case: Case) -> None:
    case.build("--level", 1)
    second = case.another_bundle("second", "second.patch", "--level", 2)
    third = case.another_bundle("third", "third.patch", "--level", 3)
    again = case.another_bundle("again", "third.patch", "--level", 2)
    case.start()
    case.expect("ask", "before before")
    before = case.lasting_maps()
    case.patch()
    case.expect("ask", "one before")
    result = case.ctl("patch", "-p", case.pid, second)
    says(result.out, "replaced, level 2 for level 1", "nothing was replaced")
    assert count(result.out, "stopped") == 1, f"not one stop\n{result}"
    case.expect("ask", "two two")
    case.refuses_patch(12, "carries the unnamed patch of level 2 .*this is level 1: not newer")
    case.refuses_patch(
        12, "carries the unnamed patch of level 2 .*this is another one of level 2: not newer", bundle=again
    )
    case.expect("ask", "two two")
    case.ctl("patch", "-p", case.pid, third)
    case.expect("ask", "before three")
    result = case.ctl("patch", "--force", "-p", case.pid, case.bundle)
    says(result.out, "replaced, level 1 for level 3", "no downgrade")
    case.expect("ask", "one before")
    # A folder with the whole history: its highest level counts.
    history = case.work / "all"
    history.mkdir()
    for bundle in (case.bundle, second, third):
        copy_only(bundle, history)
    case.ctl("patch", "-p", case.pid, history)
    case.expect("ask", "before three")
    copy_only(again, history)
    case.refuses_patch(
        3, r"second\.kpatch and .*again\.kpatch|again\.kpatch and .*second\.kpatch are both level 2", bundle=history
    )
    case.unpatch()
    case.expect("ask", "before before")
    assert before == case.lasting_maps(), "mappings are left"
    case.finish()


def copy_only(bundle: Path, folder: Path) -> None:
    """The one .kpatch file of the bundle, under the bundle's name."""
    (file,) = build.kpatch_files(bundle)
    shutil.copy(file, folder / f"{bundle.name}.kpatch")
