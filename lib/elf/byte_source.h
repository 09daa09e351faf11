// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where the bytes of an ELF image come from: a section of a file, the memory of a process,
// a core dump. What reads chains and tables (version_chain.h, program_headers.h) reads them
// through this, so that each format is read in one place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace care {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Copies `size` bytes from `place`: an offset, or an address, as the source counts.
  // False when some of them are not there; the buffer's content is undefined then.
  virtual bool try_read_at(uint64_t place, void *buffer, size_t size) = 0;
  // The same, and throws Error that names the place.
  virtual void read_at(uint64_t place, void *buffer, size_t size) = 0;

  template<typename T>
  T value_at(uint64_t place) {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    read_at(place, &value, sizeof value);
    return value;
  }
};

// Bytes that are there as a whole; places are offsets. `what` and the bytes outlive it.
class TextSource final : public ByteSource {
 public:
  TextSource(std::string_view bytes, std::string_view what) : bytes_(bytes), what_(what) {}

  bool try_read_at(uint64_t place, void *buffer, size_t size) override;
  // Error bad_input: "WHAT is cut off at PLACE".
  void read_at(uint64_t place, void *buffer, size_t size) override;

 private:
  std::string_view bytes_;
  std::string_view what_;
};

} // namespace care
