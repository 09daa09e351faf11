// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_tool/make/build_patch.h"

#include "kpatch_tool/make/bind_references.h"
#include "kpatch_tool/make/function_records.h"
#include "kpatch_tool/make/hooks_and_unsafe.h"
#include "kpatch_tool/make/patch_unwind_tables.h"

namespace care::tool {

namespace {

// Each object of the link has one number in .kpatch.spared.
uint32_t spared_functions(const LinkPair &pair) {
  uint32_t total = 0;
  if (const ElfSection *section = pair.instrumented.elf.find(".kpatch.spared"))
    for (size_t at = 0; at + sizeof(uint32_t) <= section->bytes.size(); at += sizeof(uint32_t))
      total += load_at<uint32_t>(section->bytes, at);
  return total;
}

} // namespace

PatchFile build_patch(const LinkPair &pair, PatchMetadata metadata,
                      std::vector<std::string> *left_out) {
  PatchFile patch;
  patch.metadata = std::move(metadata);
  patch.metadata.build_id = pair.target.elf.build_id();
  if (patch.metadata.build_id.empty())
    throw error(ExitCode::does_not_fit, "{}: no build-id", pair.target.elf.path())
        .with_hint("link it with -Wl,--build-id");
  patch.metadata.spared = spared_functions(pair);
  patch.functions = read_function_records(pair, left_out);

  Draft draft;
  Relocator relocator(pair, draft);
  relocator.add_sections();
  relocator.add_relocations();
  add_unwind_tables(pair, relocator, draft);
  SectionOffsets offsets = finish(draft, patch);

  auto image_offset = [&](uint64_t link_address) {
    DraftPlace place = relocator.inside(LinkAddr(link_address));
    return offsets[place.section] + place.offset;
  };
  for (PatchFunction &f : patch.functions) {
    if (f.kind == RecordKind::new_tls) {
      f.replacement = relocator.tls_offset(LinkAddr(f.replacement));
      continue;
    }
    f.replacement = image_offset(f.replacement);
    if (f.replacement_cold_size > 0)
      f.replacement_cold = image_offset(f.replacement_cold);
  }
  add_marks(pair, image_offset, patch);
  return patch;
}

} // namespace care::tool
