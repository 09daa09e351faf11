# SPDX-License-Identifier: GPL-2.0-or-later
import os

from harness.case import Case, lacks

IN_LIBRARIES = ("default", "initial-exec", "local-dynamic", "global-dynamic", "gnu2")
IN_PROGRAMS = ("default", "global-dynamic", "gnu2")


def scenario(case: Case) -> None:
    for link in ("lib", "dlopen") if case.model == "lib" else (case.model,):
        case.model = link
        for tls in IN_LIBRARIES if link in ("lib", "dlopen") else IN_PROGRAMS:
            if tls != "gnu2" or case.compiler == "gcc":
                in_model(case, tls)


def flags_of(tls: str) -> str:
    if tls == "default":
        return ""
    return "-fPIC -mtls-dialect=gnu2" if tls == "gnu2" else f"-fPIC -ftls-model={tls}"


def in_model(case: Case, tls: str) -> None:
    print(f"thread-local storage: {tls}, link: {case.model}")  # seen when it fails
    case.extra_cflags = flags_of(tls)
    case.build()
    case.start()
    descriptors = os.listdir(case.target.proc("fd"))
    case.expect("t", "1,1,1,1")
    case.expect("l", "2,2,2,2")
    if case.model == "dlopen" and tls != "initial-exec" and tls != "gnu2":
        return no_fixed_place(case)
    case.patch()
    case.expect("l", "37821,37821,37821,37821")
    case.expect("l", "47832,47832,47832,37821")
    case.expect("t", "2102,2102,2102,1102")
    case.expect("t", "3104,3104,3104,1102")
    case.unpatch()
    case.expect("t", "4,4,4,1")
    case.patch()
    case.expect("l", "37821,37821,37821,37821")
    case.unpatch()
    # More often than the surplus could hold it.
    for _ in range(50 if (case.model, tls) == ("pie", "default") else 0):
        case.patch()
        case.unpatch()
    no_block(case)
    assert os.listdir(case.target.proc("fd")) == descriptors, "a descriptor stays open"
    case.finish()


def no_fixed_place(case: Case) -> None:
    """tally() reaches old and new ones from the start of a block without a fixed place."""
    case.refuses_patch(6, r"calls: libcode\.so allocates its thread-local variables in each thread")
    no_block(case)
    case.expect("t", "2,2,2,1")
    case.finish()


def no_block(case: Case) -> None:
    lacks("\n".join(case.target.maps()), "memfd", "the block stays mapped")
