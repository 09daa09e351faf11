# SPDX-License-Identifier: GPL-2.0-or-later
"""Combinations of compiler, optimisation, link model, debug information, cf-protection.

The short matrix takes every pair of values of any two columns at least once (compiler x
model x optimisation entirely), and two more lines of other levels. The full matrix has every
combination.
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


def short() -> Iterator[Combination]:
    yield Combination("gcc", "-O1", "pie", "none", "full")
    yield Combination("clang", "-Os", "pie", "none", "none")
    turns = (("-g", "full"), ("none", "none"), ("-g", "none"), ("none", "full"))
    n = 0
    for compiler in COMPILERS:
        for opt in LEVELS:
            for link in MODELS:
                yield Combination(compiler, opt, link, *turns[n % 4])
                n += 1


def full() -> Iterator[Combination]:
    """The other levels: with debug information and cf-protection only."""
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
