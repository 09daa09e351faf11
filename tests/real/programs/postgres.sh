# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A cluster of its own, not as root, on a socket. Texts and the log are compressed with
# lz4: each request stores a text and reads it back. The postmaster and the process that
# serves our session are patched. Its other children are not: it forks them in its handler
# of SIGCHLD, where they stay for all of their lives, and in a handler no function of a
# library is called to make the patch known to the unwinder (docs/safety.rst).

# As nobody, below $work/pg.
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups env "HOME=$work/pg" "$@"; }

start_postgres() {
  local programs=$root/usr/lib/postgresql/15/bin
  [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null || return 77
  fetch_package postgresql-15 postgresql-client-15 libpq5 liblz4-1 || return 77
  ! ldd "$programs"/{postgres,psql,initdb} | grep -q 'not found' || return 77
  mkdir "$work/pg" && chown 65534:65534 "$work/pg"
  (cd "$work/pg" && as_nobody "$programs/initdb" -D "$work/pg/data" -A trust -N --no-locale -E UTF8 \
    -U postgres) >"$work/start.log" 2>&1 || return 1
  (cd "$work/pg" && as_nobody "$programs/postgres" -D "$work/pg/data" -k "$work/pg" \
    -c listen_addresses= -c wal_compression=lz4 -c default_toast_compression=lz4) \
    2>"$work/server.log" &
  answers as_nobody "$programs/psql" -h "$work/pg" -U postgres -qc \
    'create table texts (k int primary key, v text, sum text)' 2>>"$work/start.log" || return 1
  mkfifo "$work/to" "$work/from"
  (cd "$work/pg" && as_nobody "$programs/psql" -h "$work/pg" -U postgres -qAt) \
    <"$work/to" >"$work/from" 2>>"$work/client.log" &
  exec 7>"$work/to" 8<"$work/from"
  ask_postgres || return 1
  pids=($(head -1 "$work/pg/data/postmaster.pid"))
  pids+=($(pgrep -P "${pids[0]}")) # the background processes were forked in a signal handler
}

ask_postgres() {
  local line
  echo "insert into texts select 1, v, md5(v) from (select repeat(md5(random()::text), 300) v) x
    on conflict (k) do update set v = excluded.v, sum = excluded.sum;
    select case when md5(v) = sum and length(v) = 9600 and pg_column_compression(v) = 'lz4'
      then 'right' else 'wrong' end from texts;" >&7
  read -r -t 60 line <&8 && [ "$line" = right ]
}
