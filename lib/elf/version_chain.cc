// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/elf/version_chain.h"

#include <elf.h>

namespace care {

void for_each_required(ByteSource &source, uint64_t begin, uint64_t count,
                       const VersionVisit &visit) {
  uint64_t at = begin;
  for (uint64_t i = 0; i < count; i++) {
    auto need = source.value_at<Elf64_Verneed>(at);
    uint64_t aux_at = at + need.vn_aux;
    for (uint16_t k = 0; k < need.vn_cnt; k++) {
      auto aux = source.value_at<Elf64_Vernaux>(aux_at);
      auto number = static_cast<uint16_t>(aux.vna_other & kVersionNumberMask);
      if (!visit({number, aux.vna_name}))
        return;
      aux_at += aux.vna_next;
    }
    if (need.vn_next == 0)
      return;
    at += need.vn_next;
  }
}

void for_each_defined(ByteSource &source, uint64_t begin, uint64_t count,
                      const VersionVisit &visit) {
  uint64_t at = begin;
  for (uint64_t i = 0; i < count; i++) {
    auto definition = source.value_at<Elf64_Verdef>(at);
    if (!(definition.vd_flags & VER_FLG_BASE)) {
      auto aux = source.value_at<Elf64_Verdaux>(at + definition.vd_aux);
      auto number = static_cast<uint16_t>(definition.vd_ndx & kVersionNumberMask);
      if (!visit({number, aux.vda_name}))
        return;
    }
    if (definition.vd_next == 0)
      return;
    at += definition.vd_next;
  }
}

} // namespace care
