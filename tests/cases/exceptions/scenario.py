# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case

OLD = {
    "refuse": "did: ~refuse ~enter main caught refused",
    "rethrow": "did: rethrow ~enter main caught old rethrow",
    "number": "did: ~enter main caught 42",
    "pass": "did: ~inner ~outer main caught old passp",
    "keep": "did: ~inner ~outer kept old keepp",
    "new": "did: ~enter main caught old new",
    "fate": "did:signal 6",
}
NEW = {
    "refuse": "did: ~check ~refuse2 ~enter2 main caught refused again",
    "rethrow": "did: ~check rethrow it ~enter2 main caught old rethrow",
    "number": "did: ~check ~enter2 main caught 42",
    "pass": "did: ~inner2 ~outer2 main caught old passp",
    "keep": "did: ~inner2 ~outer2 kept back old keepp",
    "new": "did: ~check enter caught busy ~enter2",
    "fate": "did:signal 6",
}


def scenario(case: Case) -> None:
    case.build()
    case.start()
    expect_all(case, OLD)
    case.patch()
    expect_all(case, NEW)
    case.unpatch()
    expect_all(case, OLD)
    case.patch()
    expect_all(case, NEW)
    case.finish()


def expect_all(case: Case, answers: dict[str, str]) -> None:
    for request, answer in answers.items():
        case.expect(request, answer)
