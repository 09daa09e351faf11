// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/process/link_map.h"

#include <optional>
#include <set>

#include <elf.h>
#include <sys/auxv.h>

namespace care {

namespace {

// Layouts of <link.h> as 64-bit glibc and musl have them.
constexpr uint64_t kDebugVersion = 0;
constexpr uint64_t kDebugMap = 8;
constexpr uint64_t kDebugState = 24;
constexpr uint64_t kDebugNext = 40; // r_debug_extended, version 2
constexpr int kConsistent = 0;      // RT_CONSISTENT
constexpr uint64_t kMapAddr = 0;
constexpr uint64_t kMapName = 8;
constexpr uint64_t kMapDynamic = 16;
constexpr uint64_t kMapNext = 24;
// No process has that many; a longer chain is a torn read.
constexpr size_t kMaxObjects = 65536;
constexpr size_t kMaxNamespaces = 64;

// What DT_DEBUG of `object` points to; only programs have it, and ld.so fills it in.
std::optional<RemoteAddr> debug_structure_of(const LoadedObject &object, CachedMemory &memory) {
  std::optional<uint64_t> debug = find_entry(read_dynamic(object, memory), DT_DEBUG);
  return debug && *debug != 0 ? std::optional(RemoteAddr(*debug)) : std::nullopt;
}

// Does the list at `debug` begin with `object`?
bool heads_the_list(const LoadedObject &object, RemoteAddr debug, CachedMemory &memory) {
  uint64_t map = 0;
  uint64_t words[3] = {}; // kMapAddr, kMapName, kMapDynamic
  return memory.try_read(debug + kDebugMap, &map, sizeof map) &&
         memory.try_read(RemoteAddr(map), words, sizeof words) && words[0] == object.bias.value &&
         object.dynamic &&
         RemoteAddr(words[kMapDynamic / 8]) == object.bias + object.dynamic->begin;
}

std::optional<size_t> object_of(const std::vector<LoadedObject> &objects, LoadBias bias,
                                RemoteAddr dynamic) {
  for (size_t i = 0; i < objects.size(); i++) {
    const LoadedObject &o = objects[i];
    if (o.dynamic && o.bias == bias && o.bias + o.dynamic->begin == dynamic)
      return i;
  }
  return std::nullopt;
}

std::optional<size_t> object_of_map(RemoteAddr map, const std::vector<LoadedObject> &objects,
                                    CachedMemory &memory) {
  LoadBias bias{memory.read_value<uint64_t>(map + kMapAddr)};
  return object_of(objects, bias, RemoteAddr(memory.read_value<uint64_t>(map + kMapDynamic)));
}

// The structures of one namespace, in order.
std::vector<RemoteAddr> maps_from(RemoteAddr map, CachedMemory &memory) {
  std::vector<RemoteAddr> maps;
  std::set<RemoteAddr> seen;
  while (map && seen.size() < kMaxObjects && seen.insert(map).second) {
    maps.push_back(map);
    map = RemoteAddr(memory.read_value<uint64_t>(map + kMapNext));
  }
  return maps;
}

// Of each namespace; nothing without a dynamic linker.
std::optional<std::vector<std::vector<RemoteAddr>>> all_maps(const LoadedObject &main,
                                                             CachedMemory &memory) {
  std::optional<RemoteAddr> debug = debug_structure_of(main, memory);
  if (!debug)
    return std::nullopt;
  std::vector<std::vector<RemoteAddr>> namespaces;
  RemoteAddr at = *debug;
  while (at && namespaces.size() < kMaxNamespaces) {
    int version = memory.read_value<int>(at + kDebugVersion);
    namespaces.push_back(
        maps_from(RemoteAddr(memory.read_value<uint64_t>(at + kDebugMap)), memory));
    at = version >= 2 ? RemoteAddr(memory.read_value<uint64_t>(at + kDebugNext)) : RemoteAddr();
  }
  return namespaces;
}

// What the kernel started: the program, as a rule.
const LoadedObject *started_object(const Process &process,
                                   const std::vector<LoadedObject> &objects) {
  std::optional<uint64_t> phdr = process.auxv(AT_PHDR);
  for (const LoadedObject &object : objects) {
    if (phdr && object.range.contains(RemoteAddr(*phdr)))
      return &object;
  }
  return nullptr;
}

} // namespace

const LoadedObject *main_program(const Process &process, const std::vector<LoadedObject> &objects,
                                 CachedMemory &memory) {
  const LoadedObject *started = started_object(process, objects);
  // `ld.so ./program`: the kernel knows ld.so only.
  if (started && !debug_structure_of(*started, memory)) {
    for (const LoadedObject &object : objects) {
      std::optional<RemoteAddr> debug = debug_structure_of(object, memory);
      if (debug && heads_the_list(object, *debug, memory))
        return &object;
    }
  }
  return started;
}

LinkerState linker_state(const Process &process, const std::vector<LoadedObject> &objects,
                         const RemoteMemory &memory) {
  CachedMemory fresh(memory);
  const LoadedObject *main = main_program(process, objects, fresh);
  if (!main)
    return LinkerState::none;
  if (std::optional<RemoteAddr> debug = debug_structure_of(*main, fresh))
    return fresh.read_value<int>(*debug + kDebugState) == kConsistent ? LinkerState::at_rest
                                                                      : LinkerState::busy;
  // Right after exec it has not come to that yet.
  return process.auxv(AT_BASE).value_or(0) != 0 ? LinkerState::busy : LinkerState::none;
}

const LoadedObject *dynamic_linker(const Process &process, const std::vector<LoadedObject> &objects,
                                   CachedMemory &memory) {
  RemoteAddr base(process.auxv(AT_BASE).value_or(0));
  for (const LoadedObject &object : objects) {
    if (base && object.range.contains(base))
      return &object;
  }
  const LoadedObject *started = started_object(process, objects);
  return started != main_program(process, objects, memory) ? started : nullptr;
}

std::vector<LinkMaps> read_link_maps(const Process &process,
                                     const std::vector<LoadedObject> &objects,
                                     CachedMemory &memory) {
  const LoadedObject *main = main_program(process, objects, memory);
  if (!main)
    return {};
  auto namespaces = all_maps(*main, memory);
  if (!namespaces)
    return {{{RemoteAddr(), static_cast<size_t>(main - objects.data())}}};
  std::vector<LinkMaps> all;
  for (const std::vector<RemoteAddr> &maps : *namespaces) {
    LinkMaps &entries = all.emplace_back();
    for (RemoteAddr map : maps)
      entries.push_back({map, object_of_map(map, objects, memory)});
  }
  return all;
}

std::optional<RemoteAddr> find_link_map_at(const Process &process,
                                           const std::vector<LoadedObject> &objects,
                                           RemoteAddr base, CachedMemory &memory) {
  const LoadedObject *main = main_program(process, objects, memory);
  auto namespaces = main ? all_maps(*main, memory) : std::nullopt;
  if (!namespaces)
    return std::nullopt;
  for (const std::vector<RemoteAddr> &maps : *namespaces)
    for (RemoteAddr map : maps)
      if (memory.read_value<uint64_t>(map + kMapAddr) == base.value)
        return map;
  return std::nullopt;
}

std::optional<RemoteAddr> find_link_map(const Process &process,
                                        const std::vector<LoadedObject> &objects,
                                        const LoadedObject &object, CachedMemory &memory) {
  auto index = static_cast<size_t>(&object - objects.data());
  for (const LinkMaps &maps : read_link_maps(process, objects, memory)) {
    for (const LinkMapEntry &m : maps) {
      if (m.object == index && m.at)
        return m.at;
    }
  }
  return std::nullopt;
}

std::vector<std::string> link_map_names(const Process &process,
                                        const std::vector<LoadedObject> &objects,
                                        CachedMemory &memory) {
  std::vector<std::string> names;
  for (const LinkMaps &maps : read_link_maps(process, objects, memory)) {
    for (const LinkMapEntry &m : maps) {
      if (m.at)
        names.push_back(
            memory.read_string(RemoteAddr(memory.read_value<uint64_t>(m.at + kMapName))));
    }
  }
  return names;
}

} // namespace care
