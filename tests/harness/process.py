# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands that tests run to their end, and programs that they leave in the background.

Output goes to files, not to pipes: a grandchild that keeps the output open (a daemon, a
target) does not hold up the test, and a log that is read meanwhile is complete.
"""

import os
import re
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from .settings import PATIENCE

Word = str | os.PathLike[str] | int
Command = Sequence[Word]


class CommandFailed(AssertionError):
    """A command did not end as the test expects."""


class Started(Protocol):
    """A process that a test has started."""

    def kill(self) -> None: ...

    def show(self) -> str: ...


# What the running test has started: conftest.py shows it when the test fails, and kills it
# when the test is over. One test runs at a time in one process.
started: list[Started] = []


@dataclass(frozen=True)
class Result:
    """A command that has ended."""

    command: list[str]
    status: int  # exit code; -N: ended by signal N
    out: str
    err: str

    @property
    def both(self) -> str:
        """All output: stdout, then stderr (with merge=True in the order of the writes)."""
        return self.out + self.err

    def __str__(self) -> str:
        parts = [f"command: {' '.join(self.command)}", f"status: {self.status}"]
        parts += [f"--- {name}\n{tail(text)}" for name, text in (("stdout", self.out), ("stderr", self.err)) if text]
        return "\n".join(parts)


def tail(text: str, lines: int = 60) -> str:
    """The end of a long text."""
    every = text.splitlines()
    if len(every) <= lines:
        return text.rstrip("\n")
    return "\n".join([f"... {len(every) - lines} lines more", *every[-lines:]])


def words(command: Command) -> list[str]:
    """Paths and numbers as strings."""
    return [os.fspath(word) if not isinstance(word, int) else str(word) for word in command]


def environment(changes: Mapping[str, Word | None] | None) -> dict[str, str]:
    """This process's environment with changes; None removes a variable."""
    env = dict(os.environ)
    for name, value in (changes or {}).items():
        if value is None:
            env.pop(name, None)
        else:
            env[name] = words([value])[0]
    return env


def run(
    command: Command,
    *,
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, Word | None] | None = None,
    input: str | bytes | None = None,
    timeout: float = 300,
    expect: int | Collection[int] | None = 0,
    merge: bool = False,
    log: Path | None = None,
) -> Result:
    """Runs a command to its end.

    `env` are changes to the environment. A command that does not end in `timeout` seconds is
    killed with its process group, and the test fails. `expect` is the exit code that the
    test demands, or some of them; None: any. `merge` sends stderr where stdout goes. All
    output is in file `log`, too.
    """
    __tracebackhide__ = True
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as given:
        if input is not None:
            given.write(input.encode() if isinstance(input, str) else input)
            given.seek(0)
        with subprocess.Popen(
            words(command), cwd=cwd, env=environment(env), stdin=given, stdout=out,
            stderr=subprocess.STDOUT if merge else err, start_new_session=True,
        ) as process:
            try:
                hangs = not ends(process, timeout)
            except BaseException:
                end_group(process)
                raise
            if hangs:
                end_group(process)
        result = Result(words(command), process.returncode, contents(out), contents(err))
    if log is not None:
        log.write_text(result.both)
    if hangs:
        raise CommandFailed(f"does not end in {timeout:g} s\n{result}")
    if expect is not None and result.status not in ([expect] if isinstance(expect, int) else expect):
        raise CommandFailed(f"ends with {result.status} instead of {expect}\n{result}")
    return result


def ends(process: subprocess.Popen[bytes], timeout: float) -> bool:
    """Waits for its end; False: it has not ended in this time. (Popen.wait with a timeout
    looks again after pauses of up to 50 ms, which is longer than many a tool runs.)"""
    descriptor = os.pidfd_open(process.pid)
    try:
        if not select.select([descriptor], [], [], timeout)[0]:
            return False
    finally:
        os.close(descriptor)
    process.wait()
    return True


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kills a process and those of its group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.kill()
    process.wait()


def contents(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="backslashreplace")


def wait_until(condition: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Looks again and again until `condition` holds; fails after `patience` seconds."""
    __tracebackhide__ = True
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:g} s: {what}")
        time.sleep(0.002)  # between two looks; nothing relies on its length


class Background:
    """A command that runs beside the test; killed, with its group, when the test ends."""

    def __init__(
        self,
        command: Command,
        *,
        log: Path,
        cwd: str | os.PathLike[str] | None = None,
        env: Mapping[str, Word | None] | None = None,
        input: IO[bytes] | None = None,
    ) -> None:
        """Starts it; stdout and stderr go to file `log`, which begins empty."""
        self.command = words(command)
        self.log = log
        with open(log, "wb") as out:
            self.process = subprocess.Popen(
                self.command, cwd=cwd, env=environment(env), stdin=input or subprocess.DEVNULL,
                stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )
        self.pid = self.process.pid
        started.append(self)

    def output(self) -> str:
        """What it has said so far."""
        return self.log.read_bytes().decode(errors="backslashreplace")

    def runs(self) -> bool:
        return self.process.poll() is None

    def ends_within(self, seconds: float) -> bool:
        """Does it end in this time?"""
        return not self.runs() or ends(self.process, seconds)

    def says(self, regex: str) -> bool:
        """Has it said this? Fails when it has ended without."""
        __tracebackhide__ = True
        runs = self.runs()  # before the look: what it says at its end counts
        if re.search(regex, self.output(), re.MULTILINE):
            return True
        if not runs:
            raise CommandFailed(f"ended before it said '{regex}'\n{self.show()}")
        return False

    def wait_for(self, regex: str, patience: float = PATIENCE) -> None:
        """Until its output matches; fails when it ends without."""
        __tracebackhide__ = True
        wait_until(lambda: self.says(regex), f"no '{regex}' from {self.show()}", patience)

    def wait(self, timeout: float = 300, expect: int | Collection[int] | None = 0) -> Result:
        """Until it ends, by itself."""
        __tracebackhide__ = True
        if self.runs() and not ends(self.process, timeout):
            raise CommandFailed(f"does not end in {timeout:g} s\n{self.show()}")
        result = Result(self.command, self.process.returncode, self.output(), "")
        if expect is not None and result.status not in ([expect] if isinstance(expect, int) else expect):
            raise CommandFailed(f"ends with {result.status} instead of {expect}\n{result}")
        return result

    def kill(self) -> None:
        if self.process.poll() is None:
            end_group(self.process)

    def show(self) -> str:
        status = "runs" if self.runs() else f"ended with {self.process.returncode}"
        return f"{' '.join(self.command)} ({status})\n{tail(self.output(), 15)}"
