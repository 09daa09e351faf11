# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# An nginx with a master and two workers, for the fixes of nginx: `site` is what stands in
# its server. Sourced by their `run`.
# shellcheck source=lib.sh
. "$real/lib.sh"

port=$(free_port)
start() {
  mkdir -p "$work/www"
  cat >"$work/nginx.conf" <<END
daemon off; worker_processes 2; pid $work/nginx.pid; user root; error_log $work/service.log info;
events { worker_connections 256; }
http {
  access_log off; client_body_temp_path $work/t1; proxy_temp_path $work/t2;
  fastcgi_temp_path $work/t3; uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
  server {
    listen 127.0.0.1:$port;
    location /alive { return 200 "alive\n"; }
    $site
  }
}
END
  service "$root/usr/sbin/nginx" -p "$work" -c "$work/nginx.conf" -e "$work/service.log"
  ready curl -fsS --max-time 60 "http://127.0.0.1:$port/alive"
}
load() { clients http "$port" /alive; }
