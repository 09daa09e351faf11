/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "parts.h"

static const char *const names[] = {"short", "middle", "long"};

static int clamp(int n) { return n < 0 ? 0 : n > 2 ? 2 : n; }

const char *name_of(int kind) { return names[clamp(kind)]; }

int kind_of(const char *word) { return clamp((int)strlen(word) / 4); }
