# SPDX-License-Identifier: GPL-2.0-or-later
"""Live programs: every case of tests/cases over a matrix of compilers and flags.

    pytest tests/test_cases.py                                the short matrix of `make check`
    pytest --full tests/test_cases.py                         every combination (`make check-matrix`)
    pytest tests/test_cases.py -k 'threads or busy'           some cases
    pytest --collect-only -q tests/test_cases.py -k threads   the combinations
    KEEP=1 pytest --full 'tests/test_cases.py::test_case[threads-gcc-O2-pie-g-full]'
                                                              one run, files kept

A combination that a case makes no sense for (case.toml) is none.
"""

from pathlib import Path

import pytest

from harness import case as cases
from harness import matrix, namespaces
from harness.case import Case
from harness.matrix import Combination
from harness.settings import Tools


def combinations(full: bool) -> list[tuple[str, Combination]]:
    """Cases, and for each those of the matrix that it makes sense for."""
    found = []
    for name in cases.names():
        spec = cases.read_spec(name)
        for combination in matrix.full() if full else matrix.short():
            if spec.takes(combination):
                found.append((name, combination))
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    found = combinations(metafunc.config.getoption("full"))
    metafunc.parametrize(("name", "combination"), found, ids=[f"{name}-{c.id}" for name, c in found])


def test_case(name: str, combination: Combination, tools: Tools, work: Path, request: pytest.FixtureRequest) -> None:
    case = Case(name, combination, tools, work)
    try:
        play(case)
    finally:
        request.node.user_properties += [("left out", what) for what in case.left_out]


def play(case: Case) -> None:
    """The case's own scenario, or the usual course."""
    __tracebackhide__ = True
    script = case.folder / "scenario.py"
    if script.exists():
        namespaces.load(script, f"scenario_{case.name}").scenario(case)
    else:
        case.usual_course()
