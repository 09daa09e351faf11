# SPDX-License-Identifier: GPL-2.0-or-later
import re

from harness.case import Case

CYCLES = 60


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("x", "throwing")
    before = case.mapped()
    cycles(case, 10, before)
    memory = data_of(case)
    cycles(case, CYCLES, before)
    grown = data_of(case)
    assert grown <= memory + 300, f"memory grew from {memory} to {grown} kB"
    case.finish()


def cycles(case: Case, rounds: int, before: list[str]) -> None:
    for _ in range(rounds):
        case.patch()
        case.expect("x", "throwing")
        case.unpatch()
        case.expect("x", "throwing")
    # What a thread still points at goes away with a later command.
    for _ in range(100):
        if case.mapped() == before:
            return
        case.ctl("unpatch", "-p", case.pid, expect=None, log="sweep")
    raise AssertionError(f"a region is left: {sorted(set(case.mapped()) ^ set(before))}")


def data_of(case: Case) -> int:
    """In kB."""
    found = re.search(r"^VmData:\s*(\d+)", case.target.proc("status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])
