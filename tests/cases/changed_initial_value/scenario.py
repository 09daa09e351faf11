# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case


def scenario(case: Case) -> None:
    case.build_plain()
    case.no_patch("limit", r"\b10\b", r"\b20\b")
