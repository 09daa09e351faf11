// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/layout/verdict.h"

#include <algorithm>

#include "lib/base/error.h"

namespace care {

std::string_view verdict_word(LayoutVerdict verdict) {
  constexpr std::string_view kWords[] = {"harmless", "stack",    "replaced",
                                         "passing",  "accepted", "refused"};
  return kWords[static_cast<size_t>(verdict)];
}

bool LayoutReport::refused() const {
  return std::any_of(findings.begin(), findings.end(), [](const TypeFinding &finding) {
    return finding.verdict == LayoutVerdict::refused;
  });
}

void accept_layout(Acceptances &accepted, const std::string &text) {
  // C++ names have "::" in them.
  size_t colon = text.find(": ");
  size_t reason = colon == std::string::npos ? colon : text.find_first_not_of(' ', colon + 1);
  if (colon == 0 || reason == std::string::npos)
    throw error(ExitCode::usage, "'{}': a type and a reason are needed", text)
        .with_hint("--accept-layout 'struct NAME: why no object of the old layout matters'");
  accepted[text.substr(0, colon)] = text.substr(reason);
}

} // namespace care
