# SPDX-License-Identifier: GPL-2.0-or-later
"""libcare-ctl as tests use it."""

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from .process import Background, Command, Result, Word, run, words
from .target import Target, pids

Targets = Target | int | Iterable[Target | int]


class Doctor:
    """Runs libcare-ctl. The logs of its runs are in `logs`, where it is given."""

    def __init__(self, libcare_ctl: Path, logs: Path | None = None) -> None:
        self.libcare_ctl = libcare_ctl
        self.logs = logs

    def log(self, name: str) -> Path | None:
        return self.logs / f"{name}.log" if self.logs else None

    def command(self, *arguments: Word) -> list[str]:
        """The command line."""
        return words([self.libcare_ctl, *arguments])

    def ctl(
        self,
        *arguments: Word,
        expect: int | Collection[int] | None = 0,
        timeout: float = 120,
        env: Mapping[str, Word | None] | None = None,
        merge: bool = True,
        log: str = "ctl",
    ) -> Result:
        """libcare-ctl with these arguments, as they are."""
        __tracebackhide__ = True
        return run(self.command(*arguments), expect=expect, timeout=timeout, env=env, merge=merge, log=self.log(log))

    def patiently(self, command: str, *arguments: Word, **how: object) -> Result:
        """libcare-ctl where it must succeed, on a busy machine, too: with --timeout 60 where
        the test gives no other."""
        __tracebackhide__ = True
        if "--timeout" not in arguments:
            arguments = ("--timeout", 60, *arguments)
        return self.ctl(command, *arguments, log=command, **how)  # type: ignore[arg-type]

    def patch(self, targets: Targets, bundle: Word, *options: Word) -> Result:
        __tracebackhide__ = True
        return self.patiently("patch", "-p", pids(targets), *options, bundle)

    def unpatch(self, targets: Targets, *options: Word) -> Result:
        __tracebackhide__ = True
        return self.patiently("unpatch", "-p", pids(targets), *options)

    def info(self, targets: Targets, *options: Word, expect: int | Collection[int] | None = 0) -> Result:
        """info's stdout and stderr, apart (--json is read by a parser)."""
        __tracebackhide__ = True
        return self.ctl("info", "-p", pids(targets), *options, expect=expect, merge=False, log="info")

    def in_background(self, log: Path, *arguments: Word) -> Background:
        """A libcare-ctl that goes on beside the test."""
        return Background(self.command(*arguments), log=log)

    def refused(
        self,
        code: int,
        regex: str,
        target: Target | None,
        *arguments: Word,
        command: Command | None = None,
        env: Mapping[str, Word | None] | None = None,
    ) -> Result:
        """libcare-ctl (or another command) ends with `code`, its output matches `regex` (a line
        of it), and it leaves the target's memory map as it was, and the target untraced."""
        __tracebackhide__ = True
        before = target.lasting_maps() if target else []
        result = run(
            command if command is not None else self.command(*arguments),
            expect=code, timeout=120, merge=True, env=env, log=self.log("refused"),
        )
        assert re.search(regex, result.out, re.MULTILINE), f"no '{regex}' in the message\n{result}"
        if target and target.exists:
            assert before == target.lasting_maps(), f"mappings were left behind\n{result}"
            assert not target.traced(), f"the target is still traced\n{result}"
        return result

    def refused_in_use(self, regex: str, target: Target, *arguments: Word) -> Result:
        """Refused with 8 for the one who is in the way.

        --timeout is a second, and longer where no thread came to its stop in that time for want
        of a processor: that tells nothing of where they are, and the doctor says so."""
        __tracebackhide__ = True
        for seconds in (1, 10, 60):
            result = self.refused(8, f"{regex}|the machine is busy", target, *arguments, "--timeout", seconds)
            if "the machine is busy" not in result.out:
                return result
        raise AssertionError(f"no thread comes to a stop\n{result}")


