# SPDX-License-Identifier: GPL-2.0-or-later
"""SNMP v2c by hand: set.py null PORT sets ipDefaultTTL.0 to NULL, set.py get PORT asks for it.
Prints what the error status of the answer is."""
import socket
import sys

OID = bytes.fromhex("06082b06010201040200")  # 1.3.6.1.2.1.4.2.0
STATUS = {0: "noError", 7: "wrongType", 17: "notWritable", 6: "noAccess", 10: "wrongValue"}


def tlv(tag, body):
    return bytes([tag, len(body)]) + body


kind, community = (0xA3, b"private") if sys.argv[1] == "null" else (0xA0, b"public")
request = tlv(kind, bytes([2, 1, 9, 2, 1, 0, 2, 1, 0]) + tlv(0x30, tlv(0x30, OID + b"\5\0")))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(10)
client.connect(("127.0.0.1", int(sys.argv[2])))
client.send(tlv(0x30, bytes([2, 1, 1]) + tlv(4, community) + request))
answer = client.recv(4096)
at = answer.index(community) + len(community) + 2  # behind the PDU's tag and length
at += 2 + answer[at + 1]                           # behind the request's number
status = answer[at + 2]
print(STATUS.get(status, status))
