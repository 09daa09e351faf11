# SPDX-License-Identifier: GPL-2.0-or-later
from pathlib import Path

from harness.case import Case, lacks, says


def scenario(case: Case) -> None:
    case.build_plain()
    second = case.another_bundle("second", "second.patch", "--level", 2)
    case.kpatch_make("--level", 1)
    another = case.another_bundle("another", "fix.patch", "--level", 2, "--description", "another")
    case.start()
    case.expect("ask", "before")
    covered(case, 11, second, r"libcode\.so +not patched +- +2 +loaded, never patched$")
    case.patch()
    case.expect("ask", "after")
    covered(case, 11, second, r"libcode\.so +older +1 +2 +carries level 1, the bundle has 2")
    case.patch(bundle=second)
    case.expect("ask", "second")
    covered(case, 0, second, r"libcode\.so +patched +2 +2$")
    covered(case, 11, another, r"libcode\.so +another patch +2 +2 ")
    covered(case, 0, case.bundle, r"libcode\.so +newer +2 +1$")
    # The jumps go away with the library; the next one loaded is as vulnerable as ever.
    case.expect("unload", "unload")
    says(case.info().out, "unloaded", "info does not show the region that is left")
    case.expect("load", "load")
    case.expect("ask", "before")
    covered(case, 11, second, "not patched .*(loaded again; a stale region|put back by somebody else)")
    case.ctl("patch", "-p", case.pid, second, log="patch")
    case.expect("ask", "second")
    covered(case, 0, second, r"libcode\.so +patched +2 +2$")
    case.finish()


def covered(case: Case, code: int, bundle: Path, regex: str) -> None:
    """What `info` says about this process and the bundle."""
    said = case.ctl("info", "-p", case.pid, bundle, expect=code, log="info").out
    says(said, regex, "info")
    lacks(said, "\033", "colour in a file")
    shown = case.info("--json", bundle, expect=code).out
    says(shown, f'"complete": {"true" if code == 0 else "false"}', "the JSON says something else")
