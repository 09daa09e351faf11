#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients that load a service and count.

    clients.py COUNTS KIND PORT|FIFO [ARGUMENT...]

KIND is one of the functions below: it makes a connection's state and asks one question
after the other; each answer is looked at. COUNTS gets one line, `answers failures`, after
each answer. Three threads ask until SIGTERM; a question that is under way then does not
count. The first ten failures are printed.
"""
import os
import random
import select
import signal
import socket
import struct
import sys
import tempfile
import threading

THREADS = 3
PATIENCE = 60  # seconds for one answer, on a machine that is busy with other things


def tcp(port):
    return socket.create_connection(("127.0.0.1", port), PATIENCE)


def read_all(connection):
    data = b""
    while part := connection.recv(65536):
        data += part
    return data


def http(port, path="/", status="200", method="GET", host="localhost"):
    """One connection for each request, as long as the server likes."""
    while True:
        with tcp(port) as c:
            c.sendall(f"{method} {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            answer = read_all(c)
        yield answer.startswith(b"HTTP/1.") and answer.split()[1] == status.encode(), answer[:200]


def redis(port):
    """A connection that stays: sets, pushes and reads back, in a script too."""
    c = tcp(port)
    f = c.makefile("rb")
    key = f"key{random.randrange(10 ** 9)}"
    rounds = 0

    def ask(*words):
        c.sendall(f"*{len(words)}\r\n".encode() + b"".join(f"${len(w)}\r\n{w}\r\n".encode() for w in words))
        line = f.readline()
        return f.read(int(line[1:]) + 2)[:-2] if line[:1] == b"$" else line[:-2]

    while True:
        rounds += 1
        value = str(rounds)
        yield ask("SET", key, value) == b"+OK", "SET"
        yield ask("GET", key) == value.encode(), "GET"
        yield ask("EVAL", "return redis.call('get', KEYS[1])", "1", key) == value.encode(), "EVAL"


def memcached(port):
    c = tcp(port)
    f = c.makefile("rb")
    key = f"key{random.randrange(10 ** 9)}"
    rounds = 0
    while True:
        rounds += 1
        value = str(rounds)
        c.sendall(f"set {key} 0 0 {len(value)}\r\n{value}\r\n".encode())
        yield f.readline() == b"STORED\r\n", "set"
        c.sendall(f"get {key}\r\n".encode())
        yield [f.readline() for _ in range(3)][1] == value.encode() + b"\r\n", "get"


def dns(port, name="ok.test"):
    """A new name each time, so that no cache answers; the upstream has to."""
    while True:
        labels = [f"n{random.randrange(10 ** 12)}"] + name.split(".")
        question = b"".join(bytes([len(x)]) + x.encode() for x in labels) + b"\0\0\1\0\1"
        number = random.randrange(65536)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(PATIENCE)
            s.connect(("127.0.0.1", port))
            s.send(struct.pack(">6H", number, 0x100, 1, 0, 0, 0) + question)
            answer = s.recv(4096)
        yield answer[:2] == struct.pack(">H", number) and answer[7] >= 1, answer


def mqtt(port, topic="load"):
    """Subscribes to a topic of its own and gets back what it publishes (QoS 0)."""
    def packet(kind, body):
        return bytes([kind, len(body)]) + body

    def text(t):
        return struct.pack(">H", len(t)) + t.encode()

    c = tcp(port)
    f = c.makefile("rb")
    own = f"{topic}/{random.randrange(10 ** 9)}"
    c.sendall(packet(0x10, text("MQTT") + bytes([4, 2, 0, 0]) + text(own.replace("/", "")))
              + packet(0x82, b"\0\1" + text(own) + b"\0"))
    yield f.read(4)[:2] == b"\x20\2" and f.read(5)[:2] == b"\x90\3", "CONNACK, SUBACK"
    while True:
        message = packet(0x30, text(own) + str(random.random()).encode())
        c.sendall(message)
        yield f.read(len(message)) == message, "PUBLISH"


def snmp(port, community="public"):
    """Asks for sysUpTime over and over."""
    oid = bytes.fromhex("06082b06010201010300")
    def tlv(tag, body):
        return bytes([tag, len(body)]) + body
    while True:
        number = random.randrange(1, 120)
        binding = tlv(0x30, tlv(0x30, oid + b"\5\0"))
        pdu = tlv(0xa0, bytes([2, 1, number, 2, 1, 0, 2, 1, 0]) + binding)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(PATIENCE)
            s.connect(("127.0.0.1", port))
            s.send(tlv(0x30, bytes([2, 1, 1]) + tlv(4, community.encode()) + pdu))
            answer = s.recv(4096)
        yield oid in answer and b"\x43" in answer, answer


def command(port, *words):
    """Runs a command as the question; right when it exits with 0."""
    import subprocess
    while True:
        done = subprocess.run([w.replace("PORT", str(port)) for w in words], capture_output=True)
        yield done.returncode == 0, done.stdout + done.stderr


def lines(port, question, answer):
    """Asks the same line of text; right when the answer is the one given."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as s:
        file = s.makefile("rw")
        while True:
            file.write(question + "\n")
            file.flush()
            got = file.readline()
            if not got:
                raise OSError("connection closed")
            yield got.strip() == answer, got


def calculator(fifo, expression=None, expected=None):
    """A program that takes expressions from a fifo and answers in another; powers, without one."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkfifo(folder + "/answer")
        answers, questions = (os.open(f, os.O_RDWR) for f in (folder + "/answer", fifo))
        rounds = 0
        while True:
            rounds += 1
            asked = expression or f"{rounds}**3%1000"
            os.write(questions, f"{folder} {asked}\n".encode())
            if not select.select([answers], [], [], PATIENCE)[0]:
                raise OSError("no answer")
            answer = os.read(answers, 4096).decode().strip()
            yield expected in (None, answer) if expression else answer == str(rounds ** 3 % 1000), answer


class Counts:
    def __init__(self, path):
        self.lock, self.answers, self.failures, self.over = threading.Lock(), 0, 0, False
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)

    def one(self, right, what):
        with self.lock:
            if self.over:
                return False
            if right:
                self.answers += 1
            else:
                self.failures += 1
                if self.failures <= 10:
                    print("failed:", what, flush=True)
            os.pwrite(self.file, b"%12d %12d\n" % (self.answers, self.failures), 0)
            return True


def ask(counts, kind, arguments):
    while True:
        try:
            for right, what in kind(*arguments):
                if not counts.one(right, what):
                    return
        except (OSError, ValueError, IndexError, struct.error) as error:
            if not counts.one(False, repr(error)):
                return


def main():
    counts = Counts(sys.argv[1])
    kind = {f.__name__: f for f in (http, redis, memcached, dns, mqtt, snmp, command, lines,
                                  calculator)}[sys.argv[2]]
    arguments = [int(a) if a.isdigit() else a for a in sys.argv[3:4]] + sys.argv[4:]
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    for _ in range(THREADS):
        threading.Thread(target=ask, args=(counts, kind, arguments), daemon=True).start()
    done.wait()
    with counts.lock:
        counts.over = True


if __name__ == "__main__":
    main()
