// SPDX-License-Identifier: GPL-2.0-or-later
//
// The header's layout, all little endian: RegionHeader, then hunk_count
// RegionHunks, then hook_count RegionHookRecords, then texts, to which (offset, size) pairs point.
#include "lib/target/region.h"

#include <algorithm>
#include <cstring>

#include "lib/base/error.h"
#include "lib/target/redirect.h"
#include "lib/x86/patch_site.h"

namespace care {

namespace {

struct Text {
  uint32_t offset; // from the header's first byte
  uint32_t size;
};

struct RegistrationRecord {
  uint32_t state; // FrameState
  uint32_t kind;  // UnwinderKind
  uint64_t object_header;
  uint64_t remove;
};

struct RegionHeader {
  char magic[16];
  uint32_t version;
  uint32_t state;
  uint64_t self;
  uint64_t header_size;
  uint64_t total_size;
  uint64_t group[kGroupCount][2]; // offset in the image, size
  uint64_t bias;
  uint64_t object_header;
  uint64_t eh_frame_hdr;
  uint64_t applied_at;
  uint32_t level;
  uint32_t hunk_count;
  uint8_t digest[kDigestSize];
  Text build_id;
  Text object_name;
  Text description;
  uint64_t work_size;
  uint64_t eh_frame;
  uint64_t doctor[3]; // pid, start time, pid namespace
  RegistrationRecord registrations[kMaxUnwinders];
  Text ignored;
  uint32_t hook_count;
  uint32_t zero;
  uint64_t tls_handle;
  uint64_t split_image; // 0: the image is behind the header
  Text name;
};
static_assert(offsetof(RegionHeader, state) == kRegionStateOffset);

struct RegionHunk {
  uint64_t site;
  uint8_t saved[8];
  uint8_t jump[8];
  uint64_t pad; // 0: none
  uint8_t pad_saved[8];
  uint8_t pad_jump[8];
  uint64_t range[4][2]; // original, its cold part, replacement, its cold part
  Text name;
};

struct RegionHookRecord {
  uint64_t at;
  uint32_t kind; // MarkKind, 1 to 5, or 8
  uint32_t zero;
  Text name;
};

constexpr uint64_t kMaxHeader = 16 << 20;
constexpr uint64_t kMaxTotal = uint64_t{2} << 30;
constexpr uint32_t kMaxHunks = 65536;
constexpr uint32_t kMaxHooks = 4096;
// Larger read-only anonymous mappings hold no region: such mappings are data.
constexpr uint64_t kMaxSearched = uint64_t{1} << 30;

uint64_t whole_pages(uint64_t n) {
  return (n + kImagePage - 1) & ~(kImagePage - 1);
}

template<typename T>
void append(std::string &out, const T &value) {
  out.append(reinterpret_cast<const char *>(&value), sizeof value);
}

// Lays texts out one after another behind `at`.
Text place_text(uint64_t &at, const std::string &text) {
  Text t{static_cast<uint32_t>(at), static_cast<uint32_t>(text.size())};
  at += text.size();
  return t;
}

uint64_t texts_begin(const Region &region) {
  return sizeof(RegionHeader) + region.hunks.size() * sizeof(RegionHunk) +
         region.hooks.size() * sizeof(RegionHookRecord);
}

void store_range(uint64_t (&out)[2], const RemoteRange &range) {
  out[0] = range.begin.value;
  out[1] = range.end.value;
}

// Reads out of the header's bytes with checks; `ok` stays false after the first miss.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template<typename T>
  T at(uint64_t offset) {
    T value{};
    if (!ok || offset > bytes_.size() || sizeof(T) > bytes_.size() - offset)
      ok = false;
    else
      memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

  std::string text(const Text &t) {
    if (!ok || t.offset > bytes_.size() || t.size > bytes_.size() - t.offset) {
      ok = false;
      return {};
    }
    return std::string(bytes_.substr(t.offset, t.size));
  }

  bool ok = true;

 private:
  std::string_view bytes_;
};

RemoteRange load_range(const uint64_t (&in)[2]) {
  return {RemoteAddr(in[0]), RemoteAddr(in[1])};
}

bool inside(const RemoteRange &inner, const RemoteRange &outer) {
  return inner.begin <= inner.end && outer.begin <= inner.begin && inner.end <= outer.end;
}

bool plausible(const RegionHeader &h, RemoteAddr at) {
  return memcmp(h.magic, kRegionMagic, sizeof h.magic) == 0 && h.version == kRegionVersion &&
         h.self == at.value && h.state >= static_cast<uint32_t>(RegionState::staged) &&
         h.state <= static_cast<uint32_t>(RegionState::undone) && h.header_size <= kMaxHeader &&
         h.header_size % kImagePage == 0 && h.total_size % kImagePage == 0 &&
         h.header_size < h.total_size && h.total_size <= kMaxTotal && h.hunk_count <= kMaxHunks &&
         h.work_size % kImagePage == 0 && h.work_size < h.total_size - h.header_size &&
         h.hook_count <= kMaxHooks && h.zero == 0 && h.self + h.total_size > h.self &&
         h.split_image % kImagePage == 0 && h.split_image + h.total_size >= h.split_image;
}

bool groups_fit(const Region &region) {
  uint64_t image_size = region.image_size();
  std::vector<RemoteRange> parts = region.parts();
  if (parts.size() == 2 && parts[0].overlaps(parts[1]))
    return false;
  uint64_t end = 0;
  for (const ImageRange &g : region.groups) {
    if (g.size == 0)
      continue;
    if (g.offset < end || g.offset % kImagePage != 0 || g.size % kImagePage != 0 ||
        g.size > image_size || g.offset > image_size - g.size)
      return false;
    end = g.end();
  }
  return true;
}

RegistrationRecord record_of(const FrameRegistration &r) {
  return {static_cast<uint32_t>(r.state), static_cast<uint32_t>(r.kind), r.object_header.value,
          r.remove.value};
}

bool load_registrations(const RegionHeader &h, Region &region) {
  for (size_t i = 0; i < kMaxUnwinders; i++) {
    const RegistrationRecord &r = h.registrations[i];
    if (r.state > static_cast<uint32_t>(FrameState::removed) ||
        r.kind > static_cast<uint32_t>(UnwinderKind::llvm))
      return false;
    region.registrations[i] = {static_cast<FrameState>(r.state), static_cast<UnwinderKind>(r.kind),
                               RemoteAddr(r.object_header), RemoteAddr(r.remove)};
  }
  region.eh_frame = RemoteAddr(h.eh_frame);
  return !region.eh_frame || region.image_range().contains(region.eh_frame);
}

bool outside(const RemoteRange &range, const Region &region) {
  std::vector<RemoteRange> parts = region.parts();
  return std::none_of(parts.begin(), parts.end(),
                      [&](const RemoteRange &part) { return range.overlaps(part); });
}

bool hunk_fits(const Hunk &hunk, const Region &region) {
  RemoteRange site{hunk.site, hunk.site + hunk.site_size()};
  if (hunk.pad && (!outside({hunk.pad, hunk.pad + kJumpSize}, region) ||
                   !in_short_reach(hunk.site.value, hunk.pad.value)))
    return false;
  return inside(site, hunk.original) && inside(hunk.replacement, region.code()) &&
         outside(hunk.original, region) &&
         (hunk.replacement_cold.empty() || inside(hunk.replacement_cold, region.code()));
}

bool hook_fits(const RegionHook &hook, const Region &region) {
  if ((hook.kind >= MarkKind::pre_apply && hook.kind <= MarkKind::post_undo) ||
      hook.kind == MarkKind::coroutine)
    return region.code().contains(hook.at);
  const ImageRange &data = region.groups[static_cast<size_t>(Group::data)];
  RemoteRange all{region.image() + data.offset, region.image() + data.end()};
  return hook.kind == MarkKind::shadow_table && inside({hook.at, hook.at + kShadowTableSize}, all);
}

// Without its name, whose place is not known yet.
RegionHunk record_of(const Hunk &hunk) {
  RegionHunk r{};
  r.site = hunk.site.value;
  std::copy(hunk.saved.begin(), hunk.saved.end(), r.saved);
  std::copy(hunk.jump.begin(), hunk.jump.end(), r.jump);
  r.pad = hunk.pad.value;
  std::copy(hunk.pad_saved.begin(), hunk.pad_saved.end(), r.pad_saved);
  std::copy(hunk.pad_jump.begin(), hunk.pad_jump.end(), r.pad_jump);
  store_range(r.range[0], hunk.original);
  store_range(r.range[1], hunk.original_cold);
  store_range(r.range[2], hunk.replacement);
  store_range(r.range[3], hunk.replacement_cold);
  return r;
}

} // namespace

uint64_t region_header_size(const Region &region) {
  uint64_t size = texts_begin(region) + region.build_id.size() + region.object_name.size() +
                  region.description.size() + region.ignored.size() + region.name.size();
  for (const Hunk &h : region.hunks)
    size += h.name.size();
  for (const RegionHook &h : region.hooks)
    size += h.name.size();
  return whole_pages(size);
}

RemoteAddr registration_place(const Region &region, size_t index) {
  return region.self + offsetof(RegionHeader, registrations) + index * sizeof(RegistrationRecord);
}

std::string encode_registration(const FrameRegistration &registration) {
  std::string bytes;
  append(bytes, record_of(registration));
  return bytes;
}

RemoteAddr tls_handle_place(const Region &region) {
  return region.self + offsetof(RegionHeader, tls_handle);
}

std::string encode_region(const Region &region) {
  RegionHeader h{};
  memcpy(h.magic, kRegionMagic, sizeof h.magic);
  h.version = kRegionVersion;
  h.state = static_cast<uint32_t>(region.state);
  h.self = region.self.value;
  h.header_size = region.header_size;
  h.split_image = region.split_image.value;
  h.total_size = region.total_size;
  for (size_t i = 0; i < kGroupCount; i++) {
    h.group[i][0] = region.groups[i].offset;
    h.group[i][1] = region.groups[i].size;
  }
  h.bias = region.bias.value;
  h.object_header = region.object_header.value;
  h.eh_frame_hdr = region.eh_frame_hdr.value;
  h.applied_at = region.applied_at;
  h.level = region.level;
  h.hunk_count = static_cast<uint32_t>(region.hunks.size());
  h.hook_count = static_cast<uint32_t>(region.hooks.size());
  memcpy(h.digest, region.digest.data(), kDigestSize);
  h.work_size = region.work_size;
  h.eh_frame = region.eh_frame.value;
  h.tls_handle = region.tls_handle.value;
  h.doctor[0] = region.doctor.pid;
  h.doctor[1] = region.doctor.start_time;
  h.doctor[2] = region.doctor.pid_namespace;
  for (size_t i = 0; i < kMaxUnwinders; i++)
    h.registrations[i] = record_of(region.registrations[i]);
  uint64_t at = texts_begin(region);
  std::string texts =
      region.build_id + region.object_name + region.description + region.ignored + region.name;
  h.build_id = place_text(at, region.build_id);
  h.object_name = place_text(at, region.object_name);
  h.description = place_text(at, region.description);
  h.ignored = place_text(at, region.ignored);
  h.name = place_text(at, region.name);

  std::string bytes;
  append(bytes, h);
  for (const Hunk &hunk : region.hunks) {
    RegionHunk r = record_of(hunk);
    r.name = place_text(at, hunk.name);
    append(bytes, r);
    texts += hunk.name;
  }
  for (const RegionHook &hook : region.hooks) {
    append(bytes, RegionHookRecord{hook.at.value, static_cast<uint32_t>(hook.kind), 0,
                                   place_text(at, hook.name)});
    texts += hook.name;
  }
  bytes += texts;
  if (bytes.size() > region.header_size)
    throw error("the patch's description does not fit its header");
  bytes.resize(region.header_size, '\0');
  return bytes;
}

std::optional<Region> decode_region(RemoteAddr at, std::string_view bytes) {
  Reader reader(bytes);
  auto h = reader.at<RegionHeader>(0);
  if (!reader.ok || !plausible(h, at) || h.header_size > bytes.size())
    return std::nullopt;
  Region region;
  region.self = at;
  region.header_size = h.header_size;
  region.split_image = RemoteAddr(h.split_image);
  region.total_size = h.total_size;
  region.work_size = h.work_size;
  for (size_t i = 0; i < kGroupCount; i++)
    region.groups[i] = {h.group[i][0], h.group[i][1]};
  region.state = static_cast<RegionState>(h.state);
  region.bias.value = h.bias;
  region.object_header = RemoteAddr(h.object_header);
  region.eh_frame_hdr = RemoteAddr(h.eh_frame_hdr);
  region.applied_at = h.applied_at;
  region.level = h.level;
  memcpy(region.digest.data(), h.digest, kDigestSize);
  region.build_id = reader.text(h.build_id);
  region.object_name = reader.text(h.object_name);
  region.description = reader.text(h.description);
  region.tls_handle = RemoteAddr(h.tls_handle);
  region.doctor = {h.doctor[0], h.doctor[1], h.doctor[2]};
  region.ignored = reader.text(h.ignored);
  region.name = reader.text(h.name);
  if (!valid_patch_name(region.name) || !groups_fit(region) || !load_registrations(h, region))
    return std::nullopt;
  for (uint32_t i = 0; i < h.hunk_count && reader.ok; i++) {
    auto r = reader.at<RegionHunk>(sizeof(RegionHeader) + i * sizeof(RegionHunk));
    Hunk hunk;
    hunk.name = reader.text(r.name);
    hunk.site = RemoteAddr(r.site);
    std::copy_n(r.saved, kJumpSize, hunk.saved.begin());
    std::copy_n(r.jump, kJumpSize, hunk.jump.begin());
    hunk.pad = RemoteAddr(r.pad);
    std::copy_n(r.pad_saved, kJumpSize, hunk.pad_saved.begin());
    std::copy_n(r.pad_jump, kJumpSize, hunk.pad_jump.begin());
    hunk.original = load_range(r.range[0]);
    hunk.original_cold = load_range(r.range[1]);
    hunk.replacement = load_range(r.range[2]);
    hunk.replacement_cold = load_range(r.range[3]);
    if (!hunk_fits(hunk, region))
      return std::nullopt;
    region.hunks.push_back(std::move(hunk));
  }
  uint64_t hooks = sizeof(RegionHeader) + h.hunk_count * sizeof(RegionHunk);
  for (uint32_t i = 0; i < h.hook_count && reader.ok; i++) {
    auto r = reader.at<RegionHookRecord>(hooks + i * sizeof(RegionHookRecord));
    RegionHook hook{static_cast<MarkKind>(r.kind), reader.text(r.name), RemoteAddr(r.at)};
    if (r.zero != 0 || !hook_fits(hook, region))
      return std::nullopt;
    region.hooks.push_back(std::move(hook));
  }
  if (!reader.ok)
    return std::nullopt;
  return region;
}

namespace {

std::optional<Region> read_region(RemoteAddr at, const RemoteMemory &memory) {
  RegionHeader h{};
  if (memory.read_some(at, &h, sizeof h) != sizeof h || !plausible(h, at))
    return std::nullopt;
  std::string bytes(h.header_size, '\0');
  if (memory.read_some(at, bytes.data(), bytes.size()) != bytes.size())
    return std::nullopt;
  return decode_region(at, bytes);
}

} // namespace

std::vector<Region> find_regions(const MemoryMap &map, const RemoteMemory &memory) {
  // The kernel may have merged a header with read-only memory next to it, so
  // every page is looked at; only the magic is read of each.
  std::vector<RemoteAddr> pages;
  for (const Mapping &m : map) {
    bool candidate = m.anonymous() && m.read && !m.write && !m.exec && !m.shared;
    if (!candidate || m.range.size() > kMaxSearched ||
        (m.path.starts_with("[") && !m.path.starts_with("[anon:")))
      continue;
    for (RemoteAddr at = m.range.begin; at < m.range.end; at += kImagePage)
      pages.push_back(at);
  }
  std::vector<std::array<std::byte, sizeof kRegionMagic>> heads(pages.size());
  std::vector<RemoteMemory::Piece> pieces;
  for (size_t i = 0; i < pages.size(); i++)
    pieces.push_back({pages[i], heads[i]});
  memory.read_pieces(pieces);
  std::vector<Region> regions;
  for (size_t i = 0; i < pages.size(); i++) {
    if (pieces[i].buffer.size() != sizeof kRegionMagic ||
        memcmp(heads[i].data(), kRegionMagic, sizeof kRegionMagic) != 0)
      continue;
    if (std::optional<Region> region = read_region(pages[i], memory))
      regions.push_back(std::move(*region));
  }
  return regions;
}

Standing count_standing(const Region &region, const RemoteMemory &memory) {
  Standing n;
  for (const Hunk &hunk : region.hunks) {
    size_t missing = 0;
    for (const CodeWrite &w : writes_of(hunk)) {
      bool jump = holds(memory, w, w.after);
      n.all++;
      n.jumps += jump;
      n.originals += !jump && holds(memory, w, w.before);
      missing += !jump;
    }
    n.functions += missing == 0;
  }
  return n;
}

bool region_in_force(const Region &region, const RemoteMemory &memory) {
  if (region.state != RegionState::committed)
    return false;
  Standing n = count_standing(region, memory);
  return n.jumps == n.all;
}

} // namespace care
