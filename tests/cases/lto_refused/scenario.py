# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case


def scenario(case: Case) -> None:
    refusal(case, "-flto", "initial.patch", r"(prog|libcode\.so) \(linked with -flto\): .*count.* changed: .*100.*200")
    refusal(case, "-flto -flto-partition=max", "initial.patch", "count.* changed: .*100.*200")
    refusal(case, "-flto -fno-use-linker-plugin", "fix.patch", "linked with -flto, but without the linker's plugin")


def refusal(case: Case, flags: str, fix: str, regex: str) -> None:
    case.extra_cflags = flags
    case.no_patch(regex, fix=fix, status=6)
