// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/apply/plan.h"

#include <algorithm>
#include <cstring>
#include <ctime>

#include <sys/resource.h>

#include "lib/apply/leftovers.h"
#include "lib/apply/tls_block.h"
#include "lib/apply/tls_modules.h"
#include "lib/base/error.h"

namespace care {

namespace {

constexpr int kStartBrkField = 47; // of /proc/PID/stat: where the heap begins

// Memory as it was before `previous` put its jumps in.
std::string original_bytes(const Target &target, const Region *previous, RemoteRange range) {
  std::string bytes = target.memory().read_bytes(range.begin, range.size());
  if (!previous)
    return bytes;
  for (const Hunk &hunk : previous->hunks) {
    for (const CodeWrite &w : writes_of(hunk)) {
      for (uint64_t i = 0; i < w.size; i++) {
        if (range.contains(w.at + i))
          bytes[static_cast<size_t>(w.at + i - range.begin)] = static_cast<char>(w.before[i]);
      }
    }
  }
  return bytes;
}

void check_digest(const Target &target, const Region *previous, RemoteRange range,
                  const Digest &digest, const std::string &name) {
  if (!range.empty() && digest_of(original_bytes(target, previous, range)) != digest)
    throw error(ExitCode::does_not_fit,
                "{} at {}: the code in memory is not what the patch was built for", name,
                range.begin)
        .with_hint("the process runs another build, or another tool has changed this code");
}

void save_pad(const Target &target, const Region *previous, const LoadedObject &object,
              const PatchFunction &f, Hunk &hunk) {
  RemoteRange pad{hunk.pad, hunk.pad + kJumpSize};
  std::string bytes = pad.begin < object.range.begin || object.range.end < pad.end
                          ? std::string()
                          : original_bytes(target, previous, pad);
  if (!std::equal(bytes.begin(), bytes.end(), f.pad_bytes.begin(), f.pad_bytes.end(),
                  [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; }))
    throw error(ExitCode::does_not_fit, "{}: the padding at {} is not what the patch was built for",
                f.name, hunk.pad)
        .with_hint("the process runs another build, or another tool has changed this code");
  std::copy(f.pad_bytes.begin(), f.pad_bytes.end(), hunk.pad_saved.begin());
}

Hunk make_hunk(const Target &target, const Region *previous, const LoadedObject &object,
               const PatchFunction &f) {
  Hunk hunk;
  hunk.name = f.name;
  hunk.site = object.bias + f.site;
  hunk.original = {object.bias + f.original, object.bias + f.original + f.original_size};
  if (f.original_cold_size != 0)
    hunk.original_cold = {object.bias + f.original_cold,
                          object.bias + f.original_cold + f.original_cold_size};
  if (!(object.range.begin <= hunk.original.begin && hunk.original.end <= object.range.end))
    throw error(ExitCode::does_not_fit, "{} at {} lies outside the object", f.name,
                hunk.original.begin);
  check_digest(target, previous, hunk.original, f.digest, f.name);
  check_digest(target, previous, hunk.original_cold, f.cold_digest, f.name + ".cold");
  if (f.pad)
    hunk.pad = object.bias + f.pad;
  std::string saved = original_bytes(target, previous, {hunk.site, hunk.site + hunk.site_size()});
  std::copy(saved.begin(), saved.end(), hunk.saved.begin());
  if (f.pad)
    save_pad(target, previous, object, f, hunk);
  return hunk;
}

// Every two places must be apart; only the previous level's may be the same.
void check_overlaps(const Region &region, const Region *previous) {
  std::vector<CodeWrite> writes;
  for (const Hunk &h : region.hunks) {
    for (CodeWrite &w : writes_of(h))
      writes.push_back(std::move(w));
  }
  std::sort(writes.begin(), writes.end(),
            [](const CodeWrite &a, const CodeWrite &b) { return a.at < b.at; });
  for (size_t i = 1; i < writes.size(); i++) {
    if (writes[i].range().overlaps(writes[i - 1].range()))
      throw error(ExitCode::bad_input, "two functions of the patch share the site {}",
                  writes[i].at);
  }
  for (const Hunk &p : previous ? previous->hunks : std::vector<Hunk>()) {
    for (const CodeWrite &old : writes_of(p)) {
      for (const CodeWrite &w : writes) {
        bool same = w.at == old.at && w.size == old.size;
        if (!same && w.range().overlaps(old.range()))
          throw error(ExitCode::does_not_fit,
                      "{}: the applied level jumps from {}, this one from {}", p.name, old.at, w.at)
              .with_hint("unpatch first");
      }
    }
  }
}

Region make_region(const Target &target, const LoadedObject &object, const BundlePatch &patch,
                   const Region *previous) {
  const PatchFile &file = patch.file;
  Region region;
  region.groups = file.groups;
  region.bias = object.bias;
  region.object_header = object.header;
  region.applied_at = static_cast<uint64_t>(time(nullptr));
  region.level = file.metadata.level;
  region.digest = patch.digest;
  region.build_id = file.metadata.build_id;
  region.object_name = object.name;
  region.description = file.metadata.description;
  for (const PatchFunction &f : file.functions) {
    if (f.changes_code())
      region.hunks.push_back(make_hunk(target, previous, object, f));
  }
  check_overlaps(region, previous);
  region.doctor = this_doctor();
  for (const PatchHook &h : file.hooks)
    region.hooks.push_back({h.kind, h.name, {}});
  for (const IgnoredSymbol &s : file.metadata.ignored)
    region.ignored += fmt::format("{}: {}\n", s.name, s.reason);
  region.header_size = region_header_size(region);
  region.work_size = kImagePage;
  region.total_size = region.header_size + file.image_size + region.work_size;
  return region;
}

std::optional<Region> previous_level(const Target &target, const LoadedObject &object,
                                     const BundlePatch &patch) {
  const Region *found = target.region_of(object);
  if (!found)
    return std::nullopt;
  if (patch.file.metadata.level > found->level)
    return *found;
  throw error(ExitCode::does_not_fit,
              "already carries patch level {} ({}), and this one has level {}", found->level,
              found->description.empty() ? "no description" : found->description,
              patch.file.metadata.level)
      .with_hint("a newer level replaces an older one; otherwise unpatch first");
}

TlsBlock tls_block_of(Target &target, const LoadedObject &object) {
  TlsModule module = find_tls_module(target, object);
  return {module.module, module.offset, object.name};
}

void find_tls_blocks(Target &target, ObjectPlan &plan) {
  plan.import_tls.resize(plan.imports.size());
  if (!needs_tls_blocks(plan.patch->file))
    return;
  for (const LoadedObject &object : target.objects())
    if (object.header == plan.object.header)
      plan.tls = tls_block_of(target, object);
  for (size_t i = 0; i < plan.imports.size(); i++)
    if (const LoadedObject *definer = plan.imports[i].thread_local_in)
      plan.import_tls[i] = tls_block_of(target, *definer);
}

} // namespace

bool already_applied(const Target &target, const LoadedObject &object, const BundlePatch &patch) {
  const Region *region = target.region_of(object);
  return region && region->digest == patch.digest;
}

namespace {

// What the main stack may grow to.
uint64_t stack_limit(pid_t pid) {
  rlimit limit{};
  return prlimit(pid, RLIMIT_STACK, nullptr, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

} // namespace

ObjectPlan plan_object(Target &target, const LoadedObject &object, const BundlePatch &patch) {
  ObjectPlan plan;
  plan.patch = &patch;
  plan.object = object;
  plan.previous = previous_level(target, object, patch);
  const Region *previous = plan.previous ? &*plan.previous : nullptr;
  plan.region = make_region(target, object, patch, previous);
  ImportScope scope(target.process(), target.objects(), object, target.cache());
  for (const PatchImport &import : patch.file.imports)
    plan.imports.push_back(scope.resolve(import));
  find_tls_blocks(target, plan);
  if (!patch.file.tls.bytes.empty())
    check_tls_possible(target);
  plan.frames = plan_frames(target, object, patch.file, scope, target.cache(), plan.warnings);
  PlaceRequest request;
  request.object = object.range;
  request.size = plan.region.total_size;
  request.image_size = plan.region.image_size();
  request.below_2g = needs_low_addresses(patch.file);
  request.brk_start = RemoteAddr(stat_field(target.process().tid(), kStartBrkField));
  request.stack_limit = stack_limit(target.process().pid());
  plan.places = find_places(target.map(), request);
  if (plan.places.empty())
    throw error(ExitCode::does_not_fit, "no free {} bytes of address space within 2 GiB",
                request.image_size)
        .with_hint("the process has mapped nearly all that its code can reach; where it maps "
                   "memory less densely (after a restart, perhaps) the patch fits");
  return plan;
}

void place_hunks(ObjectPlan &plan) {
  Region &region = plan.region;
  RemoteAddr image = region.image();
  size_t i = 0;
  for (const PatchFunction &f : plan.patch->file.functions) {
    if (!f.changes_code())
      continue;
    Hunk &hunk = region.hunks[i++];
    hunk.replacement = {image + f.replacement, image + f.replacement + f.replacement_size};
    if (f.replacement_cold_size != 0)
      hunk.replacement_cold = {image + f.replacement_cold,
                               image + f.replacement_cold + f.replacement_cold_size};
    if (hunk.pad) {
      hunk.jump = encode_short_jump(hunk.site, hunk.pad);
      hunk.pad_jump = encode_jump(hunk.pad, hunk.replacement.begin);
    } else {
      hunk.jump = encode_jump(hunk.site, hunk.replacement.begin);
    }
  }
  for (size_t h = 0; h < region.hooks.size(); h++)
    region.hooks[h].at = image + plan.patch->file.hooks[h].place;
  for (const ImageSection &s : plan.patch->file.sections) {
    if (s.name == ".eh_frame_hdr")
      region.eh_frame_hdr = image + s.offset;
    if (s.name == ".eh_frame" && s.size != 0)
      region.eh_frame = image + s.offset;
  }
}

std::vector<CodeWrite> planned_writes(const ObjectPlan &plan) {
  std::vector<CodeWrite> writes;
  for (const Hunk &hunk : plan.region.hunks) {
    for (CodeWrite &w : writes_of(hunk))
      writes.push_back(std::move(w));
  }
  for (const Hunk &old : plan.previous ? plan.previous->hunks : std::vector<Hunk>()) {
    for (CodeWrite &undo : undo_writes_of(old)) {
      auto same = std::find_if(writes.begin(), writes.end(),
                               [&](const CodeWrite &w) { return w.at == undo.at; });
      if (same != writes.end())
        same->before = undo.before;
      else
        writes.push_back(std::move(undo));
    }
  }
  return writes;
}

void append_pads(const Region &region, std::vector<CodeRange> &ranges) {
  for (const Hunk &hunk : region.hunks) {
    if (hunk.pad)
      ranges.push_back({{hunk.pad, hunk.pad + kJumpSize}, "the pad of " + hunk.name});
  }
}

std::vector<CodeRange> planned_forbidden(const ObjectPlan &plan) {
  std::vector<CodeRange> ranges;
  for (const Hunk &hunk : plan.region.hunks) {
    ranges.push_back({hunk.original, hunk.name});
    ranges.push_back({hunk.original_cold, hunk.name + ".cold"});
  }
  for (const UnsafeFunction &f : plan.patch->file.unsafe) {
    RemoteAddr begin = plan.object.bias + f.address;
    ranges.push_back({{begin, begin + f.size}, f.name});
  }
  if (plan.previous) {
    ranges.push_back({plan.previous->code(), "the patch that is being replaced"});
    append_pads(*plan.previous, ranges);
  }
  return ranges;
}

} // namespace care
