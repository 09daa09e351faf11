# SPDX-License-Identifier: GPL-2.0-or-later
"""Headers whose names make's rules quote: kpatch_cc reads such rules to find them."""

from pathlib import Path

import pytest
from harness.build import has, run_kpatch_make
from harness.settings import Tools

NAMES = ["plain.h", "two words.h", "sharp#.h", "dollar$.h", "a:b.h"]


@pytest.mark.parametrize("compiler", [name for name in ("gcc", "clang") if has(name)])
@pytest.mark.parametrize("name", NAMES)
def test_moved_lines_of_a_header_are_no_change(tools: Tools, work: Path, compiler: str, name: str) -> None:
    """Only __LINE__ in it moves. clang's second compilation takes the header from its rule."""
    tree = work / "p"
    tree.mkdir()
    (tree / name).write_text("int first;\nstatic inline int where(int x) { return x / 7 + __LINE__; }\n")
    (tree / "p.c").write_text(f'#include "{name}"\nint p(int x) {{ return where(x) + where(first); }}\n')
    (tree / "Makefile").write_text(f"p.so: p.c\n\t{compiler} -shared -fPIC -O2 -Wl,--build-id -o $@ $<\n")
    fix = (
        f"--- a/{name}\t\n+++ b/{name}\t\n@@ -1,2 +1,3 @@\n+// a comment\n int first;\n"
        " static inline int where(int x) { return x / 7 + __LINE__; }\n"
    )
    (work / "fix.patch").write_text(fix)
    result = run_kpatch_make(
        tools, tree=tree, fix=work / "fix.patch", bundle=work / "bundle",
        make=["make"], expect=7, timeout=120,
    )
    assert "no executable or shared object changed" in result.both


@pytest.mark.parametrize("compiler", [name for name in ("gcc", "clang") if has(name)])
@pytest.mark.parametrize("name", NAMES)
def test_unchanged_sources_are_not_compiled_again(tools: Tools, work: Path, compiler: str, name: str) -> None:
    tree = work / "p"
    tree.mkdir()
    (tree / name).write_text("#define K 3\n")
    (tree / "p.c").write_text(f'#include "{name}"\nint p(int x) {{ return x / 7 + K; }}\n')
    (tree / "q.c").write_text("int q(int x) { return x / 7 + 1; }\n")
    (tree / "Makefile").write_text(
        f"p.so: p.o q.o\n\t{compiler} -shared -Wl,--build-id -o $@ $^\n"
        f"%.o: %.c\n\t{compiler} -fPIC -O2 -c -o $@ $<\n"
    )
    (work / "fix.patch").write_text(
        "--- a/q.c\n+++ b/q.c\n@@ -1 +1 @@\n-int q(int x) { return x / 7 + 1; }\n+int q(int x) { return x / 7 + 2; }\n"
    )
    run_kpatch_make(
        tools, "--keep", work / "kept", tree=tree, fix=work / "fix.patch", bundle=work / "bundle",
        make=["make"], timeout=120,
    )
    assert (work / "kept" / "patched" / "reused.log").read_text() == f"{tree}/p.o\n"
