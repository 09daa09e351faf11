// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/layout/call_graph.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "lib/elf/dynamic.h"
#include "lib/elf/elf_file.h"
#include "lib/x86/decoder.h"
#include "lib/x86/plt.h"

namespace care {

namespace {

struct Code {
  uint64_t begin = 0, end = 0;
  std::string name;
};

class Reader {
 public:
  Reader(const std::string &path, const EntryNames &entries) : elf_(path), entries_(entries) {}
  CallGraph read();

 private:
  void read_functions();
  void read_relocations();
  void read_code(const Code &code);
  const Code *around(uint64_t address) const;
  const Code *at(uint64_t address) const {
    const Code *code = around(address);
    return code && code->begin == address ? code : nullptr;
  }
  const Code *through_stub(uint64_t address) const;
  void lead(const Code &from, uint64_t address, bool branch);

  bool is_entry(std::string_view name) const {
    return !entries_ || entries_->count(std::string(name)) != 0;
  }

  ElfFile elf_;
  const EntryNames &entries_;
  CallGraph graph_;
  std::vector<Code> codes_;                // ascending
  std::map<uint64_t, const Code *> slots_; // of the GOT, to functions of this file
};

void Reader::read_functions() {
  const ElfSection *table = elf_.find(".symtab");
  if (!table)
    return;
  for (const ElfSymbol &symbol : elf_.symbols(*table)) {
    bool function = symbol.type == STT_FUNC || symbol.type == STT_GNU_IFUNC;
    if (function && symbol.defined() && symbol.size > 0)
      codes_.push_back(
          {symbol.value.value, symbol.value.value + symbol.size, std::string(symbol.name)});
    else if (symbol.name == "_start" && symbol.defined())
      codes_.push_back({symbol.value.value, symbol.value.value + 64, "_start"});
  }
  std::stable_sort(codes_.begin(), codes_.end(),
                   [](const Code &a, const Code &b) { return a.begin < b.begin; });
  // Aliases: one name stands for all.
  codes_.erase(std::unique(codes_.begin(), codes_.end(),
                           [](const Code &a, const Code &b) { return a.begin == b.begin; }),
               codes_.end());
}

const Code *Reader::around(uint64_t address) const {
  auto next = std::upper_bound(codes_.begin(), codes_.end(), address,
                               [](uint64_t a, const Code &code) { return a < code.begin; });
  if (next == codes_.begin())
    return nullptr;
  const Code &code = *std::prev(next);
  return address < code.end ? &code : nullptr;
}

bool is_got(std::string_view name) {
  return name.starts_with(".got");
}

void Reader::read_relocations() {
  DynamicTables dynamic(elf_);
  for (const DynamicSymbol &symbol : dynamic.symbols())
    if (const Code *code = symbol.symbol.defined() && is_entry(symbol.symbol.name)
                               ? at(symbol.symbol.value.value)
                               : nullptr) {
      graph_.roots.insert(code->name);
      graph_.exported.insert(code->name);
    }
  for (const auto &[address, relocation] : dynamic.relocations()) {
    uint64_t target = static_cast<uint64_t>(relocation.addend);
    if (relocation.symbol && relocation.symbol->symbol.defined())
      target += relocation.symbol->symbol.value.value;
    const Code *code = at(target);
    const ElfSection *place = elf_.at(address);
    if (!code || !place)
      continue;
    if (is_got(place->name))
      slots_[address.value] = code;
    else
      graph_.roots.insert(code->name);
  }
}

const Code *Reader::through_stub(uint64_t address) const {
  const ElfSection *section = elf_.at(LinkAddr(address));
  if (!section || !section->name.starts_with(".plt"))
    return nullptr;
  uint64_t offset = address - section->addr.value;
  std::optional<uint64_t> slot = plt_slot(section->bytes.substr(offset), address);
  auto found = slot ? slots_.find(*slot) : slots_.end();
  return found == slots_.end() ? nullptr : found->second;
}

void Reader::lead(const Code &from, uint64_t address, bool branch) {
  const Code *to = branch ? around(address) : at(address);
  if (!to && branch)
    to = through_stub(address);
  if (to && to != &from)
    graph_.calls[from.name].insert(to->name);
  if (auto slot = slots_.find(address); !branch && slot != slots_.end())
    graph_.calls[from.name].insert(slot->second->name);
}

void Reader::read_code(const Code &code) {
  const ElfSection *section = elf_.at(LinkAddr(code.begin));
  if (!section || section->nobits() || !(section->flags & SHF_EXECINSTR))
    return;
  uint64_t end = std::min(code.end, section->addr.value + section->size);
  for (uint64_t address = code.begin; address < end;) {
    auto instruction = decode(section->bytes.substr(address - section->addr.value));
    if (!instruction) {
      address++;
      continue;
    }
    address += instruction->length;
    if (instruction->relative_branch)
      lead(code, address + static_cast<uint64_t>(instruction->branch_distance), true);
    if (instruction->rip_operand)
      lead(code, address + static_cast<uint64_t>(instruction->rip_distance), false);
  }
}

CallGraph Reader::read() {
  read_functions();
  if (elf_.type() != ET_DYN || codes_.empty())
    return {};
  read_relocations();
  for (const Code &code : codes_) {
    read_code(code);
    if (code.name == "_start")
      graph_.roots.insert(code.name);
  }
  graph_.known = true;
  return std::move(graph_);
}

} // namespace

CallGraph read_call_graph(const std::string &path, const EntryNames &entries) {
  return Reader(path, entries).read();
}

std::set<std::string> reachable(const CallGraph &graph, const std::set<std::string> &from,
                                const std::set<std::string> &closed) {
  std::set<std::string> seen;
  std::deque<std::string> queue;
  for (const std::string &name : from)
    if (!closed.count(name) && seen.insert(name).second)
      queue.push_back(name);
  while (!queue.empty()) {
    std::string name = queue.front();
    queue.pop_front();
    auto found = graph.calls.find(name);
    if (found == graph.calls.end())
      continue;
    for (const std::string &next : found->second)
      if (!closed.count(next) && seen.insert(next).second)
        queue.push_back(next);
  }
  return seen;
}

} // namespace care
