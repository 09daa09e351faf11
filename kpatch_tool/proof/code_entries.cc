// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_tool/proof/code_entries.h"

#include <algorithm>

#include "kpatch_tool/proof/reference.h"
#include "lib/x86/decoder.h"

namespace care::tool {

namespace {

std::vector<LinkRange> merged(std::vector<LinkRange> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const LinkRange &a, const LinkRange &b) { return a.begin < b.begin; });
  std::vector<LinkRange> out;
  for (const LinkRange &r : ranges) {
    if (!out.empty() && r.begin <= out.back().end)
      out.back().end = std::max(out.back().end, r.end);
    else
      out.push_back(r);
  }
  return out;
}

// Where functions begin in a section: instructions begin there for sure.
std::vector<uint64_t> function_offsets(const LinkedFile &file, const ElfSection &section) {
  std::vector<uint64_t> offsets;
  for (const ElfSymbol &s : file.symbols)
    if (s.section == section.index && (s.type == STT_FUNC || s.type == STT_GNU_IFUNC))
      offsets.push_back(s.value.value - section.addr.value);
  offsets.push_back(section.size);
  std::sort(offsets.begin(), offsets.end());
  return offsets;
}

bool is_absolute(uint32_t type) {
  return type == R_X86_64_64 || type == R_X86_64_32 || type == R_X86_64_32S;
}

} // namespace

CodeEntries::CodeEntries(const LinkedFile &file, std::vector<LinkRange> ranges)
    : ranges_(merged(std::move(ranges))) {
  for (const ElfSection &s : file.elf.sections()) {
    if (!s.alloc() || s.nobits() || is_patch_section(s) || is_synthetic(s))
      continue;
    if (s.flags & SHF_EXECINSTR)
      sweep(file, s);
    add_addresses(file, s);
  }
  std::sort(entries_.begin(), entries_.end(), [](const CodeEntry &a, const CodeEntry &b) {
    return std::tie(a.to, a.from) < std::tie(b.to, b.from);
  });
}

std::vector<CodeEntry> CodeEntries::into(LinkRange range) const {
  auto first =
      std::lower_bound(entries_.begin(), entries_.end(), range.begin,
                       [](const CodeEntry &entry, LinkAddr addr) { return entry.to < addr; });
  auto last = first;
  while (last != entries_.end() && last->to < range.end)
    ++last;
  return {first, last};
}

void CodeEntries::sweep(const LinkedFile &file, const ElfSection &section) {
  std::vector<uint64_t> functions = function_offsets(file, section);
  auto next_function = functions.begin();
  for (uint64_t at = 0; at < section.bytes.size();) {
    while (*next_function <= at)
      ++next_function; // the last one is the section's end
    std::optional<Instruction> instruction = decode(section.bytes.substr(at));
    uint64_t next = at + (instruction ? instruction->length : 1);
    if (!instruction || next > *next_function) { // data, or out of step
      at = std::min(next, *next_function);
      continue;
    }
    LinkAddr end = section.addr + next;
    if (instruction->relative_branch)
      add(end + static_cast<uint64_t>(instruction->branch_distance), section.addr + at,
          CodeEntry::Kind::branch);
    if (instruction->rip_operand)
      add(end + static_cast<uint64_t>(instruction->rip_distance), section.addr + at,
          CodeEntry::Kind::code_address);
    at = next;
  }
}

void CodeEntries::add_addresses(const LinkedFile &file, const ElfSection &section) {
  CodeEntry::Kind kind =
      section.flags & SHF_EXECINSTR ? CodeEntry::Kind::code_address : CodeEntry::Kind::data_address;
  for (const ElfRelocation &r : sorted_relocations(file, section)) {
    if (!is_absolute(r.type))
      continue;
    Reference ref = decode_reference(file, section, r);
    bool address = ref.kind == Reference::Kind::address && !ref.pc_relative;
    bool relative = ref.kind == Reference::Kind::dynamic && !ref.fill->symbol;
    if (address || relative)
      add(ref.base + static_cast<uint64_t>(ref.addend), ref.place, kind);
  }
}

void CodeEntries::add(LinkAddr to, LinkAddr from, CodeEntry::Kind kind) {
  auto after = std::upper_bound(ranges_.begin(), ranges_.end(), to,
                                [](LinkAddr a, const LinkRange &r) { return a < r.begin; });
  if (after != ranges_.begin() && std::prev(after)->contains(to))
    entries_.push_back({to, from, kind});
}

} // namespace care::tool
