#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""question.py FIFO EXPRESSION [ANSWER]: asks server.sh once, prints what it says."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from clients import calculator

_, fifo, expression, *expected = sys.argv
right, answer = next(calculator(fifo, expression, *expected))
print(answer)
sys.exit(not right)
