# SPDX-License-Identifier: GPL-2.0-or-later
from collections.abc import Iterator
from contextlib import contextmanager

from harness.case import Case, says


def scenario(case: Case) -> None:
    case.build()
    second = case.another_bundle("second", "second.patch", "--level", 2)
    case.start()
    case.expect("x", 2)
    case.patch()
    case.expect("x", 3101)
    with in_child(case, "child ended with 0"):
        case.expect("x", 4102)
        says(case.info().out, "patched", "the child is not seen as patched")
        case.unpatch()
        case.expect("x", 5)
        case.expect("x", 6)
    case.expect("x", 4102)
    patched = case.doctor.patch(case.target, second)
    says(patched.out, "replaced", "nothing was replaced")
    case.expect("x", 5271)
    case.expect("x", 6272)
    # A child of the second level is taken back to the original, too.
    with in_child(case, None):
        case.expect("x", 7273)
        case.unpatch()
        case.expect("x", 8)
    case.expect("x", 7273)
    case.unpatch()
    case.expect("x", 8)
    case.finish()


@contextmanager
def in_child(case: Case, words: str | None) -> Iterator[None]:
    """The target is a child of its own meanwhile; then the parent says how that ended."""
    target = case.target
    reply = case.ask("fork")
    assert reply.isdecimal(), f"no child: {reply}"
    target.pid = int(reply)
    assert target.exists, f"no child: {reply}"
    yield
    target.say("exit")
    target.pid = target.process.pid
    said = target.read_line(what=" of its child's end")
    assert words in (None, said), f"the parent says: {said}"
