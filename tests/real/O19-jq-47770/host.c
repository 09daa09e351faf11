// SPDX-License-Identifier: GPL-2.0-or-later
//
// Runs jq programs, an interpreter for each question. The fault asks for both kinds of
// comparison; both have to be limited, and as long as neither is, both run through.
#include <jq.h>
#include <jv.h>

#include "host.h"

static void prepare(void) {}

static void quiet(void *data, jv message) {
  (void)data;
  jv_free(message);
}

// What the program makes of `input`, as text, into `text`.
static void run(const char *program, jv input, char *text, size_t size) {
  jq_state *jq = jq_init();
  jv result;
  snprintf(text, size, "nothing");
  jq_set_error_cb(jq, quiet, NULL);
  if (!jq_compile(jq, program)) {
    jv_free(input);
    jq_teardown(&jq);
    return;
  }
  jq_start(jq, input, 0);
  result = jq_next(jq);
  if (jv_is_valid(result)) {
    jv dumped = jv_dump_string(result, 0);
    snprintf(text, size, "%s", jv_string_value(dumped));
    jv_free(dumped);
  } else {
    jv_free(result);
  }
  jq_teardown(&jq);
}

static const char *work(void) {
  static const char *const kProgram =
      "[.[] | {k: (. % 7), v: .}] | group_by(.k) | map({k: .[0].k, n: length, s: (map(.v) | add)}) "
      "| sort_by(-.s) | [(map(.n) | add), (map(.s) | add), .[0] == .[0], .[0] == .[1], "
      "([3,1,2] - [1]), ([[2],[1,2],[1]] | sort | tojson), ([1,5,2] | max)]";
  jv numbers = jv_array();
  char text[256];
  for (int i = 0; i < 100; i++)
    numbers = jv_array_append(numbers, jv_number(i));
  run(kProgram, numbers, text, sizeof text);
  return strcmp(text, "[100,4950,true,false,[3,2],\"[[1],[1,2],[2]]\",5]") == 0 ? "ok"
                                                                                : "another result";
}

static const char *fault(void) {
  static const char *const kProgram =
      "def nest: reduce range(15000) as $i (0; [.]); nest as $a | nest as $b "
      "| [(try ($a == $b) catch .), (try ([$a, $b] | sort | length) catch .)]";
  char text[256];
  run(kProgram, jv_null(), text, sizeof text);
  if (strcmp(text, "[true,2]") == 0)
    return "vulnerable";
  if (strcmp(text, "[\"Equality check too deep\",\"Comparison too deep\"]") == 0)
    return "fixed";
  fprintf(stderr, "%s\n", text);
  return "another result";
}
