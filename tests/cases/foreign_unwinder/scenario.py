# SPDX-License-Identifier: GPL-2.0-or-later
from pathlib import Path

from harness.case import Case

FOLDERS = (*sorted(Path("/usr/lib").glob("llvm-*/lib")), Path("/usr/lib/x86_64-linux-gnu"), Path("/usr/lib64"))


def scenario(case: Case) -> None:
    other, llvm = library("libunwind.so.8"), library("libunwind.so.1")
    if other is None and llvm is None:
        case.skip("needs libunwind.so.8 or LLVM's libunwind.so.1")
    case.build()
    if llvm is None:
        case.leaves_out("the unwinder of LLVM: no libunwind.so.1")
    else:
        takes_the_tables(case, llvm)
    if other is None:
        case.leaves_out("the unwinder libunwind.so.8: not here")
    else:
        is_named(case, other)


def library(name: str) -> Path | None:
    return next((folder / name for folder in FOLDERS if (folder / name).exists()), None)


def start_with(case: Case, preload: Path) -> None:
    case.start(command=["env", f"LD_PRELOAD={preload}", "./prog"])


def takes_the_tables(case: Case, llvm: Path) -> None:
    start_with(case, llvm)
    case.expect("x", "caught no x")
    case.patch()
    case.expect("x", "caught it: no x")
    case.unpatch()
    case.expect("x", "caught no x")
    case.finish()


def is_named(case: Case, other: Path) -> None:
    start_with(case, other)
    case.expect("x", "caught no x")
    case.refuses_patch(6, r"unwinder in libunwind\.so\.8.* takes no new frames")
    case.expect("x", "caught no x")
    case.finish()
