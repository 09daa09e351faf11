# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case


def scenario(case: Case) -> None:
    case.build_plain()
    refusal(case, "fix.patch", "level", 10, 20)
    refusal(case, "size.patch", "room", 8, 80)


def refusal(case: Case, fix: str, name: str, old: int, new: int) -> None:
    case.no_patch(f"thread-local data {name} changed", rf"\b{old}\b", rf"\b{new}\b", fix=fix)
