// SPDX-License-Identifier: GPL-2.0-or-later
//
// The memory of another process.
//
// Reads go through process_vm_readv: one system call, no stop, no attaching.
// Pages that are mapped without read permission (execute-only code, PROT_NONE
// relro) are read through /proc/PID/mem, which looks past page protections.
//
// Writes always go through /proc/PID/mem: they reach r-x and r-- pages, and a
// private file page is copied first, so that no file ever changes. That is why
// a patch needs no page that is writable and executable at once, and works
// where the target may not even create one (systemd MemoryDenyWriteExecute).
//
// Any use after the target exited is Error with ExitCode::no_process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <sys/types.h>

#include "lib/base/address.h"
#include "lib/base/fd.h"
#include "lib/elf/byte_source.h"

namespace care {

class RemoteMemory {
 public:
  // `tid` is any live thread of the target. Needs the right to ptrace it
  // (Error no_permission with a hint otherwise), but attaches to nothing.
  explicit RemoteMemory(pid_t tid);

  // Reads up to `size` bytes and returns how many lay in readable memory.
  size_t read_some(RemoteAddr addr, void *buffer, size_t size) const;
  // Throws Error naming the address when not everything could be read.
  void read(RemoteAddr addr, void *buffer, size_t size) const;
  std::string read_bytes(RemoteAddr addr, size_t size) const;
  // Up to the first NUL; throws when there is none within `limit` bytes.
  std::string read_string(RemoteAddr addr, size_t limit = 4096) const;
  template<typename T>
  T read_value(RemoteAddr addr) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    read(addr, &value, sizeof value);
    return value;
  }

  // One place to read from and the buffer for it; buffer.size() is cut to what
  // was read.
  struct Piece {
    RemoteAddr addr;
    std::span<std::byte> buffer;
  };
  // Many pieces in as few system calls as can be. Unlike read() this does not
  // look past page protections: a guard page ends a piece.
  void read_pieces(std::vector<Piece> &pieces) const;

  void write(RemoteAddr addr, std::string_view bytes) const;

  // Is `addr`, once readable, still? No longer when the target has executed another
  // program: /proc/PID/mem stays with the memory that it was opened for, while all that
  // goes by the process's number would reach the new one.
  bool still_there(RemoteAddr addr) const;

  pid_t tid() const { return tid_; }

 private:
  [[noreturn]] void fail(const char *verb, RemoteAddr addr, size_t size, int errnum) const;

  pid_t tid_;
  Fd mem_;
};

// Remembers whole pages. For many small reads of memory that does not change
// meanwhile (ELF headers, symbol tables), or that belongs to a stopped target.
class CachedMemory final : public ByteSource {
 public:
  explicit CachedMemory(const RemoteMemory &memory) : memory_(memory) {}

  // Places of this source are addresses of the target.
  bool try_read_at(uint64_t place, void *buffer, size_t size) override {
    return try_read(RemoteAddr(place), buffer, size);
  }
  void read_at(uint64_t place, void *buffer, size_t size) override {
    read(RemoteAddr(place), buffer, size);
  }

  // False when some of it is not readable.
  bool try_read(RemoteAddr addr, void *buffer, size_t size);
  void read(RemoteAddr addr, void *buffer, size_t size);
  std::string read_string(RemoteAddr addr, size_t limit = 4096);
  template<typename T>
  T read_value(RemoteAddr addr) {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    read(addr, &value, sizeof value);
    return value;
  }
  const RemoteMemory &memory() const { return memory_; }

 private:
  const std::vector<std::byte> &page(uint64_t number);

  const RemoteMemory &memory_;
  std::map<uint64_t, std::vector<std::byte>> pages_; // empty vector: not readable
};

} // namespace care
