# SPDX-License-Identifier: GPL-2.0-or-later
"""A server that says whether a request came with the header X-Strip: upstream.py PORT"""
import http.server
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"forwarded\n" if "X-Strip" in self.headers else b"removed\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
