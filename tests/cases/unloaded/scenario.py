# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case, count, lacks, says


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("ask", "nothing is open")
    case.refuses_patch(7, "no loaded object")
    case.expect("open ./plugin.so", "opened")
    place = place_of_plugin(case)
    case.expect("ask", "before")
    case.patch()
    case.expect("ask", "after")
    again = case.ctl("patch", "-p", case.pid, case.bundle).out
    says(again, "already", "not left alone")
    lacks(again, "stopped", "not left alone")
    the_same_library_anew(case, place)
    another_library(case)
    case.expect("close", "closed")
    case.expect("open ./plugin.so", "opened")
    case.expect("ask", "before")
    case.patch()
    case.expect("ask", "after")
    case.unpatch()
    case.expect("ask", "before")
    case.expect("close", "closed")
    case.finish()


def the_same_library_anew(case: Case, place: str) -> None:
    """Its code is the vulnerable one."""
    case.expect("close", "closed")
    states = states_of_plugin(case)
    assert states.startswith("unloaded"), f"info says '{states}' of a library that is gone"
    case.expect("open ./plugin.so", "opened")
    if place_of_plugin(case) != place:
        case.skip("the library is loaded again at another address, and the case is about the same one")
    case.expect("ask", "before")
    lacks(case.ctl("info", "-p", case.pid).out, "patched", "info of a library mapped anew")
    patched = case.patch()
    says(patched.out, r"plugin\.so: unloaded, its patch removed", "patch does not tell")
    case.expect("ask", "after")
    assert regions(case) == 1, "the old region is still there"


def another_library(case: Case) -> None:
    """At its place."""
    case.expect("close", "closed")
    case.expect("open ./other.so", "opened")
    case.expect("ask", "other")
    states = states_of_plugin(case)
    assert states.startswith("unloaded"), f"info says '{states}' where another library stands"
    undone = case.ctl("unpatch", "-p", case.pid, expect=7)
    says(undone.out, r"plugin\.so: unloaded, its patch removed", "unpatch does not tell")
    assert regions(case) == 0, "the region of an unloaded library is left"
    case.expect("ask", "other")


def states_of_plugin(case: Case) -> str:
    """What info's rows say of the plug-in."""
    rows = [line.split() for line in case.ctl("info", "-p", case.pid).out.splitlines()]
    return "\n".join(" ".join(row[4:6]) for row in rows if len(row) > 2 and row[2] == "plugin.so")


def place_of_plugin(case: Case) -> str:
    return next(line for line in case.target.maps() if "plugin.so" in line).split("-")[0]


def regions(case: Case) -> int:
    return count(case.info("--json", expect=None).out, '"region"')
