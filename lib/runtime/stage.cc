// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/runtime/stage.h"

#include <cctype>
#include <cerrno>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "lib/base/error.h"
#include "lib/base/log.h"
#include "lib/target/leftovers.h"
#include "lib/target/mapping_note.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

namespace care {

namespace {

constexpr uint64_t kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;
constexpr uint64_t kScratch = 96;
constexpr size_t kMaxName = 79; // of a mapping, kernel's ANON_VMA_NAME_MAX_LEN

int64_t map(InjectedCalls &calls, RemoteAddr at, uint64_t size, uint64_t protection,
            uint64_t flags) {
  return calls.syscall(SYS_mmap, {at.value, size, protection, flags, ~uint64_t{0}, 0});
}

void map_part(InjectedCalls &calls, RemoteAddr at, uint64_t size, uint64_t protection) {
  if (size == 0)
    return;
  int64_t result = map(calls, at, size, protection, kAnonymous | MAP_FIXED);
  if (result < 0 && result > -4096)
    throw error(ExitCode::unsupported, "the target cannot map {} memory: {}",
                protection & PROT_EXEC ? "executable" : "writable",
                errno_text(static_cast<int>(-result)))
        .with_hint("a security module (SELinux execmem) or a memory limit forbids it");
}

void map_group(InjectedCalls &calls, const Region &region, Group group, uint64_t protection) {
  const ImageRange &range = region.groups[static_cast<size_t>(group)];
  map_part(calls, region.image() + range.offset, range.size, protection);
}

// All but the code: perf takes memory with a name for a file, and would not look into its
// map file for the functions in it.
std::vector<RemoteRange> named_ranges(const Region &region) {
  std::vector<RemoteRange> ranges;
  RemoteRange code = region.code();
  for (const RemoteRange &part : region.parts()) {
    if (code.empty() || !part.overlaps(code)) {
      ranges.push_back(part);
      continue;
    }
    for (const RemoteRange &range :
         {RemoteRange{part.begin, code.begin}, RemoteRange{code.end, part.end}}) {
      if (!range.empty())
        ranges.push_back(range);
    }
  }
  return ranges;
}

// Best effort: kernels without CONFIG_ANON_VMA_NAME refuse, and it is only a name.
void name_mapping(InjectedCalls &calls, const RemoteMemory &memory, const Region &region) {
  std::string name = "libcare:";
  for (char c : region.object_name)
    name += isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_' ? c : '_';
  name.resize(std::min(name.size(), kMaxName));
  // The name is read from the target's memory.
  RemoteAddr at = scratch_place(region);
  memory.write(at, std::string(name.c_str(), name.size() + 1));
  for (const RemoteRange &range : named_ranges(region))
    calls.syscall(SYS_prctl,
                  {PR_SET_VMA, PR_SET_VMA_ANON_NAME, range.begin.value, range.size(), at.value});
}

// So that it is found again, should we die. Without functions, which have no addresses yet.
void write_first_header(const RemoteMemory &memory, const Region &region) {
  Region bare = region;
  bare.state = RegionState::staged;
  bare.hunks.clear();
  bare.hooks.clear();
  bare.eh_frame = bare.eh_frame_hdr = bare.tls_handle = RemoteAddr();
  memory.write(region.self, encode_region(bare));
}

// False when the target itself has mapped the place meanwhile.
bool claim(InjectedCalls &calls, const RemoteRange &range) {
  int64_t result =
      map(calls, range.begin, range.size(), PROT_READ, kAnonymous | MAP_FIXED_NOREPLACE);
  if (result == -ENOMEM)
    throw error(ExitCode::does_not_fit, "the target has no memory left to map {} bytes",
                range.size());
  if (result < 0 && result > -4096)
    return false;
  if (static_cast<uint64_t>(result) == range.begin.value)
    return true;
  // A kernel before 4.17 treats the address as a hint.
  calls.syscall(SYS_munmap, {static_cast<uint64_t>(result), range.size()});
  return false;
}

} // namespace

StagedMemory::~StagedMemory() {
  if (mapped_.empty())
    return;
  try {
    unmap_ranges(target_, mapped_);
  } catch (const std::exception &e) {
    log_debug("cannot unmap what was staged: {}", e.what());
  }
}

bool StagedMemory::claim_parts(InjectedCalls &calls, const std::vector<RemoteRange> &parts) {
  size_t before = mapped_.size();
  for (const RemoteRange &part : parts) {
    if (claim(calls, part)) {
      mapped_.push_back(part);
      continue;
    }
    for (; mapped_.size() > before; mapped_.pop_back())
      calls.syscall(SYS_munmap, {mapped_.back().begin.value, mapped_.back().size()});
    return false;
  }
  return true;
}

void StagedMemory::map_region(InjectedCalls &calls, Region &region,
                              const std::vector<RegionPlace> &places) {
  for (const RegionPlace &place : places) {
    region.self = place.self;
    region.split_image = place.split_image;
    write_mapping_note(target_.memory(), target_.return_trampoline(),
                       {this_doctor(), region.parts()});
    if (!claim_parts(calls, region.parts()))
      continue;
    write_first_header(target_.memory(), region);
    write_mapping_note(target_.memory(), target_.return_trampoline(), {});
    map_group(calls, region, Group::text, PROT_READ | PROT_EXEC);
    map_group(calls, region, Group::data, PROT_READ | PROT_WRITE);
    map_part(calls, region.work(), region.work_size, PROT_READ | PROT_WRITE);
    name_mapping(calls, target_.memory(), region);
    return;
  }
  write_mapping_note(target_.memory(), target_.return_trampoline(), {});
  throw error(ExitCode::does_not_fit, "{}: no free {} bytes of address space within 2 GiB",
              region.object_name, region.image_size());
}

void StagedMemory::leave(const Region &region) {
  for (const RemoteRange &part : region.parts())
    std::erase_if(mapped_, [&](const RemoteRange &r) { return r.begin == part.begin; });
}

RemoteAddr scratch_place(const Region &region) {
  return region.self + (region.header_size - kScratch);
}

void write_region(const RemoteMemory &memory, const Region &region, const std::string &image) {
  memory.write(region.self, encode_region(region));
  for (const ImageRange &group : region.groups) {
    if (group.size != 0)
      memory.write(region.image() + group.offset,
                   std::string_view(image).substr(group.offset, group.size));
  }
}

void unmap_ranges(const Target &target, const std::vector<RemoteRange> &ranges) {
  if (ranges.empty())
    return;
  with_injected_calls(target, [&](InjectedCalls &calls) {
    for (const RemoteRange &range : ranges) {
      int64_t result = calls.syscall(SYS_munmap, {range.begin.value, range.size()});
      if (result != 0)
        log_warning("cannot unmap {}: {}", range.begin, errno_text(static_cast<int>(-result)));
    }
  });
}

} // namespace care
