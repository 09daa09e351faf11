# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A redis server for the fixes of redis, with its threads for input and output. The
# server may be asked by `cli`. Sourced by their `run`.
# shellcheck source=lib.sh
. "$real/lib.sh"

port=$(free_port) server=$root/usr/bin/redis-server
start() {
  mkdir -p "$work/data"
  service "$server" --port "$port" --bind 127.0.0.1 --save "" --appendonly no \
    --enable-debug-command yes --dir "$work/data" --io-threads 2 --crash-memcheck-enabled no
  ready cli ping
}
cli() { LD_LIBRARY_PATH=$libraries timeout 60 "$root/usr/bin/redis-cli" -p "$port" "$@"; }
load() { clients redis "$port"; }
