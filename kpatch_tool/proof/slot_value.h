// SPDX-License-Identifier: GPL-2.0-or-later
//
// The meaning of an address or a GOT slot of a linked file, in terms that hold for another
// link of the same code: "section .text, byte 0x40", "the function getenv@GLIBC_2.2.5".
// Two references are equal when they mean the same, wherever the linker put the stubs
// and slots that they go through.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "kpatch_tool/proof/linked_file.h"

namespace care::tool {

struct SlotValue {
  enum class Kind {
    number, // a plain value, the same in every link
    place,  // name: section, value: offset in it
    symbol, // name: NAME@VERSION that the dynamic linker looks up, value: addend
    ifunc,  // as place: the resolver that the dynamic linker calls
    tls,    // name: kind of slot and symbol, value: addend
    unknown,
  };
  Kind kind = Kind::number;
  std::string name;
  int64_t value = 0;
  const DynamicSymbol *symbol = nullptr; // for Kind::symbol; not compared

  bool operator==(const SlotValue &other) const {
    return kind == other.kind && name == other.name && value == other.value;
  }
  bool operator<(const SlotValue &other) const {
    return std::tie(kind, name, value) < std::tie(other.kind, other.name, other.value);
  }
  std::string text() const;
};

// A place is what its section says; an address in no section is a number.
SlotValue meaning_of_address(const LinkedFile &file, LinkAddr addr);
// What the dynamic linker puts into the place of `r`.
SlotValue meaning_of_relocation(const LinkedFile &file, const DynamicRelocation &r);
// What the 8 bytes of a GOT slot hold once the program runs. A pair of slots
// (general-dynamic TLS) is one meaning.
SlotValue meaning_of_slot(const LinkedFile &file, LinkAddr slot);
// What a call to the PLT stub at `stub` reaches; nothing when there is no stub.
std::optional<SlotValue> meaning_of_stub(const LinkedFile &file, LinkAddr stub);

// Every stub and slot of a file by its meaning.
struct StubsAndSlots {
  std::map<SlotValue, LinkAddr> stubs;
  std::map<SlotValue, LinkAddr> slots;
};
StubsAndSlots find_stubs_and_slots(const LinkedFile &file);

} // namespace care::tool
