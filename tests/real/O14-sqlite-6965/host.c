// SPDX-License-Identifier: GPL-2.0-or-later
//
// A database in memory for each question: rows go in, aggregates of them come out, some by
// groups. The fault is a statement with 3000 terms, as columns that are balanced sums of
// 500 each, for deep expressions are refused anyway; so many harm nobody yet.
#include <sqlite3.h>

#include "host.h"

enum { MANY = 3000, IN_COLUMN = 500, ROWS = 50 };

static char many_terms[MANY * 16 + 64];

// sum(a+first) ... sum(a+last), in parentheses: returns the end
static char *balanced(char *at, int first, int last) {
  if (first == last)
    return at + sprintf(at, "sum(a+%d)", first);
  *at++ = '(';
  at = balanced(at, first, (first + last) / 2);
  *at++ = '+';
  at = balanced(at, (first + last) / 2 + 1, last);
  *at++ = ')';
  return at;
}

static void prepare(void) {
  char *at = many_terms + sprintf(many_terms, "SELECT ");
  sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
  for (int column = 0; column < MANY / IN_COLUMN; column++) {
    at += sprintf(at, "%s", column ? "," : "");
    at = balanced(at, column * IN_COLUMN, (column + 1) * IN_COLUMN - 1);
  }
  strcpy(at, " FROM t");
}

static sqlite3 *filled(void) {
  sqlite3 *base = NULL;
  char row[64];
  if (sqlite3_open(":memory:", &base) != SQLITE_OK ||
      sqlite3_exec(base, "CREATE TABLE t(a, b)", 0, 0, 0) != SQLITE_OK)
    return base;
  for (int i = 1; i <= ROWS; i++) {
    sprintf(row, "INSERT INTO t VALUES(%d, %d)", i, i % 5);
    sqlite3_exec(base, row, 0, 0, 0);
  }
  return base;
}

// The statement's numbers, row by row, added up; -1 when it fails.
static long total(sqlite3 *base, const char *text) {
  sqlite3_stmt *statement = NULL;
  long sum = 0;
  int status;
  if (sqlite3_prepare_v2(base, text, -1, &statement, NULL) != SQLITE_OK)
    return -1;
  while ((status = sqlite3_step(statement)) == SQLITE_ROW)
    for (int i = 0; i < sqlite3_column_count(statement); i++)
      sum += (long)sqlite3_column_int64(statement, i);
  sqlite3_finalize(statement);
  return status == SQLITE_DONE ? sum : -1;
}

static const char *work(void) {
  sqlite3 *base = filled();
  long plain = total(base, "SELECT sum(a), count(*), max(a), min(a) FROM t WHERE a > 10");
  long grouped = total(base, "SELECT b, sum(a), count(DISTINCT a) FROM t GROUP BY b HAVING "
                             "sum(a) > 0 ORDER BY max(a)");
  long nested = total(base, "SELECT sum(x) FROM (SELECT avg(a) * count(a) AS x FROM t GROUP BY b)");
  sqlite3_close(base);
  return plain == 1220 + 40 + 50 + 11 && grouped == 10 + 1275 + 50 && nested == 1275 ? "ok"
                                                                                     : "wrong sums";
}

static const char *fault(void) {
  sqlite3 *base = filled();
  const char *answer = "another error";
  if (total(base, many_terms) > 0)
    answer = "vulnerable";
  else if (strstr(sqlite3_errmsg(base), "more than 2000 aggregate terms"))
    answer = "fixed";
  sqlite3_close(base);
  return answer;
}
