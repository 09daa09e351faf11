// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/transaction/plan.h"

#include <algorithm>
#include <cstring>
#include <ctime>

#include <sys/resource.h>

#include "lib/base/error.h"
#include "lib/coroutines/saved_context.h"
#include "lib/runtime/tls_block.h"
#include "lib/runtime/tls_modules.h"
#include "lib/target/leftovers.h"
#include "lib/transaction/stacking.h"

namespace care {

namespace {

constexpr int kStartBrkField = 47; // of /proc/PID/stat: where the heap begins

// The regions of an object whose jumps stand in it now.
using InForce = std::vector<const Region *>;

// Memory as it was before any patch put its jumps in.
std::string original_bytes(const Target &target, const InForce &in_force, RemoteRange range) {
  std::string bytes = target.memory().read_bytes(range.begin, range.size());
  for (const Region *region : in_force) {
    for (const Hunk &hunk : region->hunks) {
      for (const CodeWrite &w : writes_of(hunk)) {
        for (uint64_t i = 0; i < w.size; i++) {
          if (range.contains(w.at + i))
            bytes[static_cast<size_t>(w.at + i - range.begin)] = static_cast<char>(w.before[i]);
        }
      }
    }
  }
  return bytes;
}

void check_digest(const Target &target, const InForce &in_force, RemoteRange range,
                  const Digest &digest, const std::string &name) {
  if (!range.empty() && digest_of(original_bytes(target, in_force, range)) != digest)
    throw error(ExitCode::does_not_fit,
                "{} at {}: the code in memory is not what the patch was built for", name,
                range.begin)
        .with_hint("the process runs another build, or another tool has changed this code");
}

void save_pad(const Target &target, const InForce &in_force, const LoadedObject &object,
              const PatchFunction &f, Hunk &hunk) {
  RemoteRange pad{hunk.pad, hunk.pad + kJumpSize};
  std::string bytes = pad.begin < object.range.begin || object.range.end < pad.end
                          ? std::string()
                          : original_bytes(target, in_force, pad);
  if (!std::equal(bytes.begin(), bytes.end(), f.pad_bytes.begin(), f.pad_bytes.end(),
                  [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; }))
    throw error(ExitCode::does_not_fit, "{}: the padding at {} is not what the patch was built for",
                f.name, hunk.pad)
        .with_hint("the process runs another build, or another tool has changed this code");
  std::copy(f.pad_bytes.begin(), f.pad_bytes.end(), hunk.pad_saved.begin());
}

Hunk make_hunk(const Target &target, const InForce &in_force, const LoadedObject &object,
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
  check_digest(target, in_force, hunk.original, f.digest, f.name);
  check_digest(target, in_force, hunk.original_cold, f.cold_digest, f.name + ".cold");
  if (f.pad)
    hunk.pad = object.bias + f.pad;
  std::string saved = original_bytes(target, in_force, {hunk.site, hunk.site + hunk.site_size()});
  std::copy(saved.begin(), saved.end(), hunk.saved.begin());
  if (f.pad)
    save_pad(target, in_force, object, f, hunk);
  return hunk;
}

// Of the patch's own coroutines. A region lists them behind its hooks, in this order.
std::vector<const PatchFunction *> coroutine_bodies(const PatchFile &file) {
  std::vector<const PatchFunction *> bodies;
  for (const PatchFunction &f : file.functions) {
    if (is_coroutine_body(f.name))
      bodies.push_back(&f);
  }
  return bodies;
}

// Every two places must be apart.
void check_overlaps(const Region &region) {
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
}

Region make_region(const Target &target, const LoadedObject &object, const BundlePatch &patch,
                   const InForce &in_force) {
  const PatchFile &file = patch.file;
  Region region;
  region.groups = file.groups;
  region.bias = object.bias;
  region.object_header = object.header;
  region.applied_at = static_cast<uint64_t>(time(nullptr));
  region.name = file.metadata.name;
  region.level = file.metadata.level;
  region.digest = patch.digest;
  region.build_id = file.metadata.build_id;
  region.object_name = object.name;
  region.description = file.metadata.description;
  for (const PatchFunction &f : file.functions) {
    if (f.changes_code())
      region.hunks.push_back(make_hunk(target, in_force, object, f));
  }
  check_overlaps(region);
  region.doctor = this_doctor();
  for (const PatchHook &h : file.hooks)
    region.hooks.push_back({h.kind, h.name, {}});
  for (const PatchFunction *body : coroutine_bodies(file))
    region.hooks.push_back({MarkKind::coroutine, body->name, {}});
  for (const IgnoredSymbol &s : file.metadata.ignored)
    region.ignored += fmt::format("{}: {}\n", s.name, s.reason);
  region.header_size = region_header_size(region);
  region.work_size = kImagePage;
  region.total_size = region.header_size + file.image_size + region.work_size;
  return region;
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

const Region *already_applied(const Target &target, const LoadedObject &object,
                              const BundlePatch &patch) {
  for (const Region *region : target.regions_of(object)) {
    if (region->digest == patch.digest)
      return region;
  }
  return nullptr;
}

namespace {

// What the main stack may grow to.
uint64_t stack_limit(pid_t pid) {
  rlimit limit{};
  return prlimit(pid, RLIMIT_STACK, nullptr, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

} // namespace

std::vector<RegionPlace> places_for(const ObjectPlan &plan, const MemoryMap &map) {
  std::vector<RegionPlace> places = find_places(map, plan.place);
  if (places.empty())
    throw error(ExitCode::does_not_fit, "no free {} bytes of address space within 2 GiB",
                plan.place.image_size)
        .with_hint("the process has mapped nearly all that its code can reach; where it maps "
                   "memory less densely (after a restart, perhaps) the patch fits");
  return places;
}

ObjectPlan plan_object(Target &target, const LoadedObject &object, const BundlePatch &patch,
                       bool force) {
  ObjectPlan plan;
  plan.patch = &patch;
  plan.object = object;
  InForce in_force = target.regions_of(object);
  plan.previous = level_to_replace(in_force, patch, force);
  plan.region = make_region(target, object, patch, in_force);
  ImportScope scope(target.process(), target.objects(), object, target.cache());
  for (const PatchImport &import : patch.file.imports)
    plan.imports.push_back(scope.resolve(import));
  find_tls_blocks(target, plan);
  if (!patch.file.tls.bytes.empty())
    check_tls_possible(target);
  plan.frames = plan_frames(target, object, patch.file, scope, target.cache(), plan.warnings);
  PlaceRequest &place = plan.place;
  place.object = object.range;
  place.size = plan.region.total_size;
  place.image_size = plan.region.image_size();
  place.below_2g = needs_low_addresses(patch.file);
  place.brk_start = RemoteAddr(stat_field(target.process().tid(), kStartBrkField));
  place.stack_limit = stack_limit(target.process().pid());
  places_for(plan, target.map()); // none: refused before anything is touched
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
  size_t h = 0;
  for (const PatchHook &hook : plan.patch->file.hooks)
    region.hooks[h++].at = image + hook.place;
  for (const PatchFunction *body : coroutine_bodies(plan.patch->file))
    region.hooks[h++].at = image + body->replacement;
  for (const ImageSection &s : plan.patch->file.sections) {
    if (s.name == ".eh_frame_hdr")
      region.eh_frame_hdr = image + s.offset;
    if (s.name == ".eh_frame" && s.size != 0)
      region.eh_frame = image + s.offset;
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
  return ranges;
}

} // namespace care
