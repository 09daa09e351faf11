# SPDX-License-Identifier: GPL-2.0-or-later
"""Scripts in front of a compiler: c99, c89 and musl-gcc of Debian, and home-made ones.

kpatch_cc stands in front of the script, and again in front of the compiler that the script
calls by its name, in the same process when it calls it with exec.
"""

import os
from pathlib import Path

import pytest
from harness.build import has, kpatch_files, run_kpatch_make
from harness.process import run
from harness.settings import Tools

FIX = """--- a/p.c
+++ b/p.c
@@ -1,3 +1,3 @@
 int a;
-__attribute__((noinline)) int f(int x) { a++; return x + 1; }
+__attribute__((noinline)) int f(int x) { a++; return x + 2; }
 int main(void) { return f(a); }
"""

# What stands behind the name, and how it calls the compiler.
HOME_MADE = {
    "by-name": 'exec {compiler} -DBY_SCRIPT "$@"',
    "by-path": 'exec {path} -DBY_SCRIPT "$@"',
    "as-a-child": '{compiler} -DBY_SCRIPT "$@"',
}


def project(work: Path, compiler: str) -> Path:
    """A program of two sources."""
    tree = work / "p"
    tree.mkdir()
    (tree / "p.c").write_text(
        "int a;\n__attribute__((noinline)) int f(int x) { a++; return x + 1; }\nint main(void) { return f(a); }\n"
    )
    (tree / "q.c").write_text("int q(int x) { return x * 3; }\n")
    (tree / "Makefile").write_text(
        f"p: p.o q.o\n\t{compiler} -Wl,--build-id -o $@ $^\n%.o: %.c\n\t{compiler} $(CFLAGS) -O2 -c -o $@ $<\n"
    )
    (work / "fix.patch").write_text(FIX)
    return tree


def patch_of(tools: Tools, work: Path, tree: Path, env: dict[str, str] | None = None) -> str:
    """Makes the bundle, which has one patch; the objects that were not compiled again."""
    run_kpatch_make(
        tools, "--keep", work / "kept", tree=tree, fix=work / "fix.patch", bundle=work / "bundle",
        make=["make"], env=dict(env or {}), log=work / "make.log", timeout=120,
    )
    assert len(kpatch_files(work / "bundle")) == 1
    reused = work / "kept" / "patched" / "reused.log"
    return reused.read_text() if reused.exists() else ""


@pytest.mark.parametrize("compiler", ["c99", "c89", "musl-gcc"])
def test_script_of_debian(tools: Tools, work: Path, compiler: str) -> None:
    if not has(compiler):
        pytest.skip(f"no {compiler} here")
    assert patch_of(tools, work, project(work, compiler)) == f"{work}/p/q.o\n"


@pytest.mark.parametrize("real", ["gcc", "clang"])
@pytest.mark.parametrize("how", HOME_MADE)
def test_home_made_script(tools: Tools, work: Path, real: str, how: str) -> None:
    """Its own name is that of a compiler, or kpatch_cc would not stand in front of it."""
    if not has(real):
        pytest.skip(f"no {real} here")
    folder = work / "scripts"
    folder.mkdir()
    script = folder / f"our-{real}"
    path = next(f"{place}/{real}" for place in os.environ["PATH"].split(":") if (Path(place) / real).exists())
    script.write_text("#!/bin/sh\n" + HOME_MADE[how].format(compiler=real, path=path) + "\n")
    script.chmod(0o755)
    tree = project(work, script.name)
    source = tree / "q.c"
    source.write_text(source.read_text() + "#ifndef BY_SCRIPT\n#error not by the script\n#endif\n")
    reused = patch_of(tools, work, tree, {"PATH": f"{folder}:{os.environ['PATH']}", "CFLAGS": "-g"})
    if real == "gcc":
        assert reused == ("" if how == "by-path" else f"{tree}/q.o\n")


def test_two_copies_are_found_out(tools: Tools, work: Path) -> None:
    """Two copies of kpatch_cc would call each other for ever."""
    for name in ("one", "other"):
        (work / name).mkdir()
        (work / name / "gcc").write_bytes(tools.kpatch_cc.read_bytes())
        (work / name / "gcc").chmod(0o755)
    path = f"{work}/one:{work}/other:{os.environ['PATH']}"
    result = run(["gcc", "-c", "a.c"], cwd=work, env={"PATH": path}, expect=1, timeout=60)
    assert "leads back to kpatch_cc" in result.err
    assert "two copies of kpatch_cc" in result.err
