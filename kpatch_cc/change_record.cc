// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/change_record.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/json/json.h"
#include "lib/store/store_layout.h"

namespace care::cc {

namespace {

constexpr std::array<const char *, 3> kChanges = {"changed", "new_functions", "new_data"};

} // namespace

std::string refusal_section(std::string_view why) {
  std::string escaped;
  for (unsigned char c : why) {
    bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
    escaped += plain ? std::string(1, static_cast<char>(c)) : fmt::format("\\{:03o}", c);
  }
  // Kept by --gc-sections (R), and not loaded.
  return fmt::format("\t.section\t{},\"R\",@progbits\n\t.string\t\"{}\"\n", kRefusedSection,
                     escaped);
}

bool says_nothing_changed(const std::string &report) {
  Json json = Json::parse(read_file(report));
  return std::all_of(kChanges.begin(), kChanges.end(),
                     [&](const char *name) { return json.contains(name) && json[name].empty(); });
}

void record_change(const Store &store, const ChangeRecord &record) {
  std::string folder = fmt::format("{}/{}", store.folder(), kStoreChanges);
  std::filesystem::create_directories(folder);
  Json json;
  json[kChangeObject] = record.object;
  json[kChangeSource] = record.source;
  // `as` runs where the compiler runs: relative source names begin here.
  json[kChangeDirectory] = std::filesystem::current_path().string();
  json[kChangeReport] = record.report;
  json[kChangeRefused] = record.refused;
  json[kChangeOriginalTypes] = record.types.original;
  json[kChangePatchedTypes] = record.types.patched;
  json[kChangeAccepted] = record.types.accepted;
  write_file(fmt::format("{}/{}.json", folder, content_name(record.object + record.report)),
             json.sorted_text(1));
}

} // namespace care::cc
