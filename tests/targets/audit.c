/* SPDX-License-Identifier: GPL-2.0-or-later
 * An auditor (rtld-audit(7)) that looks at every binding and changes none. */
#include <link.h>

unsigned la_version(unsigned version) {
  return version;
}

unsigned la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie) {
  (void)map, (void)lmid, (void)cookie;
  return LA_FLG_BINDTO | LA_FLG_BINDFROM;
}
