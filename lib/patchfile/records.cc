// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/patchfile/records.h"

#include <algorithm>
#include <cstring>

#include "lib/x86/patch_site.h"

namespace care {

namespace {

std::string text_at(const ElfFile &elf, const ElfSection &strings, uint64_t offset) {
  size_t end =
      offset < strings.bytes.size() ? strings.bytes.find('\0', offset) : std::string_view::npos;
  if (end == std::string_view::npos)
    throw elf.bad(".kpatch.strtab: no string at {}", offset);
  return std::string(strings.bytes.substr(offset, end - offset));
}

bool in_text(const PatchFile &patch, uint64_t offset, uint64_t size) {
  const ImageSection *section = find_section(patch, offset, size);
  return size > 0 && section && section->group == Group::text;
}

void check_changed(const ElfFile &elf, const PatchFile &patch, const PatchFunction &f) {
  if (!f.original || f.original_size == 0 || f.original.value + f.original_size < f.original.value)
    throw elf.bad("function {}: impossible original {} + {}", f.name, f.original, f.original_size);
  uint64_t site = f.site.value - f.original.value;
  if (f.site < f.original || !in_bounds(site, f.site_size(), f.original_size))
    throw elf.bad("function {}: patch site {} lies outside it", f.name, f.site);
  if (f.pad && !in_short_reach(f.site.value, f.pad.value))
    throw elf.bad("function {}: its pad at {} is out of reach", f.name, f.pad);
  if (f.original_cold_size > 0 &&
      (!f.original_cold || f.original_cold.value + f.original_cold_size < f.original_cold.value))
    throw elf.bad("function {}: impossible cold part {} + {}", f.name, f.original_cold,
                  f.original_cold_size);
  if (!in_text(patch, f.replacement, f.replacement_size))
    throw elf.bad("function {}: its replacement is not in the patch's code", f.name);
}

void check_function(const ElfFile &elf, const PatchFile &patch, const PatchFunction &f) {
  switch (f.kind) {
  case RecordKind::changed_function:
    check_changed(elf, patch, f);
    break;
  case RecordKind::new_function:
    if (!in_text(patch, f.replacement, f.replacement_size))
      throw elf.bad("new function {}: not in the patch's code", f.name);
    break;
  case RecordKind::new_data:
    if (!find_section(patch, f.replacement, f.replacement_size))
      throw elf.bad("new data {}: not in the patch", f.name);
    break;
  case RecordKind::new_tls:
    if (!in_bounds(f.replacement, f.replacement_size, patch.tls.bytes.size()))
      throw elf.bad("new thread-local variable {}: not in the patch", f.name);
    break;
  default:
    throw elf.bad("{}: unknown kind {}", f.name, static_cast<uint32_t>(f.kind));
  }
  if (f.replacement_cold_size > 0 && !in_text(patch, f.replacement_cold, f.replacement_cold_size))
    throw elf.bad("function {}: its cold part is not in the patch's code", f.name);
}

PatchFunction function_of(const ElfFile &elf, const ElfSection &strings, const InfoRecord &record) {
  PatchFunction f;
  f.kind = static_cast<RecordKind>(record.kind);
  f.name = text_at(elf, strings, record.name);
  f.reason = text_at(elf, strings, record.reason);
  f.source = text_at(elf, strings, record.source);
  f.original = LinkAddr(record.original);
  f.original_size = record.original_size;
  f.original_cold = LinkAddr(record.original_cold);
  f.original_cold_size = record.original_cold_size;
  f.site = LinkAddr(record.site);
  f.pad = LinkAddr(record.pad);
  std::copy_n(record.pad_bytes, kJumpSize, f.pad_bytes.begin());
  f.replacement = record.replacement;
  f.replacement_size = record.replacement_size;
  f.replacement_cold = record.replacement_cold;
  f.replacement_cold_size = record.replacement_cold_size;
  std::memcpy(f.digest.data(), record.digest, kDigestSize);
  std::memcpy(f.cold_digest.data(), record.cold_digest, kDigestSize);
  f.flags = record.flags;
  if (record.flags != 0 || record.zero != 0)
    throw elf.bad("{}: unknown flags {:#x}", f.name, record.flags);
  return f;
}

// Two jumps over each other's bytes could be written but never taken back.
void check_disjoint(const ElfFile &elf, const PatchFile &patch) {
  std::vector<std::pair<LinkRange, const PatchFunction *>> ranges;
  for (const PatchFunction &f : patch.functions) {
    if (!f.changes_code())
      continue;
    ranges.push_back({{f.original, f.original + f.original_size}, &f});
    if (f.pad)
      ranges.push_back({{f.pad, f.pad + kJumpSize}, &f});
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const auto &a, const auto &b) { return a.first.begin < b.first.begin; });
  for (size_t i = 1; i < ranges.size(); i++)
    if (ranges[i].first.begin < ranges[i - 1].first.end)
      throw elf.bad("functions {} and {} overlap", ranges[i - 1].second->name,
                    ranges[i].second->name);
}

void read_functions(const ElfFile &elf, const ElfSection &strings, PatchFile &patch) {
  const ElfSection &info = elf.require(".kpatch.info");
  if (info.bytes.size() < sizeof(InfoHeader))
    throw elf.bad(".kpatch.info is cut off");
  auto header = load_at<InfoHeader>(info.bytes, 0);
  if (std::memcmp(header.magic, kInfoMagic, sizeof kInfoMagic) != 0)
    throw elf.bad(".kpatch.info has a wrong magic number");
  if (header.record_size != sizeof(InfoRecord))
    throw elf.bad(".kpatch.info has records of {} bytes instead of {}", header.record_size,
                  sizeof(InfoRecord));
  if (info.bytes.size() - sizeof header != uint64_t{header.count} * sizeof(InfoRecord))
    throw elf.bad(".kpatch.info has {} bytes, not {} records", info.bytes.size(), header.count);
  for (uint32_t i = 0; i < header.count; i++) {
    auto record = load_at<InfoRecord>(info.bytes, sizeof header + uint64_t{i} * sizeof(InfoRecord));
    patch.functions.push_back(function_of(elf, strings, record));
    check_function(elf, patch, patch.functions.back());
  }
  check_disjoint(elf, patch);
}

void read_unsafe(const ElfFile &elf, const ElfSection &strings, PatchFile &patch) {
  const ElfSection *section = elf.find(".kpatch.unsafe");
  if (!section)
    return;
  if (section->bytes.size() % sizeof(UnsafeRecord) != 0)
    throw elf.bad(".kpatch.unsafe is cut off");
  for (uint64_t at = 0; at < section->bytes.size(); at += sizeof(UnsafeRecord)) {
    auto record = load_at<UnsafeRecord>(section->bytes, at);
    UnsafeFunction f{text_at(elf, strings, record.name), LinkAddr(record.address), record.size};
    if (record.zero != 0 || record.size == 0 || record.address + record.size < record.address)
      throw elf.bad("unsafe function {}: impossible place {} + {}", f.name, f.address, f.size);
    patch.unsafe.push_back(std::move(f));
  }
}

void check_hook(const ElfFile &elf, const PatchFile &patch, const PatchHook &hook) {
  switch (hook.kind) {
  case MarkKind::pre_apply:
  case MarkKind::post_apply:
  case MarkKind::pre_undo:
  case MarkKind::post_undo:
    if (!in_text(patch, hook.place, 1))
      throw elf.bad("hook {}: not in the patch's code", hook.name);
    return;
  case MarkKind::shadow_table: {
    const ImageSection *section = find_section(patch, hook.place, kShadowTableSize);
    if (!section || section->group != Group::data || hook.place % 8 != 0)
      throw elf.bad("{}: not in the patch's data", hook.name);
    if (std::any_of(patch.hooks.begin(), patch.hooks.end(),
                    [](const PatchHook &h) { return h.kind == MarkKind::shadow_table; }))
      throw elf.bad("{}: a second shadow table", hook.name);
    return;
  }
  default:
    throw elf.bad("hook {}: unknown kind {}", hook.name, static_cast<uint32_t>(hook.kind));
  }
}

void read_hooks(const ElfFile &elf, const ElfSection &strings, PatchFile &patch) {
  const ElfSection *section = elf.find(".kpatch.hooks");
  if (!section)
    return;
  if (section->bytes.size() % sizeof(HookRecord) != 0)
    throw elf.bad(".kpatch.hooks is cut off");
  for (uint64_t at = 0; at < section->bytes.size(); at += sizeof(HookRecord)) {
    auto record = load_at<HookRecord>(section->bytes, at);
    PatchHook hook{static_cast<MarkKind>(record.kind), text_at(elf, strings, record.name),
                   record.place};
    check_hook(elf, patch, hook);
    patch.hooks.push_back(std::move(hook));
  }
}

} // namespace

void read_records(const ElfFile &elf, PatchFile &patch) {
  const ElfSection &strings = elf.require(".kpatch.strtab");
  read_functions(elf, strings, patch);
  read_unsafe(elf, strings, patch);
  read_hooks(elf, strings, patch);
}

} // namespace care
