# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case


def scenario(case: Case) -> None:
    case.build()
    case.start()
    good = case.one_patch.read_bytes()
    size = len(good)
    cut = case.work / "cut.kpatch"
    for length in (0, 1, 63, 64, 100, size // 4, size // 2, size - 1):
        cut.write_bytes(good[:length])
        case.refuses_patch(3, r"cut\.kpatch", bundle=cut)
    garbage = case.work / "garbage.kpatch"
    garbage.write_bytes(good[:64] + b"g" * size)
    case.refuses_patch(3, r"garbage\.kpatch", bundle=garbage)
    case.refuses_patch(3, "prog", bundle=case.tree / "prog")
    case.refuses_patch(1, "nowhere", bundle=case.work / "nowhere")
    case.expect("ask", "before")
    case.patch()
    case.expect("ask", "after")
    case.finish()
