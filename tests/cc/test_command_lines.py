# SPDX-License-Identifier: GPL-2.0-or-later
"""Command lines that kpatch_cc has to read as the compilers do."""

import shutil
from pathlib import Path

import pytest
from harness.build import compiler_links, has, stage_environment
from harness.process import Result, Word, run
from harness.settings import Tools


def compile_original(tools: Tools, work: Path, *command: Word, expect: int = 0) -> Result:
    """One call of the original build, in the work folder."""
    links = work / "links"
    if not links.exists():
        compiler_links(links, tools.kpatch_cc)
    env = {**stage_environment("original", links), "KPATCH_STORE": work / "store"}
    return run(command, cwd=work, env=env, expect=expect, timeout=60)


def captured(work: Path) -> list[str]:
    """The objects whose assembly is in the store."""
    log = work / "store" / "log.original"
    return log.read_text().splitlines() if log.exists() else []


def test_response_file_that_names_itself(tools: Tools, work: Path) -> None:
    """It ends as gcc ends, and says which file it was."""
    (work / "a.c").write_text("int a;\n")
    (work / "self").write_text("-c @self @self a.c\n")
    result = compile_original(tools, work, "gcc", "@self", expect=1)
    assert "response file self leads back to itself" in result.err


def test_response_files_in_a_circle(tools: Tools, work: Path) -> None:
    (work / "one").write_text("@two @two\n")
    (work / "two").write_text("@three @three\n")
    (work / "three").write_text("@one @one\n")
    result = compile_original(tools, work, "gcc", "-c", "a.c", "@one", expect=1)
    assert "response file one leads back to itself" in result.err


def test_response_file_within_another(tools: Tools, work: Path) -> None:
    (work / "a.c").write_text("int a = A;\n")
    (work / "outer").write_text("@inner -c a.c @inner\n")
    (work / "inner").write_text("-DA=1\n")
    compile_original(tools, work, "gcc", "@outer")
    assert captured(work) == [str(work / "a.o")]


@pytest.mark.parametrize("compiler", [name for name in ("gcc", "clang") if has(name)])
@pytest.mark.parametrize("line", ["-v a.c", "a.c -v", "-v -c a.c", "-x c --verbose - -o a.out"])
def test_verbose_compilation_is_captured(tools: Tools, work: Path, compiler: str, line: str) -> None:
    """`gcc -v` alone asks; with a source it compiles."""
    (work / "a.c").write_text("int main(void) { return 0; }\n")
    # Without links in PATH: an `as` there would be found without us.
    env = {"KPATCH_STAGE": "original", "KPATCH_STORE": work / "store", "KPATCH_REAL_CC": compiler}
    run([tools.kpatch_cc, *line.split()], cwd=work, env=env, input="int main(void) { return 0; }\n", timeout=60)
    assert len(captured(work)) == 1


@pytest.mark.parametrize("compiler", [name for name in ("gcc", "clang") if has(name)])
def test_verbose_question_is_not(tools: Tools, work: Path, compiler: str) -> None:
    """It answers as the compiler itself does."""
    plain = run([str(shutil.which(compiler)), "-v"], cwd=work, timeout=60)
    assert compile_original(tools, work, compiler, "-v").err == plain.err
    assert captured(work) == []
