// SPDX-License-Identifier: GPL-2.0-or-later
//
// The report as JSON: what --json prints and kpatch_make's report is made of.
#pragma once

#include <string>

#include "kpatch_gensrc/report/report.h"

namespace care::gensrc {

// Bytes that are no UTF-8 become replacement characters. Listings are written
// where the report has them.
std::string report_json(const Report &report);

} // namespace care::gensrc
