// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/change_record.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "kpatch_cc/store_layout.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"

namespace care {

void record_change(const Store &store, const ChangeRecord &record) {
  std::string folder = fmt::format("{}/{}", store.folder(), kStoreChanges);
  std::filesystem::create_directories(folder);
  nlohmann::json json;
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
             json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
}

} // namespace care
