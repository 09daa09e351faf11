# SPDX-License-Identifier: GPL-2.0-or-later
"""The case `flags` under one compiler flag after the other: each works, or kpatch_make
refuses it with code 6 and a message that names it. Behind that the flavours of -flto with
the case `lto`, as a program and as a library.

    pytest tests/test_flags.py -k march
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness import build
from harness.case import Case
from harness.matrix import Combination
from harness.settings import Tools

# Compilers | flags | what the refusal must say, when it is refused
FLAGS = """\
gcc clang | -march=haswell -O3
gcc clang | -mno-red-zone -fomit-frame-pointer
gcc clang | -fno-omit-frame-pointer -fno-asynchronous-unwind-tables
gcc clang | -fcf-protection=full -fstack-clash-protection -fstack-protector-strong
gcc clang | -fpatchable-function-entry=5
gcc clang | -fpatchable-function-entry=5,2 -fcf-protection=full
gcc clang | -pg
gcc clang | -pg -mfentry
gcc clang | -finstrument-functions
gcc | -g3
gcc clang | -ggdb3 -gz
gcc | -g -gvariable-location-views -gdwarf-4
gcc clang | -g -gsplit-dwarf -Wl,-S
gcc clang | -fPIC -fno-plt -fno-semantic-interposition -fvisibility=hidden
gcc clang | -fPIC -Wl,-z,now -Wl,-z,relro -Wl,-z,separate-code
gcc clang | -ffunction-sections -fdata-sections -Wl,--gc-sections
gcc clang | -Wl,-z,pack-relative-relocs
gcc clang | -static-pie
gcc clang | -static -fno-pie -no-pie
gcc clang | -fuse-ld=gold
gcc clang | -fuse-ld=lld
gcc clang | -fuse-ld=lld -Wl,--icf=all -ffunction-sections
gcc clang | -fuse-ld=mold
gcc | -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr
gcc clang | -g -O2 -fstack-protector-strong -Wformat -D_FORTIFY_SOURCE=2 -Wl,-z,relro -Wl,-z,now
gcc | -freorder-blocks-and-partition -fipa-pta -fconserve-stack -mtls-dialect=gnu2
gcc | -mindirect-branch=thunk -mfunction-return=thunk -fcf-protection=none
clang | -mretpoline -fno-addrsig
clang | -fxray-instrument -fxray-instruction-threshold=1
gcc | -save-temps -fverbose-asm -fno-toplevel-reorder
gcc | -fno-dwarf2-cfi-asm -pipe
gcc clang | -masm=intel | -masm=intel
gcc clang | -mcmodel=medium | -mcmodel=medium
gcc clang | -mcmodel=large | -mcmodel=large
gcc clang | -mcmodel=medium -mcmodel=small
gcc clang | -fsanitize=address | -fsanitize=address
gcc clang | -fsanitize=undefined | -fsanitize=undefined
gcc clang | -fsanitize=thread | -fsanitize=thread
gcc clang | -fsanitize=undefined -fno-sanitize=all
gcc clang | --coverage | --coverage
gcc clang | -fprofile-generate | -fprofile-generate
clang | -fprofile-instr-generate -fcoverage-mapping | -fprofile-instr-generate
clang | -fsanitize=safe-stack | -fsanitize=safe-stack
gcc | -fuse-ld=gold -ffunction-sections -Wl,--icf=all | --icf=all
"""
LTO_FLAVOURS = (
    "-flto-partition=none", "-flto-partition=one", "-flto-partition=1to1", "-flto-partition=max -g",
    "-flto=auto", "-ffat-lto-objects -g", "-fuse-ld=gold",
    "--param=lto-partitions=4 --param=lto-min-partition=1 -flto=2",
)


@dataclass(frozen=True)
class Line:
    """One compiler with some flags."""

    compiler: str
    flags: str
    refused: str = ""  # what kpatch_make must say when it refuses them
    case: str = "flags"
    model: str = "pie"

    @property
    def id(self) -> str:
        return f"{self.compiler} {self.flags}" + ("" if self.case == "flags" else f" {self.case} {self.model}")


def lines() -> list[Line]:
    found = []
    for text in FLAGS.splitlines():
        compilers, flags, *refused = (part.strip() for part in text.split(" | "))
        found += [Line(compiler, flags, *refused) for compiler in compilers.split()]
    found += [Line("gcc", flavour, "", "lto", model) for flavour in LTO_FLAVOURS for model in ("pie", "lib")]
    return found


@pytest.mark.parametrize("line", [pytest.param(line, id=line.id) for line in lines()])
def test_flags(line: Line, tools: Tools, work: Path) -> None:
    linker = re.search(r"-fuse-ld=([a-z]+)", line.flags)
    for program in (line.compiler, *([f"ld.{linker[1]}"] if linker else [])):
        if not build.has(program):
            pytest.skip(f"needs {program}")
    case = Case(line.case, Combination(line.compiler, "-O2", line.model, "none", "none"), tools, work, line.flags)
    if line.refused:
        case.build_plain()
        case.no_patch(line.refused, status=6)
    else:
        case.usual_course()
