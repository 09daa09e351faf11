# SPDX-License-Identifier: GPL-2.0-or-later
# check.py PAGE JSON: the page is well-formed and shows what the JSON says, every
# name escaped; nothing is loaded from elsewhere.
import html.parser
import json
import sys

VOID = {"meta", "col", "br"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links = [], set(), []
        self.text, self.tags = "", {}

    def handle_starttag(self, tag, attributes):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            assert name not in ("src", "action", "srcset") and not name.startswith("on"), name
            if name == "href":
                self.links.append(value)
            if name == "id":
                assert value not in self.ids, value
                self.ids.add(value)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data


page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
page.close()
facts = json.load(open(sys.argv[2]))
assert page.open == [], page.open
assert page.tags["script"] == 1 and page.tags["style"] == 1, page.tags
for link in page.links:
    assert link.startswith("#") and link[1:] in page.ids, link
for unit in facts["units"]:
    assert unit["object"] in page.text and unit["reason"] in page.text, unit["object"]
for thing in facts["objects"]:
    assert thing["object"] in page.text and thing["verdict"] in page.text
    for function in thing["functions"]:
        for value in (function["name"], function["readable"], function["reason"]):
            assert value in page.text, value
        for listing in function.get("listings", []):
            for row in listing["rows"]:
                for side in ("original", "patched"):
                    assert row.get(side, {}).get("text", "") in page.text, row
        for excerpt in function.get("excerpts", []):
            for row in excerpt["rows"]:
                assert row["text"] in page.text, row
for fix in facts["fixes"]:
    for row in fix["rows"]:
        assert row["text"] in page.text, row
assert facts["failure"] in page.text
