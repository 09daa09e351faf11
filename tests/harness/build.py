# SPDX-License-Identifier: GPL-2.0-or-later
"""kpatch_make, and the compilers of this machine."""

import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

from .process import Command, Result, Word, run
from .settings import Tools

# Under each of these names kpatch_make puts kpatch_cc before the real program.
COMPILER_NAMES = ("gcc", "g++", "cc", "c++", "clang", "clang++", "gcc-12", "clang-14", "as", "ld")


def has(program: str) -> bool:
    """Is there a program of this name?"""
    return shutil.which(program) is not None


def first_of(*names: str) -> str | None:
    """The first of these programs that the machine has."""
    return next((name for name in names if has(name)), None)


def compiler_links(folder: Path, kpatch_cc: Path) -> Path:
    """A folder of links as kpatch_make makes it: every compiler that is here, as kpatch_cc."""
    folder.mkdir()
    for name in COMPILER_NAMES:
        if has(name):
            (folder / name).symlink_to(kpatch_cc)
    return folder


def stage_environment(stage: str, links: Path) -> dict[str, Word | None]:
    """The environment of a build command in stage `original` or `patched`."""
    return {"PATH": f"{links}:{os.environ['PATH']}", "KPATCH_STAGE": stage}


def run_kpatch_make(
    tools: Tools,
    *options: Word,
    tree: Path,
    fix: Path,
    bundle: Path,
    make: Command,
    env: Mapping[str, Word | None] | None = None,
    expect: int | Collection[int] | None = 0,
    log: Path | None = None,
    timeout: float = 600,
) -> Result:
    """kpatch_make [OPTION...] -o BUNDLE -p FIX -C TREE -- MAKE..., called in the tree."""
    __tracebackhide__ = True
    command: list[Word] = [tools.kpatch_make, *options, "-o", bundle, "-p", fix, "-C", tree, "--", *make]
    return run(command, cwd=tree, env=env, expect=expect, merge=True, log=log, timeout=timeout)


def kpatch_files(bundle: Path) -> list[Path]:
    """The .kpatch files of a bundle, sorted; none when there is no such folder."""
    return sorted(bundle.glob("*.kpatch"))
