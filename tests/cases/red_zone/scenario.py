# SPDX-License-Identifier: GPL-2.0-or-later
import re
import shutil
from pathlib import Path

from harness.case import Case
from harness.process import run

REQUESTS = (5, 0, -3, 1000003, 77, 123456789)


def scenario(case: Case) -> None:
    case.build()
    fixed = case.work / "fixed"
    shutil.copytree(case.tree, fixed)
    run(["patch", "-s", "-p1", "-i", case.folder / case.fix], cwd=fixed)
    case.build_plain(tree=fixed)
    uses_the_red_zone(case.tree / "prog")
    case.start()
    case.expect(5, answers(case.tree / "prog", 5)[0])
    case.patch()
    for request, wanted in zip(REQUESTS, answers(fixed / "prog", *REQUESTS), strict=True):
        case.expect(request, wanted)
    case.unpatch()
    case.expect(5, answers(case.tree / "prog", 5)[0])
    case.finish()


def answers(program: Path, *requests: int) -> list[str]:
    """What the program says when nobody patches it."""
    return run([program], input="".join(f"{request}\n" for request in requests)).out.splitlines()


def uses_the_red_zone(program: Path) -> None:
    """checksum() has a variable below the stack pointer."""
    code = run(["objdump", "-d", "--no-show-raw-insn", program]).out
    found = re.search(r"<checksum>:.*?ret", code, re.DOTALL)
    assert found is not None, "no checksum()"
    assert re.search(r"-0x[0-9a-f]*\(%rsp", found[0]), f"checksum() does not use the red zone:\n{found[0]}"
