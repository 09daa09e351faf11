# SPDX-License-Identifier: GPL-2.0-or-later
import json

from harness.case import Case, says


def scenario(case: Case) -> None:
    case.build()
    function = json.loads(case.show("--json"))["functions"][0]
    assert function["name"] == "level" and function["pad"] != 0, f"level has no pad: {function}"
    second = case.another_bundle("second", "again.patch", "--level", 2)
    case.start()
    case.expect("ask", "1 0 0 2 3")
    case.patch()
    case.expect("ask", "1 7 7 2 3")
    patched = case.patch(bundle=second)
    case.expect("ask", "1 9 9 2 3")
    says(patched.out, "replaced", "the second level did not replace the first")
    case.unpatch()
    case.expect("ask", "1 0 0 2 3")
    case.finish()
