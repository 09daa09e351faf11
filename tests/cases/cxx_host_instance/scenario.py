# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case

FUNCTION = "_Z5tallyIiET_S0_"
STATIC_LOCAL = "_ZZ5tallyIiET_S0_E3sum"


def scenario(case: Case) -> None:
    carried(case, "-DTALLY=inline")
    carried(case, "-DOWN_COPY")
    refusal(case, "", FUNCTION)
    refusal(case, "-fno-plt", FUNCTION)
    refusal(case, "-DBY_POINTER", FUNCTION)
    refusal(case, "-DINLINED_HERE", STATIC_LOCAL)


def carried(case: Case, flags: str) -> None:
    case.extra_cflags = flags
    case.build()
    case.start()
    case.expect(3, "103 3 103")
    case.patch()
    case.expect(5, "108 5:1108 1108")
    case.unpatch()
    case.expect(1, "1109 1 1109")
    case.finish()


def refusal(case: Case, flags: str, name: str) -> None:
    case.extra_cflags = flags
    case.no_patch(
        rf"{name} is new in a file that changed, .* takes {FUNCTION} from another",
        bundle=case.work / "refused", status=6,
    )
