#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"
#include "record.h"

struct record *records;

struct record *find_record(int key) {
  struct record *r = records;
  while (r && r->key != key)
    r = r->next;
  return r;
}

/* add KEY VALUE, drop KEY, get KEY */
void answer(const char *request, char *reply) {
  int key = 0, value = 0;
  if (sscanf(request, "add %d %d", &key, &value) == 2) {
    struct record *r = malloc(sizeof *r);
    r->key = key;
    r->value = value;
    r->next = records;
    records = r;
    sprintf(reply, "added %d", key);
  } else if (sscanf(request, "get %d", &key) == 1) {
    struct record *r = find_record(key);
    sprintf(reply, "%d: %d", key, r ? r->value : -1);
  } else if (sscanf(request, "drop %d", &key) == 1) {
    struct record **at = &records;
    while (*at && (*at)->key != key)
      at = &(*at)->next;
    if (*at) {
      struct record *r = *at;
      *at = r->next;
      free(r);
    }
    sprintf(reply, "dropped %d", key);
  } else {
    strcpy(reply, "?");
  }
}
