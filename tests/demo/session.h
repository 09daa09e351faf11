/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stddef.h>

enum { TEXT_SIZE = 64, SECRET_SIZE = 1024 };

struct session {
  char text[TEXT_SIZE];
  char secret[SECRET_SIZE];
};

/* Puts the echoed bytes into `reply`; returns how many. */
size_t echo(struct session *s, const char *text, size_t length, char *reply);
