# SPDX-License-Identifier: GPL-2.0-or-later
"""Combinations of compiler, optimisation, link model, debug information, cf-protection.

The short matrix takes every pair of values of any two columns at least once (compiler x
model x optimisation entirely), and two more lines of the other levels, which take turns
from case to case. The full matrix has every combination.
"""

from collections.abc import Iterator
from dataclasses import dataclass

COMPILERS = ("gcc", "clang")
MODELS = ("pie", "nopie", "lib")
LEVELS = ("-O0", "-O2", "-O3")
OTHER_LEVELS = ("-O1", "-Os", "-Og")
OPTIMISATIONS = ("-O0", "-O1", "-O2", "-O3", "-Os", "-Og")


@dataclass(frozen=True)
class Combination:
    compiler: str  # gcc, clang
    opt: str
    model: str  # pie, nopie, lib: of the program that the case builds
    debug: str  # -g, none
    cf: str  # full, none: -fcf-protection

    @property
    def flags(self) -> str:
        """As CFLAGS."""
        return f"{self.opt} -fcf-protection={self.cf}" + ("" if self.debug == "none" else f" {self.debug}")

    def __str__(self) -> str:
        return f"{self.compiler} {self.opt} {self.model} {self.debug} {self.cf}"

    @property
    def id(self) -> str:
        """For pytest: gcc-O2-pie-g-full, clang-O1-lib-nodebug-nocf."""
        debug = "g" if self.debug == "-g" else "nodebug"
        return f"{self.compiler}{self.opt}-{self.model}-{debug}-{'full' if self.cf == 'full' else 'nocf'}"


def short(turn: int) -> Iterator[Combination]:
    """The short matrix; `turn` is the number of the case, which chooses the other levels."""
    model = MODELS[turn // 3 % 3]
    yield Combination("gcc", OTHER_LEVELS[turn % 3], model, "none", "full")
    yield Combination("clang", OTHER_LEVELS[(turn + 1) % 3], model, "none", "none")
    turns = (("-g", "full"), ("none", "none"), ("-g", "none"), ("none", "full"))
    n = 0
    for compiler in COMPILERS:
        for opt in LEVELS:
            for link in MODELS:
                yield Combination(compiler, opt, link, *turns[n % 4])
                n += 1


def full() -> Iterator[Combination]:
    """Every combination (of the other levels: with debug information and cf-protection)."""
    for compiler in COMPILERS:
        for opt in OTHER_LEVELS:
            for model in MODELS:
                yield Combination(compiler, opt, model, "-g", "full")
    for compiler in COMPILERS:
        for opt in LEVELS:
            for model in MODELS:
                for debug in ("none", "-g"):
                    for cf in ("none", "full"):
                        yield Combination(compiler, opt, model, debug, cf)
