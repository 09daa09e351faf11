// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/process/memory.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/units.h"
#include "lib/process/process.h"

namespace care {

RemoteMemory::RemoteMemory(pid_t tid) : tid_(tid) {
  int fd = open(fmt::format("/proc/{}/mem", tid).c_str(), O_RDWR | O_CLOEXEC);
  if (fd >= 0) {
    mem_ = Fd(fd);
    return;
  }
  if (errno == ENOENT || errno == ESRCH)
    throw no_such_process(tid);
  if (errno == EACCES || errno == EPERM)
    throw ptrace_refused(tid, errno);
  throw system_error(errno, "cannot open /proc/{}/mem", tid);
}

void RemoteMemory::fail(const char *verb, RemoteAddr addr, size_t size, int errnum) const {
  if (errnum == ESRCH || !process_alive(tid_))
    throw no_such_process(tid_);
  throw system_error(errnum, "cannot {} {} bytes at {} in process {}", verb, size, addr, tid_);
}

size_t RemoteMemory::read_some(RemoteAddr addr, void *buffer, size_t size) const {
  char *out = static_cast<char *>(buffer);
  size_t done = 0;
  while (done < size) {
    iovec local{out + done, size - done};
    // NOLINTNEXTLINE: an address of the target travels as a pointer here.
    iovec remote{reinterpret_cast<void *>(addr.value + done), size - done};
    ssize_t n = process_vm_readv(tid_, &local, 1, &remote, 1, 0);
    if (n < 0 && errno == ESRCH)
      fail("read", addr, size, ESRCH);
    if (n <= 0) {
      n = pread(mem_.get(), out + done, size - done, static_cast<off_t>(addr.value + done));
      if (n == 0 && !process_alive(tid_))
        fail("read", addr, size, ESRCH);
    }
    if (n <= 0)
      break;
    done += static_cast<size_t>(n);
  }
  return done;
}

bool RemoteMemory::still_there(RemoteAddr addr) const {
  char byte;
  return pread(mem_.get(), &byte, 1, static_cast<off_t>(addr.value)) == 1;
}

void RemoteMemory::read(RemoteAddr addr, void *buffer, size_t size) const {
  if (read_some(addr, buffer, size) != size)
    fail("read", addr, size, EFAULT);
}

std::string RemoteMemory::read_bytes(RemoteAddr addr, size_t size) const {
  std::string bytes(size, '\0');
  read(addr, bytes.data(), size);
  return bytes;
}

std::string RemoteMemory::read_string(RemoteAddr addr, size_t limit) const {
  std::string text;
  char chunk[256];
  while (text.size() < limit) {
    // Not across a page: the string may end right before an unmapped one.
    RemoteAddr at = addr + text.size();
    size_t want = std::min<size_t>({sizeof chunk, kPage - at.value % kPage, limit - text.size()});
    size_t got = read_some(at, chunk, want);
    const char *nul = static_cast<const char *>(memchr(chunk, 0, got));
    if (nul)
      return text.append(chunk, static_cast<size_t>(nul - chunk));
    text.append(chunk, got);
    if (got < want)
      break;
  }
  throw error("no string of at most {} bytes at {} in process {}", limit, addr, tid_);
}

void RemoteMemory::read_pieces(std::vector<Piece> &pieces) const {
  for (size_t first = 0; first < pieces.size();) {
    size_t count = std::min<size_t>(pieces.size() - first, IOV_MAX);
    std::vector<iovec> local(count);
    std::vector<iovec> remote(count);
    size_t want = 0;
    for (size_t i = 0; i < count; i++) {
      const Piece &p = pieces[first + i];
      local[i] = {p.buffer.data(), p.buffer.size()};
      // NOLINTNEXTLINE: as above.
      remote[i] = {reinterpret_cast<void *>(p.addr.value), p.buffer.size()};
      want += p.buffer.size();
    }
    ssize_t n = process_vm_readv(tid_, local.data(), count, remote.data(), count, 0);
    if (n < 0 && errno == ESRCH)
      fail("read", pieces[first].addr, want, ESRCH);
    // It stops at the first piece that it cannot read: take those one by one.
    for (size_t i = 0; i < count && n != static_cast<ssize_t>(want); i++) {
      ssize_t got = process_vm_readv(tid_, &local[i], 1, &remote[i], 1, 0);
      Piece &p = pieces[first + i];
      p.buffer = p.buffer.first(got < 0 ? 0 : static_cast<size_t>(got));
    }
    first += count;
  }
}

void RemoteMemory::write(RemoteAddr addr, std::string_view bytes) const {
  size_t done = 0;
  while (done < bytes.size()) {
    ssize_t n = pwrite(mem_.get(), bytes.data() + done, bytes.size() - done,
                       static_cast<off_t>(addr.value + done));
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      fail("write", addr, bytes.size(), n == 0 ? ESRCH : errno);
    done += static_cast<size_t>(n);
  }
}

const std::vector<std::byte> &CachedMemory::page(uint64_t number) {
  auto it = pages_.find(number);
  if (it != pages_.end())
    return it->second;
  std::vector<std::byte> content(kPage);
  if (memory_.read_some(RemoteAddr(number * kPage), content.data(), kPage) != kPage)
    content.clear();
  return pages_.emplace(number, std::move(content)).first->second;
}

bool CachedMemory::try_read(RemoteAddr addr, void *buffer, size_t size) {
  auto *out = static_cast<std::byte *>(buffer);
  while (size > 0) {
    const std::vector<std::byte> &content = page(addr.value / kPage);
    if (content.empty())
      return false;
    size_t offset = addr.value % kPage;
    size_t n = std::min<size_t>(size, kPage - offset);
    memcpy(out, content.data() + offset, n);
    out += n;
    addr += n;
    size -= n;
  }
  return true;
}

void CachedMemory::read(RemoteAddr addr, void *buffer, size_t size) {
  if (!try_read(addr, buffer, size))
    memory_.read(addr, buffer, size);
}

std::string CachedMemory::read_string(RemoteAddr addr, size_t limit) {
  std::string text;
  while (text.size() < limit) {
    RemoteAddr at = addr + text.size();
    const std::vector<std::byte> &content = page(at.value / kPage);
    if (content.empty())
      break;
    size_t offset = at.value % kPage;
    size_t room = std::min<size_t>(kPage - offset, limit - text.size());
    const char *begin = reinterpret_cast<const char *>(content.data()) + offset;
    size_t length = strnlen(begin, room);
    text.append(begin, length);
    if (length < room)
      return text;
  }
  throw error("no string of at most {} bytes at {} in process {}", limit, addr, memory_.tid());
}

} // namespace care
