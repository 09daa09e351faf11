# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("ask", "before")
    (case.tree / "prog").unlink()
    library = case.tree / "libcode.so"
    if library.exists():
        library.unlink()
        library.write_text("junk\n")
    case.patch()
    case.expect("ask", "after")
    case.unpatch()
    case.expect("ask", "before")
    case.finish()
