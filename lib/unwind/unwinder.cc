// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/unwinder.h"

#include <array>
#include <cstring>
#include <memory>
#include <optional>

#include <libunwind.h>

#include "lib/base/error.h"

// Exported by libunwind for its own remote unwinders, declared in none of its headers.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" int _Ux86_64_dwarf_search_unwind_table(unw_addr_space_t space, unw_word_t ip,
                                                  unw_dyn_info_t *info, unw_proc_info_t *result,
                                                  int need_unwind_info, void *argument);

namespace care {

namespace {

// Deeper than any real stack that is not a runaway recursion.
constexpr size_t kMaxFrames = 100000;

struct Context {
  const user_regs_struct &regs;
  const std::vector<UnwindTable> &tables;
  CachedMemory &memory;
  bool no_info = false; // a frame had no unwind information: the rest is a guess
};

Context &context_of(void *argument) {
  return *static_cast<Context *>(argument);
}

int find_info(unw_addr_space_t space, unw_word_t ip, unw_proc_info_t *result, int need_info,
              void *argument) {
  Context &context = context_of(argument);
  const UnwindTable *table = find_table(context.tables, RemoteAddr(ip));
  std::optional<SearchTable> search;
  if (table)
    search = read_search_table(*table, context.memory);
  if (!search) {
    context.no_info = true;
    return -UNW_ENOINFO;
  }
  unw_dyn_info_t info{};
  info.format = UNW_INFO_FORMAT_REMOTE_TABLE;
  info.start_ip = table->code.begin.value;
  info.end_ip = table->code.end.value;
  info.u.rti.segbase = table->eh_frame_hdr.value;
  info.u.rti.table_data = search->entries.value;
  info.u.rti.table_len = search->count * 8 / sizeof(unw_word_t);
  int status = _Ux86_64_dwarf_search_unwind_table(space, ip, &info, result, need_info, argument);
  if (status < 0)
    context.no_info = true;
  return status;
}

void put_info(unw_addr_space_t, unw_proc_info_t *, void *) {}

int no_dynamic_info(unw_addr_space_t, unw_word_t *, void *) {
  return -UNW_ENOINFO;
}

int access_memory(unw_addr_space_t, unw_word_t addr, unw_word_t *value, int write, void *argument) {
  if (write || !context_of(argument).memory.try_read(RemoteAddr(addr), value, sizeof *value))
    return -UNW_EINVAL;
  return 0;
}

using Regs = user_regs_struct;

// By DWARF number (psABI, figure 3.36), which is libunwind's too.
constexpr std::array kRegisters = {&Regs::rax, &Regs::rdx, &Regs::rcx, &Regs::rbx, &Regs::rsi,
                                   &Regs::rdi, &Regs::rbp, &Regs::rsp, &Regs::r8,  &Regs::r9,
                                   &Regs::r10, &Regs::r11, &Regs::r12, &Regs::r13, &Regs::r14,
                                   &Regs::r15, &Regs::rip};
static_assert(UNW_X86_64_RDX == 1 && UNW_X86_64_RBX == 3 && UNW_X86_64_RSP == 7 &&
              UNW_X86_64_R15 == 15 && UNW_X86_64_RIP == kRegisters.size() - 1);

int access_register(unw_addr_space_t, unw_regnum_t reg, unw_word_t *value, int write,
                    void *argument) {
  if (write)
    return -UNW_EREADONLYREG;
  if (reg < 0 || static_cast<size_t>(reg) >= kRegisters.size())
    return -UNW_EBADREG;
  *value = context_of(argument).regs.*kRegisters[static_cast<size_t>(reg)];
  return 0;
}

int no_fp_register(unw_addr_space_t, unw_regnum_t, unw_fpreg_t *, int, void *) {
  return -UNW_EBADREG;
}

int no_resume(unw_addr_space_t, unw_cursor_t *, void *) {
  return -UNW_EINVAL;
}

int no_name(unw_addr_space_t, unw_word_t, char *, size_t, unw_word_t *, void *) {
  return -UNW_ENOINFO;
}

struct DestroySpace {
  void operator()(unw_addr_space *space) const { unw_destroy_addr_space(space); }
};
using AddressSpace = std::unique_ptr<unw_addr_space, DestroySpace>;

AddressSpace make_address_space() {
  unw_accessors_t accessors{};
  accessors.find_proc_info = find_info;
  accessors.put_unwind_info = put_info;
  accessors.get_dyn_info_list_addr = no_dynamic_info;
  accessors.access_mem = access_memory;
  accessors.access_reg = access_register;
  accessors.access_fpreg = no_fp_register;
  accessors.resume = no_resume;
  accessors.get_proc_name = no_name;
  AddressSpace space(unw_create_addr_space(&accessors, 0));
  if (!space)
    throw error("libunwind cannot create an address space");
  // Nothing of one stop may serve in the next.
  unw_set_caching_policy(space.get(), UNW_CACHE_NONE);
  return space;
}

// unw_step() returned 0. That means an undefined return address, or a frame
// pointer declared undefined, which proves nothing.
bool ends_by_undefined_return(unw_cursor_t &cursor) {
  unw_save_loc_t where{};
  return unw_get_save_loc(&cursor, UNW_X86_64_RBP, &where) == 0 && where.type != UNW_SLT_NONE;
}

void walk(unw_cursor_t &cursor, Context &context, Stack &stack) {
  bool exact = true;
  while (stack.frames.size() < kMaxFrames) {
    unw_word_t ip = 0;
    unw_word_t sp = 0;
    unw_get_reg(&cursor, UNW_REG_IP, &ip);
    unw_get_reg(&cursor, UNW_REG_SP, &sp);
    stack.frames.push_back({RemoteAddr(ip), RemoteAddr(sp), exact});
    // What a signal interrupted goes on at its own pc.
    exact = unw_is_signal_frame(&cursor) > 0;
    int status = unw_step(&cursor);
    if (context.no_info) {
      stack.end = fmt::format("no unwind information for {}", RemoteAddr(ip));
      return;
    }
    if (status < 0) {
      stack.end = fmt::format("cannot unwind from {}: {}", RemoteAddr(ip), unw_strerror(status));
      return;
    }
    if (status == 0) {
      stack.complete = ends_by_undefined_return(cursor);
      if (!stack.complete)
        stack.end = fmt::format("the stack ends at {} without a proper end", RemoteAddr(ip));
      return;
    }
  }
  stack.end = fmt::format("more than {} frames", kMaxFrames);
}

} // namespace

Stack unwind(const user_regs_struct &regs, const std::vector<UnwindTable> &tables,
             CachedMemory &memory) {
  Context context{regs, tables, memory};
  AddressSpace space = make_address_space();
  unw_cursor_t cursor;
  Stack stack;
  int status = unw_init_remote(&cursor, space.get(), &context);
  if (status < 0)
    stack.end = fmt::format("cannot begin to unwind: {}", unw_strerror(status));
  else
    walk(cursor, context, stack);
  return stack;
}

void warm_up_unwinder(const std::vector<UnwindTable> &tables, const RemoteMemory &memory) {
  // Made-up stacks: whatever they lead to, the same code runs.
  CachedMemory cache(memory);
  for (const UnwindTable &table : tables) {
    std::optional<SearchTable> search = read_search_table(table, cache);
    int32_t first = 0;
    if (!search || !cache.try_read(search->entries, &first, sizeof first))
      continue;
    user_regs_struct regs{};
    regs.rip = table.eh_frame_hdr.value + static_cast<uint64_t>(int64_t{first});
    regs.rsp = table.eh_frame_hdr.value;
    unwind(regs, {table}, cache);
  }
}

std::string stack_text(const Stack &stack, const std::vector<UnwindTable> &tables, size_t limit) {
  std::string text;
  for (size_t i = 0; i < stack.frames.size() && i < limit; i++) {
    RemoteAddr pc = stack.frames[i].pc;
    const UnwindTable *table = find_table(tables, stack.frames[i].code());
    text += fmt::format("  #{:<2} {}", i, pc);
    if (table)
      text += " " + place_text(*table, pc, stack.frames[i].code());
    text += "\n";
  }
  if (stack.frames.size() > limit)
    text += fmt::format("  ... {} more\n", stack.frames.size() - limit);
  if (!stack.complete)
    text += fmt::format("  ({})\n", stack.end);
  return text;
}

} // namespace care
