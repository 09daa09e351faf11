// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/coroutines/memory_scan.h"

#include <bit>
#include <cstring>

#include "lib/base/units.h"
#include "lib/coroutines/saved_context.h"

namespace care {

namespace {

constexpr uint64_t kPageShift = 12;
constexpr int kMangleShift = 17;
constexpr unsigned kUserBits = 47;

// MXCSR with all exceptions masked, whatever its sticky flags, FZ and DAZ; x87 control
// word with the ABI's default. fnstcw writes two bytes of four.
constexpr uint64_t kFcontextMask = 0x0000'ffff'ffff'7f80;
constexpr uint64_t kFcontextWord = 0x0000'037f'0000'1f80;

class Scan {
 public:
  Scan(const ScanRules &rules, Marks &marks) : rules_(rules), marks_(marks) {}

  void run(RemoteAddr at, std::span<const std::byte> content) {
    const bool mangled = rules_.pointer_guard.has_value();
    const uint64_t guard = rules_.pointer_guard.value_or(0);
    const std::byte *bytes = content.data();
    uint64_t count = content.size() / kWord;
    marks_.words += count;
    for (uint64_t i = 0; i < count; i++) {
      uint64_t word;
      memcpy(&word, bytes + i * kWord, kWord);
      if (word == 0)
        continue;
      uint64_t place = at.value + i * kWord;
      if (rules_.forbidden.may_lead_into(word))
        forbidden(place, word);
      if (word == place + (kUcontextFloats - kUcontextFloatsPointer))
        marks_.ucontexts.emplace_back(place - kUcontextFloatsPointer);
      if ((word & kFcontextMask) == kFcontextWord)
        marks_.fcontexts.emplace_back(place);
      if (mangled && demangle(word, guard) >> kUserBits == 0)
        jump_buffer(place, word);
      if (rules_.stack_pages && rules_.code.may_be_code(word))
        code_word(place, word);
    }
  }

 private:
  // A return address belongs to the code that its call is in.
  void forbidden(uint64_t place, uint64_t word) {
    RemoteAddr value(word);
    const CodeRange *entered = rules_.forbidden.holds(value);
    // Frames first: the function before can end in a call.
    if (entered && (is_body(*entered, value) || rules_.bodies.contains(value)))
      marks_.frames.push_back({RemoteAddr(place), value});
    else if (rules_.forbidden.holds(value - 1) && rules_.code.call_to(value))
      marks_.candidates.push_back({RemoteAddr(place), value});
  }

  static bool is_body(const CodeRange &function, RemoteAddr value) {
    return function.range.begin == value && is_coroutine_body(function.name);
  }

  void jump_buffer(uint64_t place, uint64_t word) {
    RemoteAddr pc(demangle(word, *rules_.pointer_guard));
    if (place >= kJumpBufferPc && rules_.code.may_be_code(pc.value) &&
        rules_.code.is_return_address(pc))
      marks_.jump_buffers.emplace_back(place - kJumpBufferPc);
  }

  void code_word(uint64_t place, uint64_t word) {
    uint64_t page = place >> kPageShift;
    if (page != last_page_ && rules_.code.is_return_address(RemoteAddr(word))) {
      marks_.stack_pages.insert(page);
      last_page_ = page;
    }
  }

  const ScanRules &rules_;
  Marks &marks_;
  uint64_t last_page_ = 0;
};

} // namespace

uint64_t demangle(uint64_t word, uint64_t guard) {
  return std::rotr(word, kMangleShift) ^ guard;
}

void scan_memory(RemoteAddr at, std::span<const std::byte> content, const ScanRules &rules,
                 Marks &marks) {
  Scan(rules, marks).run(at, content);
}

} // namespace care
