# SPDX-License-Identifier: GPL-2.0-or-later
"""Pairs of sources through kpatch_gensrc. A case is a folder:

original.c, patched.c (or .cc, or .s)
case.toml  changed    functions that must count as changed, all of them
           new        new functions
           data       new variables and constants
           absent     symbols that the output must neither define nor refer to
           weak       undefined symbols that must be weak in it
           error      a regular expression the refusal must match, instead of those
           flags      more compiler flags
           compilers  gcc, clang
           levels     of the matrix

Each case is compiled by gcc and clang over a matrix of flags. Checked each time: the original
stands verbatim at the front of the output, the output assembles, all sections of the original
are in the object as they were, the lists are as expected; the original against itself and
against itself with seven blank lines on top gives the original.

    pytest tests/gensrc -k 'lambdas and clang-O2'
"""

import os
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from harness import build, process
from harness.process import Result
from harness.settings import REPOSITORY, Tools

HERE = Path(__file__).resolve().parent
# By the name that a test has.
LEVELS = {
    "O0-nopie": "-O0 -fno-pie",
    "O1-pie-notables": "-O1 -fPIE -fno-asynchronous-unwind-tables",
    "O2-g-pic-protector": "-O2 -g -fPIC -fstack-protector-strong",
    "O3-pie-cf": "-O3 -fPIE -fcf-protection=full",
    "Os-g-pic-sections": "-Os -g -fPIC -ffunction-sections -fdata-sections",
    "O2-nopie": "-O2 -fno-pie",
}
# What kpatch_gensrc adds, and what refers to lines and addresses of the whole file.
NOT_COMPARED = re.compile(r"\.kpatch|\.eh_frame|\.debug|\.llvm_addrsig")


@dataclass(frozen=True)
class Spec:
    """What case.toml says."""

    changed: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    error: str = ""
    flags: str = ""
    compilers: tuple[str, ...] = ("gcc", "clang")
    levels: tuple[str, ...] = ()


def read_spec(name: str) -> Spec:
    data = tomllib.loads((HERE / name / "case.toml").read_text())
    if wrong := set(data) - {field.name for field in fields(Spec)}:
        raise ValueError(f"{name}/case.toml: unknown keys {sorted(wrong)}")
    return Spec(**{key: tuple(value) if isinstance(value, list) else value for key, value in data.items()})


def compiler_for(compiler: str, suffix: str) -> str | None:
    """The program that compiles such a source; clang 14 where there are several."""
    if compiler == "gcc":
        return build.first_of("g++" if suffix == ".cc" else "gcc")
    if suffix == ".cc":
        return build.first_of(os.environ.get("CLANGXX", "clang++-14"), "clang++")
    return build.first_of(os.environ.get("CLANG", "clang-14"), "clang")


class Pair:
    """Two sources, compiled one way."""

    def __init__(self, name: str, compiler: str, level: str, tools: Tools, work: Path) -> None:
        self.folder = HERE / name
        self.spec = read_spec(name)
        self.work = work
        self.gensrc = tools.kpatch_gensrc
        (self.source,) = self.folder.glob("original.*")
        self.compiler = compiler
        driver = compiler_for(compiler, self.source.suffix)
        if driver is None:
            pytest.skip(f"needs {compiler}")
        self.driver = driver
        self.flags = [*LEVELS[level].split(), *self.spec.flags.split()]
        self.original = self.compile(self.source, "original.s")
        self.patched = self.compile(self.folder / f"patched{self.source.suffix}", "patched.s")

    def compile(self, source: Path, name: str) -> Path:
        """To assembly; what is assembly already is copied."""
        output = self.work / name
        if source.suffix == ".s":
            output.write_bytes(source.read_bytes())
        else:
            process.run([
                self.driver, "-w", "-idirafter", REPOSITORY / "include", *self.flags, "-S", source, "-o", output,
            ])
        return output

    def assemble(self, source: Path) -> Path:
        output = source.with_suffix(".o")
        process.run([*([self.driver, "-c"] if self.compiler == "clang" else ["as"]), source, "-o", output])
        return output

    def generate(self, patched: Path, name: str, *options: str, expect: int | tuple[int, ...] = 0) -> Result:
        """kpatch_gensrc of the original and another file."""
        return process.run(
            [self.gensrc, self.original, patched, "-o", self.work / name, *options], expect=expect
        )

    # ---- what is checked --------------------------------------------------------------
    def check_identity(self) -> None:
        """The original against itself, and with blank lines on top, is itself."""
        self.generates_the_original(self.original, "original against itself is not itself")
        if self.source.suffix == ".s":
            return
        blank = self.work / "blank"
        blank.mkdir()
        (blank / self.source.name).write_text("\n" * 7 + self.source.read_text())
        self.generates_the_original(
            self.compile(blank / self.source.name, "blank.s"), "blank lines change something"
        )

    def generates_the_original(self, patched: Path, why: str) -> None:
        self.generate(patched, "same.s")
        assert (self.work / "same.s").read_bytes() == self.original.read_bytes(), why

    def check_error(self) -> None:
        """Refused, in these words, and without an output."""
        refusal = self.generate(self.patched, "out.s", expect=(6, 3))
        assert not (self.work / "out.s").exists(), "an output file in spite of the refusal"
        assert re.search(self.spec.error, refusal.err, re.MULTILINE), f"other words than '{self.spec.error}'\n{refusal}"

    def check_output(self) -> None:
        explained = self.generate(self.patched, "out.s", "--explain").out
        out = self.work / "out.s"
        assert out.read_bytes().startswith(self.original.read_bytes()), "the original is not at the front"
        lists = {"changed function": self.spec.changed, "new function": self.spec.new, "new data": self.spec.data}
        for kind, expected in lists.items():
            assert names_of(kind, explained) == sorted(expected), f"{kind}:\n{explained}"
        original, instrumented = self.assemble(self.original), self.assemble(out)
        self.check_symbols(instrumented)
        assert dump(original) == dump(instrumented), "sections differ"
        process.run(["ld", "-r", "--emit-relocs", instrumented, "-o", self.work / "linked.o"])

    def check_symbols(self, instrumented: Path) -> None:
        if not self.spec.absent and not self.spec.weak:
            return
        symbols = [line.strip() for line in process.run(["nm", instrumented]).out.splitlines()]
        for name in self.spec.absent:
            assert not [line for line in symbols if line.endswith(f" {name}")], f"{name} is a symbol of the output"
        for name in self.spec.weak:
            assert f"w {name}" in symbols, f"{name} is not a weak symbol of the output"


def names_of(kind: str, explained: str) -> list[str]:
    """The numbers that compilers append are no part of what is expected."""
    names = re.findall(rf"^{kind} ([^ :\n]*)", explained, re.MULTILINE)
    return sorted(re.sub(r"\.[0-9]+$", "", name) for name in names)


def dump(file: Path) -> list[str]:
    """Contents and relocations of all sections but ours, unwind tables and debug lines."""
    kept, keep = [], False
    for line in process.run(["objdump", "-sr", file]).out.splitlines():
        if line.startswith(("Contents of section", "RELOCATION RECORDS FOR")):
            keep = not NOT_COMPARED.search(line)
        if keep and line:
            kept.append(line)
    return kept


def combinations() -> list[tuple[str, str, str]]:
    """Case, compiler, level."""
    found = []
    for name in sorted(path.parent.name for path in HERE.glob("*/case.toml")):
        spec = read_spec(name)
        for compiler in spec.compilers:
            for level, flags in LEVELS.items():
                if not spec.levels or flags.split()[0] in spec.levels:
                    found.append((name, compiler, level))
    return found


@pytest.mark.parametrize(("name", "compiler", "level"), combinations(), ids=str)
def test_pair(name: str, compiler: str, level: str, tools: Tools, work: Path) -> None:
    pair = Pair(name, compiler, level, tools, work)
    pair.check_identity()
    if pair.spec.error:
        pair.check_error()
    else:
        pair.check_output()
