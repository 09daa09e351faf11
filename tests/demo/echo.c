/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the bug is: `length` is the client's word.
 */
#include "session.h"

#include <string.h>

size_t echo(struct session *s, const char *text, size_t length, char *reply) {
  size_t have = strlen(text);
  if (have >= TEXT_SIZE)
    have = TEXT_SIZE - 1;
  memcpy(s->text, text, have);
  s->text[have] = '\0';
  if (length > sizeof *s)
    length = sizeof *s;
  memcpy(reply, s->text, length);
  return length;
}
