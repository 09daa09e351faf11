# SPDX-License-Identifier: GPL-2.0-or-later
# The report of kpatch_make: every fact of it is in the page, whatever its names hold.

report_project() {
  real_tools
  cp -r "$here/report" p
  rm p/*.patch p/check.py
}
report_facts() { python3 -c "
import json
facts = json.load(open('facts.json'))
$1"; }

test_report() {
  report_project
  kpatch_make --report page.html --json facts.json -p "$here/report/fix.patch" -C p -o bundle -- make
  python3 "$here/report/check.py" page.html facts.json
  report_facts '
(thing,) = [o for o in facts["objects"] if o["verdict"] == "patched"]
assert thing["proof"]["sections"] > 0
names = sorted(f["readable"].split(" [")[0] for f in thing["functions"])
assert len(names) == 4 and names[1] == "Odd::operator<(Odd const&) const", names
for f in thing["functions"]:
    assert f["excerpts"] and f["listings"], f["name"]
    marks = [row["mark"] for row in f["excerpts"][0]["rows"]]
    assert "add" in marks and "del" in marks
    assert any(row["mark"] == "diff" for row in f["listings"][0]["rows"])
area = [f for f in thing["functions"] if "area" in f["readable"]][0]
assert area["excerpts"][0]["file"] == "shape.h"
(other,) = [o for o in facts["objects"] if o["verdict"] == "unchanged"]
assert other["object"] == "other" and "byte-identical" in other["reason"], other'
  grep -q '&lt;/script&gt;&lt;b&gt;' page.html
}

test_report_without_line_numbers() {
  report_project
  kpatch_make --report page.html --json facts.json -p "$here/report/fix.patch" -C p -o bundle -- \
    make FLAGS=-O1
  python3 "$here/report/check.py" page.html facts.json
  report_facts '
for f in facts["objects"][0]["functions"]:
    assert "without line numbers" in f["excerpts"][0]["note"]'
}

test_report_of_a_refusal() {
  report_project
  local status=0
  kpatch_make --report page.html --json -p "$here/report/refused.patch" -C p -o bundle -- \
    make >facts.json || status=$?
  [ $status != 0 ]
  [ ! -e bundle ]
  python3 "$here/report/check.py" page.html facts.json
  report_facts '
(unit,) = facts["units"]
assert unit["verdict"] == "refused" and "limit" in unit["reason"], unit
assert "limit" in facts["failure"]'
}

test_report_of_a_refused_link() {
  report_project
  unset KPATCH_GENSRC
  export KPATCH_TOOL=$here/fake/kpatch_tool FAKE_REFUSE=prog
  local status=0
  kpatch_make --report page.html --json=facts.json -p "$here/report/fix.patch" -C p -o bundle -- \
    make || status=$?
  [ $status = 9 ]
  python3 "$here/report/check.py" page.html facts.json
  report_facts '
(thing,) = [o for o in facts["objects"] if o["verdict"] != "unchanged"]
assert thing["verdict"] == "refused" and "layout proof" in thing["reason"], thing'
}
