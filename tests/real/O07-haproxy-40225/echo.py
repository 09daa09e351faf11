# SPDX-License-Identifier: GPL-2.0-or-later
"""echo.py PORT: a server that says 200 to everything. echo.py ask PORT: sends what is on
standard input and prints the status of the answer."""
import http.server
import socket
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get_all("Content-Length", ["0"])[-1] or 0))
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128


if sys.argv[1] == "ask":
    with socket.create_connection(("127.0.0.1", int(sys.argv[2])), 60) as connection:
        connection.sendall(sys.stdin.buffer.read())
        print((connection.recv(4096).split() + [b"", b"none"])[1].decode())
else:
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
