// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/fuzz/targets.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "kpatch_gensrc/generate.h"
#include "kpatch_tool/show/show.h"
#include "lib/base/error.h"
#include "lib/patchfile/patch_reader.h"
#include "lib/patchfile/patch_writer.h"
#include "lib/target/region.h"

namespace care {

namespace {

void require(bool kept, const char *promise) {
  if (kept)
    return;
  fmt::print(stderr, "broken promise: {}\n", promise);
  abort();
}

// `text` without the line in its middle.
std::string less_a_line(std::string_view text) {
  size_t begin = text.rfind('\n', text.size() / 2);
  size_t end = begin == std::string_view::npos ? begin : text.find('\n', begin + 1);
  if (end == std::string_view::npos)
    return {};
  return std::string(text.substr(0, begin)) + std::string(text.substr(end));
}

} // namespace

void fuzz_assembly(std::string_view bytes) {
  size_t cut = bytes.find(kAssemblySeparator);
  std::string original(bytes.substr(0, cut));
  std::string patched = cut == std::string_view::npos
                            ? less_a_line(original)
                            : std::string(bytes.substr(cut + kAssemblySeparator.size()));
  try {
    gensrc::generate("original.s", original, "patched.s", patched);
  } catch (const Error &) {
  }
  try {
    gensrc::Generated same =
        gensrc::generate("original.s", original, "patched.s", "\n\n" + original);
    require(same.report.nothing() && same.appended.empty(), "a text is equal to itself");
  } catch (const Error &) {
  }
}

void fuzz_patchfile(std::string_view bytes) {
  PatchFile patch;
  try {
    patch = parse_patch_file(bytes, "fuzz.kpatch");
  } catch (const Error &) {
    return;
  }
  tool::describe_patch(patch);
  tool::describe_patch_as_json(patch);
  std::string written;
  try {
    written = patch_file_bytes(patch);
  } catch (const Error &) {
    return;
  }
  try {
    parse_patch_file(written, "written.kpatch");
  } catch (const Error &e) {
    fmt::print(stderr, "{}\n", e.message());
    require(false, "a written patch can be read");
  }
}

void fuzz_region(std::string_view bytes) {
  uint64_t self = 0;
  constexpr size_t kSelfOffset = kRegionStateOffset + sizeof(uint32_t);
  if (bytes.size() >= kSelfOffset + sizeof self)
    memcpy(&self, bytes.data() + kSelfOffset, sizeof self);
  std::optional<Region> region = decode_region(RemoteAddr(self), bytes);
  if (!region)
    return;
  std::string encoded;
  try {
    encoded = encode_region(*region);
  } catch (const Error &) {
    return; // texts that overlapped do not fit side by side
  }
  std::optional<Region> again = decode_region(region->self, encoded);
  require(again && again->hunks.size() == region->hunks.size() &&
              again->description == region->description && again->build_id == region->build_id,
          "an encoded region decodes to the same");
}

} // namespace care
