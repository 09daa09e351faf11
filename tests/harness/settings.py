# SPDX-License-Identifier: GPL-2.0-or-later
"""The environment variables and the paths that all tests read, in one place.

BUILD   folder of the build, <repository>/build without it
KEEP=1  the work folders stay, and their paths are printed
"""

import os
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
REPOSITORY = TESTS.parent
# How long an answer may take, in seconds: machines can be busy.
PATIENCE = 60.0


def build_folder() -> Path:
    """Where make puts what it builds."""
    return Path(os.environ.get("BUILD") or REPOSITORY / "build").resolve()


def keep() -> bool:
    """Do the work folders of tests that pass stay, too?"""
    return bool(os.environ.get("KEEP"))


@dataclass(frozen=True)
class Tools:
    """The programs under test."""

    bin: Path

    @property
    def kpatch_make(self) -> Path:
        return self.bin / "kpatch_make"

    @property
    def kpatch_cc(self) -> Path:
        return self.bin / "kpatch_cc"

    @property
    def kpatch_gensrc(self) -> Path:
        return self.bin / "kpatch_gensrc"

    @property
    def kpatch_tool(self) -> Path:
        return self.bin / "kpatch_tool"

    @property
    def libcare_ctl(self) -> Path:
        return self.bin / "libcare-ctl"

    def missing(self) -> list[Path]:
        """Those that are not built."""
        every = (self.kpatch_make, self.kpatch_cc, self.kpatch_gensrc, self.kpatch_tool, self.libcare_ctl)
        return [tool for tool in every if not tool.exists()]
