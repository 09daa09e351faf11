# SPDX-License-Identifier: GPL-2.0-or-later
# The shell from the amalgamation, which `checks` has had made.
FLAGS := $(CFLAGS) -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE -DSQLITE_ENABLE_DBSTAT_VTAB \
  -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_ENABLE_PREUPDATE_HOOK -DSQLITE_ENABLE_SESSION
sqlite3: sqlite3.o shell.o
	$(CC) $(CFLAGS) -o $@ $^ -lm -ldl -lpthread -Wl,--build-id
%.o: %.c
	$(CC) $(FLAGS) -c $< -o $@
