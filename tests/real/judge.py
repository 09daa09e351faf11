#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what `kpatch_make deb` said with what a fix expects, and sums a run up.

    judge.py build WORK --expect VERDICT --objects "..." --functions "..." --reason REGEX
    judge.py result WORK --id ID ...       writes WORK/result.json

Every object must come out as expected: those named are patched (or refused), all others
are unchanged; where a part of them is expected, those that are not named may also be refused,
for the reason given. An object is named by the end of its path.
"""
import argparse
import datetime
import json
import os
import re
import sys

EXIT = {"patched": 0, "refused": 6, "nothing": 7, "partial": 13}
failed = 0


def check(right, text):
    global failed
    failed += not right
    print("ok  " if right else "FAIL", text)


def load(path):
    try:
        with open(path) as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def plain(name):
    """A function's name without the compiler's endings: parse.isra.0 is parse."""
    return re.sub(r"\.(isra|constprop|part|cold|lto_priv|localalias)\b.*", "", name)


def named(one, names):
    """An object goes by the end of the path that it was linked at, or is installed at."""
    paths = [one.get("path") or "", one.get("object") or ""]
    return any(("/" + path).endswith("/" + name) for path in paths for name in names)


def judge_build(arguments):
    report = load(f"{arguments.work}/build.json")
    with open(f"{arguments.work}/build.status") as file:
        status = int(file.read())
    log = open(f"{arguments.work}/build.log", errors="replace").read()
    objects = report.get("objects", [])
    wanted = arguments.objects.split()
    check(status == EXIT[arguments.expect], f"verdict: {arguments.expect} (exit {status})")
    verdicts = {"patched": "patched", "partial": "patched", "refused": "refused", "nothing": "unchanged"}
    for one in objects:
        path = one.get("path") or one.get("object", "")
        verdict = verdicts[arguments.expect] if not wanted or named(one, wanted) else "unchanged"
        if arguments.expect == "refused" and not wanted:
            continue
        if arguments.expect == "partial" and verdict == "unchanged" and one["verdict"] == "refused":
            check(re.search(arguments.reason, one["reason"]), f"{os.path.basename(path)}: refused")
            continue
        check(one["verdict"] == verdict, f"{os.path.basename(path)}: {verdict}"
              + ("" if one["verdict"] == verdict else f", not {one['verdict']} {one.get('reason', '')}"))
    for name in wanted:
        check(any(named(o, [name]) for o in objects),
              f"{name} is among the objects")
    changed = {plain(f) for o in objects if o["verdict"] == "patched" for f in o.get("changed", [])}
    for name in arguments.functions.split():
        check(name in changed, f"{name} is replaced")
    if arguments.reason:
        said = log + " ".join(f"{o.get('reason', '')} {o.get('help', '')}" for o in objects)
        check(re.search(arguments.reason, said), f"the reason says: {arguments.reason}")
    return failed


def summed(objects, key):
    return sum(len(o[key]) if isinstance(o.get(key), list) else o.get(key) or 0 for o in objects)


def write_result(arguments):
    report, live = load(f"{arguments.work}/build.json"), load(f"{arguments.work}/live.json")
    objects = report.get("objects", [])
    patched = [o for o in objects if o.get("verdict") == "patched"]
    result = {
        "id": arguments.id, "level": arguments.level, "source": arguments.source,
        "version": report.get("version") or arguments.source.partition("=")[2], "fix": arguments.fix.split(),
        "built_by": f"kpatch_make {arguments.kind}",
        "date": datetime.date.today().isoformat(),
        "expected": arguments.expect, "verdict": report.get("verdict", ""),
        "as_expected": arguments.judged == 0 and arguments.lived == 0,
        "objects": {v: sum(o.get("verdict") == v for o in objects)
                    for v in ("patched", "unchanged", "refused")},
        "functions": sorted({plain(f) for o in patched for f in o.get("changed", [])}),
        "spared": summed(patched, "spared"), "size": summed(patched, "size"),
        "bound": sorted({o["bound"] for o in patched if o.get("bound")})
        if arguments.shipped else ["own build"] if patched else [],
        "reasons": sorted({o["reason"] for o in objects if o.get("reason")})[:3],
        "adaptation_lines": arguments.adaptation, "options": arguments.options,
        "seconds": report.get("seconds", {}), "cpu_seconds": report.get("cpu_seconds", {}),
        "compiled": {s: [report.get(s, {}).get(k) for k in ("compiled", "reused")]
                     for s in ("original", "patched") if "reused" in report.get(s, {})},
        "peak_kb": report.get("peak_kb", 0),
        "live": live or None,
    }
    with open(f"{arguments.work}/result.json", "w") as file:
        json.dump(result, file, indent=2)
        file.write("\n")
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("build", "result"))
    parser.add_argument("work")
    for name in ("expect", "reason", "objects", "functions", "id", "level", "source", "fix", "shipped", "options",
                 "kind"):
        parser.add_argument(f"--{name}", default="")
    for name in ("adaptation", "judged", "lived"):
        parser.add_argument(f"--{name}", type=int, default=0)
    arguments = parser.parse_args()
    sys.exit(1 if (judge_build if arguments.what == "build" else write_result)(arguments) else 0)


main()
