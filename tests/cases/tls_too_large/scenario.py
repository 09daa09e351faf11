# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case, lacks


def scenario(case: Case) -> None:
    case.extra_cflags = "-DSIZE=30000"
    case.build()
    case.start()
    case.expect("x", "x 11 1")
    case.refuses_patch(6, "no room for the patch.s thread-local variables: .*static TLS block")
    lacks("\n".join(case.target.maps()), "memfd", "the block stays mapped")
    case.expect("x", "x 12 2")
    case.finish()
    case.extra_cflags = "-DSIZE=70000"
    case.no_patch("bytes of new thread-local variables, more than 65536", bundle=case.work / "larger")
    if case.model == "nopie":
        in_a_static_program(case)


def in_a_static_program(case: Case) -> None:
    """It has no dynamic linker to ask."""
    case.extra_cflags = "-DSIZE=64 -static"
    case.build()
    case.start()
    case.expect("x", "x 11 1")
    case.refuses_patch(6, "has no dlopen")
    case.expect("x", "x 12 2")
    case.finish()
