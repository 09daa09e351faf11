#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of results.

    table.py BUILD          BUILD/real.d/*.json -> BUILD/real.json, BUILD/real.md, printed
    table.py --docs FILE    FOLDER/recorded.json of each fix -> the table inside FILE, between
                            the comments `table begins` and `table ends`
"""
import glob
import json
import os
import sys

HEADS = ["fix", "source", "built by", "verdict", "functions", "spared", "bytes", "bound to what is shipped",
         "stop us", "requests", "plain s", "original s", "patched s"]


def seconds(value):
    return f"{value:.0f}" if isinstance(value, (int, float)) and value else "-"


def row(result):
    live = result["live"] or {}
    names = result["functions"]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    verdict = {"complete": "patched"}.get(result["verdict"], result["verdict"] or "?")
    if not result["as_expected"]:
        verdict += f" (NOT as expected: {result['expected']})"
    elif result.get("adaptation_lines"):
        verdict += f", {result['adaptation_lines']} lines adapted"
    asked = f"{live['requests']} ({live['failures']} failed)" if live.get("requests") else "-"
    time = result["seconds"]
    return [result["id"], f"{result['source'].split('=')[0]} {result['version']}",
            result.get("built_by", "kpatch_make deb"), verdict,
            f"{len(names)}: {shown}" if names else "-", str(result["spared"] or "-"),
            str(result["size"] or "-"), ", ".join(result["bound"]) or "-",
            str(live.get("stop_us") or "-"), asked,
            seconds(time.get("plain")), seconds(time.get("original")), seconds(time.get("patched"))]


def markdown(results):
    lines = [HEADS, ["---"] * len(HEADS)] + [row(r) for r in results]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def list_table(results):
    """For reStructuredText, where columns need not line up."""
    out = [".. list-table::", "   :header-rows: 1", ""]
    for line in [HEADS + ["date"]] + [row(r) + [r["date"]] for r in results]:
        out += [("   * - " if i == 0 else "     - ") + cell for i, cell in enumerate(line)]
    return "\n".join(out) + "\n"


def read(pattern):
    return [json.load(open(path)) for path in sorted(glob.glob(pattern))]


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    if sys.argv[1] != "--docs":
        build = sys.argv[1]
        results = read(f"{build}/real.d/*.json")
        with open(f"{build}/real.json", "w") as file:
            json.dump(results, file, indent=2)
        with open(f"{build}/real.md", "w") as file:
            file.write(markdown(results))
        print(markdown(results))
        return
    begin, end = ".. table begins\n", ".. table ends\n"
    text = open(sys.argv[2]).read()
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    with open(sys.argv[2], "w") as file:
        file.write(before + begin + "\n" + list_table(read(f"{here}/*/recorded.json")) + "\n" + end + after)


main()
