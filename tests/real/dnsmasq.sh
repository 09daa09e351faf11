# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A dnsmasq that asks a name server of ours, for the fixes of dnsmasq. Sourced by their
# `run`.
# shellcheck source=lib.sh
. "$real/lib.sh"

guard= port=$(free_port) upstream=$(free_port)
python3 "$real/dns.py" serve "$upstream" &
upstream_pid=$!
stop_helpers() { kill "$upstream_pid" 2>/dev/null; }
start() {
  service env ${guard:+LD_PRELOAD="$guard"} "$root/usr/sbin/dnsmasq" -k -C /dev/null -p "$port" -a 127.0.0.1 -z --no-resolv --no-hosts \
    --server="127.0.0.1#$upstream" --add-subnet=32,128 --pid-file= --user=root --log-facility=- \
    --dns-forward-max=1000
  ready python3 "$real/dns.py" ask "$port" ok.test
}
load() { clients dns "$port" ok.test; }
