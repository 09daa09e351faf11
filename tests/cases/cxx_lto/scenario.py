# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect(0, "square ~9 5 103 5")
    case.expect(1, "disc ~36 7 106 7")
    case.expect(2, "square ~ no square 9 107 9")
    case.patch()
    case.expect(0, "3Square ~!10 5 137 5")
    case.expect(1, "2round disc ~! not round disc 8 147 8")
    case.expect(5, "50Square ~! not Square 20 157 20")
    case.unpatch()
    case.expect(1, "disc ~36 7 160 7")
    case.patch()
    case.expect(3, "3Square ~!10 14 190 14")
    case.unpatch()
    case.expect(2, "square ~ no square 9 191 9")
    case.finish()
    case.no_patch(
        r"\(linked with -flto\): .*vtable", fix="virtual.patch", bundle=case.work / "refused", status=6
    )
