# SPDX-License-Identifier: GPL-2.0-or-later
"""first_packet.py PORT PID: does the broker close, or take memory for, a large first packet?"""
import re
import socket
import sys

port, pid = int(sys.argv[1]), int(sys.argv[2])


def kilobytes():
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmSize:\s+(\d+)", status.read()).group(1))


before = kilobytes()
connection = socket.create_connection(("127.0.0.1", port))
connection.sendall(b"\xe0\xff\xff\xff\x7f")
connection.settimeout(0.1)
for _ in range(300):
    if kilobytes() - before > 200000:
        print("vulnerable")
        break
    try:
        print("answered" if connection.recv(1) else "fixed")
        break
    except socket.timeout:
        pass
    except ConnectionResetError:
        print("fixed")
        break
