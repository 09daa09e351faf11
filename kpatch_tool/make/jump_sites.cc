// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_tool/make/jump_sites.h"

#include <algorithm>
#include <set>

#include "kpatch_tool/make/paddings.h"
#include "lib/x86/decoder.h"
#include "lib/x86/patch_site.h"

namespace care::tool {

namespace {

// The reach of a short jump with a piece of padding.
constexpr uint64_t kNear = 160;

// A changed function with its places in the instrumented link.
struct Candidate {
  PatchFunction *function = nullptr;
  LinkRange code;
  LinkRange cold;
  bool endbr = false;
  bool placed = false;
  bool left_out = false;
};

class SiteChoice {
 public:
  SiteChoice(const LinkPair &pair, std::vector<Candidate> &candidates)
      : file_(pair.instrumented), candidates_(candidates), entries_(file_, ranges_of(candidates)),
        paddings_(file_, entries_) {}

  void run(std::vector<std::string> *left_out) {
    // The function's own room comes first, then the padding behind it. Other functions may
    // use the rest of that padding for pads.
    for (Candidate &c : candidates_)
      c.placed = own_bytes(c, c.endbr ? kEndbr64.size() : 0);
    for (Candidate &c : candidates_)
      or_leave_out(c, left_out, [&] { place(c); });
    for (Candidate &c : candidates_)
      or_leave_out(c, left_out, [&] { check_entries(c); });
  }

 private:
  static std::vector<LinkRange> ranges_of(const std::vector<Candidate> &candidates) {
    std::vector<LinkRange> ranges;
    for (const Candidate &c : candidates)
      ranges.push_back({c.code.begin - kNear, c.code.end + kNear});
    return ranges;
  }

  template<typename Step>
  static void or_leave_out(Candidate &c, std::vector<std::string> *left_out, Step step) {
    try {
      if (!c.left_out)
        step();
    } catch (const Error &e) {
      if (left_out == nullptr)
        throw;
      left_out->push_back(fmt::format("{}: {}", c.function->name, e.message()));
      c.left_out = true;
    }
  }

  void place(Candidate &c) {
    if (c.endbr && !c.placed)
      c.placed = with_pad(c, kEndbr64.size()) || own_bytes(c, 0);
    if (!c.placed && !with_pad(c, 0))
      throw no_room(c);
    keep_window_clear(c);
  }

  // The long jump at `offset`, over the function and the padding behind it.
  bool own_bytes(Candidate &c, uint64_t offset) {
    uint64_t needed = offset + kLongJump;
    uint64_t size = c.code.size();
    if (size < needed) {
      if (size <= offset || size + paddings_.behind(c.code.end) < needed)
        return false;
      paddings_.claim({c.code.end, c.code.begin + needed});
      c.function->original_size = needed;
      c.code.end = c.code.begin + needed;
    }
    c.function->site = c.function->original + offset;
    return true;
  }

  // The short jump at `offset`, and a pad.
  bool with_pad(Candidate &c, uint64_t offset) {
    if (c.code.size() < offset + kShortJump)
      return false;
    LinkAddr site = c.code.begin + offset;
    for (const LinkRange &free : paddings_.in({site - kNear, site + kNear})) {
      std::optional<uint64_t> at =
          find_pad(file_.elf.read(free.begin, free.size()), free.begin.value, site.value);
      if (!at)
        continue;
      LinkAddr pad = free.begin + *at;
      paddings_.claim({pad, pad + kLongJump});
      c.function->site = c.function->original + offset;
      c.function->pad = c.function->original + static_cast<uint64_t>(pad - c.code.begin);
      return true;
    }
    return false;
  }

  // Only a thread that the doctor cannot see in the function (one that resumes a coroutine)
  // would run a loop back into the bytes of the long jump. Where a pad is near, that loop
  // stays whole.
  void keep_window_clear(Candidate &c) {
    if (c.function->pad)
      return;
    uint64_t site = static_cast<uint64_t>(c.function->site - c.function->original);
    LinkAddr begin = c.code.begin + site;
    if (!entries_.into({begin + 1, begin + kLongJump}).empty() &&
        entries_.into({begin + 1, begin + kShortJump}).empty())
      with_pad(c, site);
  }

  void check_entries(const Candidate &c) const {
    const PatchFunction &f = *c.function;
    LinkAddr site = c.code.begin + static_cast<uint64_t>(f.site - f.original);
    LinkRange window{site + 1, site + (f.pad ? kShortJump : kLongJump)};
    for (const CodeEntry &entry : entries_.into({c.code.begin + 1, c.code.end})) {
      bool own = c.code.contains(entry.from) || c.cold.contains(entry.from);
      bool table = entry.kind == CodeEntry::Kind::data_address && !window.contains(entry.to);
      if (!own && !table && entry.to != site)
        throw entered(c, entry);
    }
    for (const ElfSymbol &s : file_.symbols)
      if (s.binding != STB_LOCAL && s.defined() && s.value > c.code.begin && s.value < c.code.end &&
          s.value != site && s.section < SHN_LORESERVE)
        throw error(ExitCode::unsupported,
                    "{}: function {} has a second entry, {} at {}+{:#x}: the old code stays in "
                    "reach through it",
                    file_.elf.path(), f.name, s.name, f.name, s.value.value - c.code.begin.value);
  }

  Error entered(const Candidate &c, const CodeEntry &entry) const {
    const PatchFunction &f = *c.function;
    std::string from = file_.describe(entry.from);
    std::string what = entry.kind == CodeEntry::Kind::data_address ? "data at " + from
                       : entry.kind == CodeEntry::Kind::branch
                           ? fmt::format("{} at {}", text_at(entry.from), from)
                           : "the address taken at " + from;
    return error(ExitCode::unsupported,
                 "{}: function {} is also entered in the middle, at {}+{:#x}, from outside: {}",
                 file_.elf.path(), f.name, f.name, entry.to.value - c.code.begin.value, what)
        .with_hint("the old code would stay in reach, or half a jump be run: change whoever "
                   "enters it there instead");
  }

  std::string text_at(LinkAddr addr) const {
    const ElfSection &section = *file_.elf.at(addr);
    return instruction_text(section.bytes.substr(addr.value - section.addr.value), addr.value);
  }

  Error no_room(const Candidate &c) const {
    return error(ExitCode::unsupported,
                 "{}: function {} has {} byte{}: no room for a jump of {}, and no padding within "
                 "reach that could hold one",
                 file_.elf.path(), c.function->name, c.code.size(), c.code.size() == 1 ? "" : "s",
                 kLongJump)
        .with_hint("change its callers instead, so that they call a new function (functions "
                   "packed by -Os have no padding between them)");
  }

  const LinkedFile &file_;
  std::vector<Candidate> &candidates_;
  CodeEntries entries_;
  Paddings paddings_;
};

// The range of the instrumented link that became [addr, addr + size) of the target.
LinkRange in_instrumented(const LinkPair &pair, LinkAddr addr, uint64_t size) {
  const ElfSection *theirs = pair.target.elf.at(addr);
  const ElfSection *ours = theirs ? pair.instrumented.elf.find(theirs->name) : nullptr;
  if (!ours)
    throw pair.instrumented.elf.bad("no section for {} of {}", addr, pair.target.elf.path());
  LinkAddr begin = ours->addr + (addr.value - theirs->addr.value);
  return {begin, begin + size};
}

std::string_view target_bytes(const LinkPair &pair, LinkAddr addr, uint64_t size) {
  return pair.target.elf.read(addr, size);
}

} // namespace

void choose_jump_sites(const LinkPair &pair, std::vector<PatchFunction> &functions,
                       std::vector<std::string> *left_out) {
  std::vector<Candidate> candidates;
  for (PatchFunction &f : functions) {
    if (!f.changes_code())
      continue;
    Candidate c{&f, in_instrumented(pair, f.original, f.original_size), {}, false, false};
    if (f.original_cold_size > 0)
      c.cold = in_instrumented(pair, f.original_cold, f.original_cold_size);
    c.endbr = starts_with_endbr(target_bytes(pair, f.original, f.original_size));
    candidates.push_back(c);
  }
  SiteChoice(pair, candidates).run(left_out);
  std::set<const PatchFunction *> without_site;
  for (const Candidate &c : candidates) {
    PatchFunction &f = *c.function;
    if (c.left_out) {
      without_site.insert(&f);
      continue;
    }
    f.digest = digest_of(target_bytes(pair, f.original, f.original_size));
    if (f.original_cold_size > 0)
      f.cold_digest = digest_of(target_bytes(pair, f.original_cold, f.original_cold_size));
    if (f.pad) {
      std::string_view bytes = target_bytes(pair, f.pad, kLongJump);
      std::copy(bytes.begin(), bytes.end(), f.pad_bytes.begin());
    }
  }
  std::erase_if(functions, [&](const PatchFunction &f) { return without_site.count(&f) != 0; });
}

} // namespace care::tool
