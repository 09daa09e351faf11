# SPDX-License-Identifier: GPL-2.0-or-later
"""A name server that answers everything, and a client.

    dns.py serve PORT          every name has the address 192.0.2.1; the answer to a name that
                               begins with "ecs" claims to be for a client subnet that nobody
                               asked for, and one that begins with "big" or "long" is an
                               alias of a name that takes 1905 characters, or 300
    dns.py ask PORT NAME       prints the address of the answer
"""
import random
import socket
import struct
import sys


def wire(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def end_of_name(data, at):
    while data[at]:
        at += data[at] + 1
    return at + 1


def answer(data):
    end = end_of_name(data, 12)
    kind = data[end:end + 2]
    record = b"\xc0\x0c" + struct.pack(">HHIH4B", 1, 1, 60, 4, 192, 0, 2, 1) if kind == b"\0\1" else b""
    extra = b""
    if data[13:16] == b"ecs":
        subnet = struct.pack(">HBB4B", 1, 32, 0, 10, 9, 8, 7)
        option = struct.pack(">HH", 8, len(subnet)) + subnet
        extra = b"\0" + struct.pack(">HHIH", 41, 4096, 0, len(option)) + option
    if data[13:16] == b"big" or data[13:17] == b"long":
        labels = [b"\1" * 63] * 15 if data[13:16] == b"big" else [b"x" * 60] * 5
        target = data[12:13 + data[12]] + b"".join(bytes([len(x)]) + x for x in labels) + b"\0"
        alias = b"\xc0\x0c" + struct.pack(">HHIH", 5, 1, 60, len(target)) + target
        where = struct.pack(">H", 0xc000 + end + 4 + 12)
        address = where + struct.pack(">HHIH4B", 1, 1, 60, 4, 192, 0, 2, 1)
        return data[:2] + struct.pack(">5H", 0x8180, 1, 2, 0, 0) + data[12:end + 4] + alias + address
    head = data[:2] + struct.pack(">5H", 0x8180, 1, bool(record), 0, bool(extra))
    return head + data[12:end + 4] + record + extra


def serve(port):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", port))
    while True:
        data, client = server.recvfrom(4096)
        server.sendto(answer(data), client)


def ask(port, name):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(20)
    client.connect(("127.0.0.1", port))
    number = random.randrange(65536)
    client.send(struct.pack(">6H", number, 0x100, 1, 0, 0, 0) + wire(name) + b"\0\1\0\1")
    data = client.recv(4096)
    if b"\xc0\0\2\1" not in data:
        sys.exit(f"no address in {data!r}")
    print("192.0.2.1")


if sys.argv[1] == "serve":
    serve(int(sys.argv[2]))
ask(int(sys.argv[2]), sys.argv[3])
