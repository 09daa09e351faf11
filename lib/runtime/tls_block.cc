// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/runtime/tls_block.h"

#include <algorithm>
#include <cerrno>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/process/link_map.h"
#include "lib/runtime/library_call.h"
#include "lib/runtime/stage.h"
#include "lib/runtime/tls_object.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U // Linux 6.3
#endif

namespace care {

namespace {

RemoteAddr require_function(Target &target, const char *name) {
  RemoteAddr function = find_function(target, name);
  if (!function)
    throw error(ExitCode::unsupported,
                "the patch brings thread-local variables, and the process has no {}()", name)
        .with_hint("a static program cannot take new ones: use an ordinary variable");
  return function;
}

// Functions of the target that open a block, found before a thread is borrowed.
struct Opener {
  RemoteAddr dlopen;
  RemoteAddr dlerror;
  std::vector<std::string> names; // that are taken
};

int64_t make_file(InjectedCalls &calls, RemoteAddr name) {
  int64_t fd = calls.syscall(SYS_memfd_create, {name.value, MFD_CLOEXEC | MFD_NOEXEC_SEAL});
  if (fd == -EINVAL) // an older kernel
    fd = calls.syscall(SYS_memfd_create, {name.value, MFD_CLOEXEC});
  if (fd < 0)
    throw error(ExitCode::unsupported,
                "the target cannot make a file in memory for thread-local variables: {}",
                errno_text(static_cast<int>(-fd)));
  return fd;
}

void fill_file(const Target &target, int64_t fd, const std::string &bytes) {
  std::string path = fmt::format("/proc/{}/fd/{}", target.process().tid(), fd);
  write_all(open_file(path, O_WRONLY).get(), bytes, path);
}

// The dynamic linker takes an object of a name that it knows for that object.
std::string unused_path(const std::vector<std::string> &names, int64_t fd) {
  std::string directory = "/proc/self/fd/";
  for (;;) {
    std::string path = fmt::format("{}{}", directory, fd);
    if (std::find(names.begin(), names.end(), path) == names.end())
      return path;
    directory += "./";
  }
}

RemoteAddr open_object(const Target &target, InjectedCalls &calls, const Opener &opener,
                       RemoteAddr scratch, int64_t fd) {
  std::string path = unused_path(opener.names, fd);
  target.memory().write(scratch, std::string(path.c_str(), path.size() + 1));
  RemoteAddr handle(calls.call(opener.dlopen, {scratch.value, RTLD_NOW | RTLD_LOCAL}));
  if (handle)
    return handle;
  RemoteAddr message(opener.dlerror ? calls.call(opener.dlerror, {}) : 0);
  throw error(ExitCode::unsupported, "no room for the patch's thread-local variables: {}",
              message ? target.memory().read_string(message) : "dlopen() fails")
      .with_hint("glibc keeps some 1.5 KiB free in each thread for libraries that are opened "
                 "late (GLIBC_TUNABLES=glibc.rtld.optional_static_tls sets it at start)");
}

void close_handle(Target &target, RemoteAddr handle, std::chrono::milliseconds timeout) {
  RemoteAddr dlclose = require_function(target, "dlclose");
  uint64_t result = 0;
  with_library_call(target, timeout,
                    [&](InjectedCalls &calls) { result = calls.call(dlclose, {handle.value}); });
  if (static_cast<uint32_t>(result) != 0)
    throw error("dlclose() of the patch's thread-local variables fails");
}

} // namespace

std::string tls_file_name(const Region &region) {
  return fmt::format("libcare-{:x}", region.self.value);
}

std::optional<RemoteAddr> tls_mapping(const Target &target, const Region &region) {
  MemoryMap map = target.process().read_map();
  for (const Mapping &m : map) {
    if (m.path == "/memfd:" + tls_file_name(region) && m.offset == 0)
      return m.range.begin;
  }
  return std::nullopt;
}

void write_handle(const RemoteMemory &memory, const Region &region) {
  uint64_t value = region.tls_handle.value;
  memory.write(tls_handle_place(region), {reinterpret_cast<const char *>(&value), sizeof value});
}

void check_tls_possible(Target &target) {
  if (target.process().start_stop() == StartStop::in_linker)
    throw error(ExitCode::unsupported,
                "the patch brings thread-local variables, which cannot be opened before the "
                "constructors run")
        .with_hint("without --before-constructors it can be applied");
  require_function(target, "dlopen");
  require_function(target, "dlclose");
}

StagedTls::~StagedTls() {
  for (RemoteAddr handle : handles_) {
    try {
      close_handle(target_, handle, timeout_);
    } catch (const std::exception &e) {
      log_debug("cannot close what was staged: {}", e.what());
    }
  }
}

int64_t StagedTls::open(Region &region, const std::string &first_values, uint64_t align) {
  Opener opener{require_function(target_, "dlopen"), find_function(target_, "dlerror"),
                link_map_names(target_.process(), target_.objects(), target_.cache())};
  std::string object = tls_object(first_values, align);
  RemoteAddr scratch = scratch_place(region);
  with_library_call(target_, timeout_, [&](InjectedCalls &calls) {
    std::string name = tls_file_name(region);
    target_.memory().write(scratch, std::string(name.c_str(), name.size() + 1));
    int64_t fd = make_file(calls, scratch);
    try {
      fill_file(target_, fd, object);
      region.tls_handle = open_object(target_, calls, opener, scratch, fd);
      write_handle(target_.memory(), region);
      handles_.push_back(region.tls_handle);
    } catch (...) {
      calls.syscall(SYS_close, {static_cast<uint64_t>(fd)});
      throw;
    }
    calls.syscall(SYS_close, {static_cast<uint64_t>(fd)});
  });
  // struct link_map (<link.h>) begins with the load address.
  RemoteAddr base(target_.memory().read_value<uint64_t>(region.tls_handle));
  return target_.memory().read_value<int64_t>(base + kTlsObjectWord);
}

void close_tls(Target &target, Region &region, std::chrono::milliseconds timeout) {
  if (!region.tls_handle)
    return;
  // A doctor may have closed it and died before it could note that.
  if (tls_mapping(target, region))
    close_handle(target, region.tls_handle, timeout);
  region.tls_handle = RemoteAddr();
  write_handle(target.memory(), region);
}

} // namespace care
