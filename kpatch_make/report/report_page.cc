// SPDX-License-Identifier: GPL-2.0-or-later
//
// The page is report.html filled with the facts. The file is part of the program, so
// that there is nothing to find at run time.
#include "kpatch_make/report/page_template.h"
#include "kpatch_make/report/report_facts.h"
#include "lib/json/json.h"

// Paths of .incbin begin in the folder where the compiler runs: the root of the tree.
asm(".pushsection .rodata, \"a\", @progbits\n"
    "report_html_begin: .incbin \"kpatch_make/report/report.html\"\n"
    "report_html_end: .byte 0\n"
    ".popsection\n");

extern "C" const char report_html_begin[];
extern "C" const char report_html_end[];

namespace care::make {

std::string report_page(const Json &facts) {
  return fill_template(std::string_view(report_html_begin, report_html_end - report_html_begin),
                       facts);
}

} // namespace care::make
