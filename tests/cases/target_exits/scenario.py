# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case, says
from harness.process import Background

# Not a place but some work in front of the kill: it comes at another point each time.
KILL = 'for ((i = 0; i < $1 * 300; i++)); do :; done; kill -KILL "$2"'


def scenario(case: Case) -> None:
    case.build()
    for moment in range(1, 11):
        target = case.start()
        case.expect("ask", "before")
        killer = Background(["bash", "-c", KILL, "killer", moment, case.pid], log=case.work / "killer.log")
        result = case.ctl("patch", "-p", case.pid, case.bundle, expect=(0, 4), log="patch")
        killer.wait()
        if result.status == 4:
            says(result.out, f"{case.pid}.*(no such process|exited)", "unclear message")
        target.process.wait()
