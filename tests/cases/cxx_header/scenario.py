# SPDX-License-Identifier: GPL-2.0-or-later
import json
from collections import Counter

from harness.case import Case


def scenario(case: Case) -> None:
    case.build()
    functions = json.loads(case.show("--json"))["functions"]
    originals = Counter(function["original"] for function in functions if function["original"])
    assert originals, "no function is replaced"
    assert max(originals.values()) == 1, f"two replacements of one function: {originals}"
    case.start()
    case.expect(3, "4 4010 5 5 1 102 begin..")
    case.patch()
    case.expect(3, "5 5012 6 6 11 104 begin..++")
    case.expect(-1, "1 1000 0 0 21 106 begin..++++")
    case.unpatch()
    case.expect(3, "4 4010 5 5 22 108 begin..++++..")
    case.patch()
    case.expect(7, "9 9016 8 8 32 110 begin..++++..++")
    case.unpatch()
    case.expect(1, "2 2014 7 7 33 112 begin..++++..++..")
    case.finish()
