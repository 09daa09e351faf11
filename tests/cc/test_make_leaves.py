# SPDX-License-Identifier: GPL-2.0-or-later
"""What kpatch_make leaves behind, and what it does to what was there."""

import json
import os
from pathlib import Path

from harness.build import kpatch_files, run_kpatch_make
from harness.process import Result, Word
from harness.settings import Tools

FIX = """--- a/{0}.c
+++ b/{0}.c
@@ -1 +1 @@
-int {0}(int x) {{ return x / 7 + 1; }}
+int {0}(int x) {{ return x / 7 + 2; }}
"""


def project(work: Path) -> Path:
    """Two libraries of one source each, and a fix for each and for both."""
    tree = work / "p"
    tree.mkdir()
    rules = "all: a.so b.so\n%.so: %.c\n\tgcc -shared -fPIC -O2 -Wl,--build-id -o $@ $<\n"
    (tree / "Makefile").write_text(rules)
    for name in ("a", "b"):
        (tree / f"{name}.c").write_text(f"int {name}(int x) {{ return x / 7 + 1; }}\n")
        (work / f"{name}.patch").write_text(FIX.format(name))
    (work / "both.patch").write_text(FIX.format("a") + FIX.format("b"))
    return tree


def make(tools: Tools, work: Path, fix: str, *options: Word, expect: int = 0, command: list[str] | None = None) -> Result:
    return run_kpatch_make(
        tools, *options, tree=work / "p", fix=work / f"{fix}.patch", bundle=work / "bundle",
        make=command or ["make"], expect=expect, log=work / "make.log", timeout=120,
    )


def names(work: Path) -> set[str]:
    return {file.name for file in kpatch_files(work / "bundle")}


def test_bundle_of_an_earlier_run_is_replaced(tools: Tools, work: Path) -> None:
    """A fix that reaches less than its last version did leaves nothing behind."""
    project(work)
    make(tools, work, "both")
    before = names(work)
    assert len(before) == 2
    result = make(tools, work, "b")
    after = names(work)
    assert len(after) == 1 and after < before
    (gone,) = before - after
    assert f"{gone} is of an earlier run and has no successor: removed" in result.both


def test_other_patches_of_a_bundle_stay_and_are_named(tools: Tools, work: Path) -> None:
    project(work)
    (work / "bundle").mkdir()
    (work / "bundle" / "strange.kpatch").write_text("strange")
    result = make(tools, work, "a")
    assert "patches that are not of this run and stay: strange.kpatch" in result.both
    result = make(tools, work, "b", "--name", "fix")
    assert "removed" not in result.both
    assert len(names(work)) == 3
    assert (work / "bundle" / "strange.kpatch").read_text() == "strange"


def test_failed_run_leaves_the_bundle_alone(tools: Tools, work: Path) -> None:
    project(work)
    make(tools, work, "both")
    before = {file.name: file.read_bytes() for file in kpatch_files(work / "bundle")}
    make(tools, work, "b", command=["sh", "-c", "make && grep -c '7 + 1' b.c"], expect=14)
    assert {file.name: file.read_bytes() for file in kpatch_files(work / "bundle")} == before


def test_keep_replaces_its_own_folders(tools: Tools, work: Path) -> None:
    project(work)
    kept = work / "kept"
    for _ in range(2):
        make(tools, work, "a", "--keep", kept)
        assert (kept / "original" / "a.so").exists() and (kept / "patched" / "build.log").exists()
        assert not (kept / "original" / "stale").exists()
        (kept / "original" / "stale").touch()


def test_keep_refuses_folders_of_others(tools: Tools, work: Path) -> None:
    """`--keep .` in a folder that has `original` for reasons of its own."""
    project(work)
    for stage in ("original", "patched"):
        kept = work / f"of-{stage}"
        (kept / stage).mkdir(parents=True)
        (kept / stage / "precious").write_text("x")
        result = make(tools, work, "a", "--keep", kept, expect=2)
        assert f"--keep: {kept}/{stage} is there, and no --keep made it" in result.both
        assert (kept / stage / "precious").read_text() == "x"
        assert os.listdir(kept) == [stage]
    assert not (work / "bundle").exists()


def test_report_is_written_whatever_ends_the_run(tools: Tools, work: Path) -> None:
    """Here a record of a link that is no JSON: the parser throws an exception of its own."""
    project(work)
    spoil = 'make && echo "no JSON" >"$KPATCH_STORE/links/$KPATCH_STAGE/0.json"'
    make(tools, work, "a", "--json", work / "facts.json", "--report", work / "page.html",
         command=["sh", "-c", spoil], expect=1)
    facts = json.loads((work / "facts.json").read_text())
    assert "parse error" in facts["failure"], facts
    assert "parse error" in (work / "page.html").read_text()
