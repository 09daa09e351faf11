#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of results.

    table.py real BUILD          BUILD/real.d/*.json -> BUILD/real.json, BUILD/real.md, printed
    table.py real --docs FILE    FOLDER/recorded.json of each fix -> the table inside FILE, between
                                 the comments `table begins` and `table ends`
    table.py large ...           the same for the folders in large/; the comments are `large table ...`
"""
import glob
import json
import os
import re
import sys

HEADS = ["fix", "source", "built by", "verdict", "functions", "spared", "bytes", "bound to what is shipped",
         "fault", "stop us", "requests", "plain s", "original s", "patched s", "compiled again"]

LARGE_HEADS = ["package", "version", "fix", "options", "verdict", "functions", "bytes",
               "bound to what is shipped", "fault", "stop us", "plain s", "original s", "patched s",
               "compiled again", "verdicts s", "peak MB"]


def seconds(result, stage):
    """`wall (processor)`; the latter is not in older results."""
    wall, processor = (result.get(key, {}).get(stage) for key in ("seconds", "cpu_seconds"))
    if not wall:
        return "-"
    return f"{wall:.0f}" + (f" ({processor:.0f})" if processor else "")


def compiled(result):
    """Of how many objects only so many were compiled again."""
    again, reused = result.get("compiled", {}).get("patched", (None, None))
    return "-" if again is None else f"{again} of {again + reused}"


def verdict_of(result):
    verdict = {"complete": "patched"}.get(result["verdict"], result["verdict"] or "?")
    if not result["as_expected"]:
        return verdict + f" (NOT as expected: {result['expected']})"
    if result.get("adaptation_lines"):
        return verdict + f", {result['adaptation_lines']} lines adapted"
    return verdict


FAULT = {"shown": "before, gone while patched, back after", "unseen": "not shown",
         "not again": "before, gone while patched"}


def fault_of(result):
    return FAULT[result["live"].get("fault", "shown")] if result["live"] else "-"


def refusal_of(result):
    """What was refused first, in short: the types or the variable."""
    for reason in result.get("reasons", []):
        types = re.findall(r"^([\w ]+) \([^)]*\): [^\n]*, refused$", reason, re.M)
        if types:
            return "refused for " + ", ".join(dict.fromkeys(types))
        found = re.search(r"assembly line \d+: ([^\n]*)", reason) or re.search(r"kpatch_gensrc: ([^\n]*)", reason)
        if found:
            return found.group(1)
    return "-"


def functions_of(result):
    names = result["functions"]
    if not names:
        return refusal_of(result) if result["verdict"] == "refused" else "-"
    return f"{len(names)}: " + ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def large_row(result):
    live = result["live"] or {}
    return [result["source"].split("=")[0], result["version"], " ".join(result["fix"]),
            result.get("options") or "-", verdict_of(result), functions_of(result),
            str(result["size"] or "-"), ", ".join(result["bound"]) or "-", fault_of(result), str(live.get("stop_us") or "-"),
            seconds(result, "plain"), seconds(result, "original"), seconds(result, "patched"), compiled(result),
            seconds(result, "verdicts"), f"{result['peak_kb'] / 1024:.0f}"]


def row(result):
    live = result["live"] or {}
    asked = f"{live['requests']} ({live['failures']} failed)" if live.get("requests") else "-"
    return [result["id"], f"{result['source'].split('=')[0]} {result['version']}",
            result.get("built_by", "kpatch_make deb"), verdict_of(result),
            functions_of(result), str(result["spared"] or "-"),
            str(result["size"] or "-"), ", ".join(result["bound"]) or "-", fault_of(result),
            str(live.get("stop_us") or "-"), asked,
            seconds(result, "plain"), seconds(result, "original"), seconds(result, "patched"),
            compiled(result)]


TABLES = {"real": (HEADS, row, ""), "large": (LARGE_HEADS, large_row, "large ")}


def markdown(results, heads, cells):
    lines = [heads, ["---"] * len(heads)] + [cells(r) for r in results]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def list_table(results, heads, cells):
    """For reStructuredText, where columns need not line up."""
    out = [".. list-table::", "   :header-rows: 1", ""]
    for line in [heads + ["date"]] + [cells(r) + [r["date"]] for r in results]:
        out += [("   * - " if i == 0 else "     - ") + cell for i, cell in enumerate(line)]
    return "\n".join(out) + "\n"


def read(pattern):
    return [json.load(open(path)) for path in sorted(glob.glob(pattern))]


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    name = sys.argv[1]
    heads, cells, mark = TABLES[name]
    if sys.argv[2] != "--docs":
        build = sys.argv[2]
        results = read(f"{build}/{name}.d/*.json")
        with open(f"{build}/{name}.json", "w") as file:
            json.dump(results, file, indent=2)
        with open(f"{build}/{name}.md", "w") as file:
            file.write(markdown(results, heads, cells))
        print(markdown(results, heads, cells))
        return
    begin, end = f".. {mark}table begins\n", f".. {mark}table ends\n"
    folders = here if name == "real" else f"{here}/{name}"
    text = open(sys.argv[3]).read()
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    table = list_table(read(f"{folders}/*/recorded.json"), heads, cells)
    with open(sys.argv[3], "w") as file:
        file.write(before + begin + "\n" + table + "\n" + end + after)


main()
