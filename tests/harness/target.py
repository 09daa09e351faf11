# SPDX-License-Identifier: GPL-2.0-or-later
"""A program that is patched while it runs.

It reads one request a line from its standard input, and writes one answer a line. Tests
wait for a state that the kernel shows, never for some time.
"""

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from .process import Command, Word, environment, started, tail, wait_until, words
from .settings import PATIENCE


class Target:
    """A started program and both ends of its pipes."""

    def __init__(
        self,
        command: Command,
        *,
        name: str = "target",
        cwd: str | os.PathLike[str] | None = None,
        env: Mapping[str, Word | None] | None = None,
        log: Path | None = None,
        executable: Path | None = None,
    ) -> None:
        """Starts it. stderr goes to file `log`. `executable`: what it runs in the end, when
        that is not the command's first word (a relative one is taken from `cwd`)."""
        self.name = name
        self.command = words(command)
        self.executable = executable or Path(cwd or ".", self.command[0])
        self.log = log
        self._unread = b""
        with open(log or os.devnull, "wb") as err:
            self.process = subprocess.Popen(
                self.command, cwd=cwd, env=environment(env), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=err, bufsize=0, start_new_session=True,
            )
        # The process that is patched: another than the started one after descend().
        self.pid = self.process.pid
        started.append(self)

    # ---- talking to it ----------------------------------------------------------------
    def say(self, line: str) -> None:
        """Sends one line."""
        __tracebackhide__ = True
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(line.encode() + b"\n")
        except (BrokenPipeError, ValueError):
            self.fail("does not take requests any more")

    def read_line(self, patience: float = PATIENCE, what: str = "") -> str:
        """The next line that it says."""
        __tracebackhide__ = True
        assert self.process.stdout is not None
        deadline = time.monotonic() + patience
        while b"\n" not in self._unread:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                self.fail(f"says nothing in {patience:g} s{what}")
            got = os.read(self.process.stdout.fileno(), 65536)
            if not got:
                self.fail(f"has closed its output{what}")
            self._unread += got
        line, self._unread = self._unread.split(b"\n", 1)
        return line.decode(errors="backslashreplace")

    def answers(self, text: str) -> None:
        """The next line that it says is `text`."""
        __tracebackhide__ = True
        line = self.read_line(what=f" (expected '{text}')")
        if line != text:
            self.fail(f"says '{line}' instead of '{text}'")

    def ask(self, request: str) -> str:
        """Sends a line and returns the answer."""
        __tracebackhide__ = True
        self.say(request)
        return self.read_line(what=f" to '{request}'")

    def expect(self, request: str, answer: str) -> None:
        """Sends a line; this is the answer."""
        __tracebackhide__ = True
        reply = self.ask(request)
        if reply != answer:
            self.fail(f"asked '{request}', expected '{answer}', got '{reply}'")

    # ---- its end ----------------------------------------------------------------------
    def finish(self, status: int = 0) -> None:
        """The end of its input ends the program, with its own exit code."""
        __tracebackhide__ = True
        assert self.process.stdin is not None
        self.process.stdin.close()
        self._ended(status)

    def ends(self, status: int = 0) -> None:
        """It is told to end, and does with this status."""
        __tracebackhide__ = True
        self.say("exit")
        self._ended(status)

    def _ended(self, status: int) -> None:
        __tracebackhide__ = True
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.fail("does not end")
        if self.process.returncode != status:
            self.fail(f"ends with {self.process.returncode} instead of {status}")

    def kill(self) -> None:
        """Ends it, and what it has started."""
        if self.pid != self.process.pid:
            send_kill(os.kill, self.pid)
        if self.process.poll() is None:
            send_kill(os.killpg, self.process.pid)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    # ---- what the kernel shows ----------------------------------------------------------
    def proc(self, name: str) -> Path:
        """/proc/PID/name"""
        return Path(f"/proc/{self.pid}/{name}")

    @property
    def exists(self) -> bool:
        return os.path.isdir(f"/proc/{self.pid}")

    @property
    def state(self) -> str:
        """State and tracer in one line; empty when it is gone."""
        try:
            status = self.proc("status").read_text()
        except OSError:
            return ""
        return " ".join(re.findall(r"^(?:State|TracerPid).*", status, re.MULTILINE)).replace("\t", " ")

    def runs_program(self) -> bool:
        """Has it come through its exec?"""
        try:
            return os.path.samefile(self.proc("exe"), self.executable)
        except OSError:
            return False

    def sleeps_in_read(self) -> None:
        """Until it sleeps in the read of its next request.

        An answer comes while it is still on its way there; and a process that was started
        just now is at its exec, or has none of its libraries yet."""
        __tracebackhide__ = True

        def there() -> bool:
            if self.process.poll() is not None:
                self.fail(f"has ended with {self.process.returncode} before it takes a request")
            return self.runs_program() and self.system_call()[:2] == ["0", "0x0"]

        wait_until(there, f"{self.name} does not come to its read: {self.state}")

    def system_call(self) -> list[str]:
        """Number and arguments of the system call in which its first thread sleeps, as
        /proc/PID/syscall has them."""
        try:
            return self.proc("syscall").read_text().split()
        except OSError:
            return []

    def threads(self) -> list[int]:
        try:
            return sorted(int(name) for name in os.listdir(f"/proc/{self.pid}/task"))
        except OSError:
            return []

    def await_state(self, letter: str) -> None:
        """Until all threads are in this state of /proc/PID/status."""
        __tracebackhide__ = True

        def reached() -> bool:
            states = []
            for thread in self.threads():
                try:
                    states.append(Path(f"/proc/{self.pid}/task/{thread}/status").read_text())
                except OSError:
                    return False  # it ended meanwhile: look again
            return bool(states) and all(f"\nState:\t{letter}" in text for text in states)

        wait_until(reached, f"{self.name} does not come to state {letter}: {self.state}")

    def await_gone(self) -> None:
        """Until the process has ended, whether or not somebody has waited for it."""
        __tracebackhide__ = True
        wait_until(lambda: not self.state or "State: Z" in self.state, f"{self.name} does not end: {self.state}")

    def traced(self) -> bool:
        return self.exists and "TracerPid: 0" not in self.state

    def descend(self) -> None:
        """From now on its only child is the target."""
        __tracebackhide__ = True
        children: list[str] = []
        for file in Path(f"/proc/{self.pid}/task").glob("*/children"):
            children += file.read_text().split()
        if not children:
            self.fail("has no child")
        self.pid = int(children[0])

    # ---- its memory map -----------------------------------------------------------------
    def maps(self) -> list[str]:
        """The lines of /proc/PID/maps; none when it is gone."""
        try:
            return self.proc("maps").read_text().splitlines()
        except OSError:
            return []

    def lasting_maps(self) -> list[str]:
        """Everything but heap, stack and anonymous memory, which may grow by themselves."""
        return [line for line in self.maps() if not re.search(r"\[(heap|stack)\]| rw-p .* 0 *$", line)]

    def code_maps(self) -> list[str]:
        """What is executable, and what a patch has mapped."""
        return [line for line in self.maps() if re.search(r"^[^ ]+ ..x|libcare", line)]

    def no_writable_code(self) -> None:
        """No mapping is writable and executable."""
        __tracebackhide__ = True
        wrong = [line for line in self.maps() if re.match(r"[0-9a-f-]+ .wx", line)]
        if wrong:
            self.fail("a mapping is writable and executable:\n" + "\n".join(wrong))

    # ---- for who reads a failure ----------------------------------------------------------
    def fail(self, why: str) -> None:
        """Fails the test. (conftest.py adds show().)"""
        __tracebackhide__ = True
        raise AssertionError(f"{self.name} ({' '.join(self.command)}) {why}; {self.state}")

    def show(self) -> str:
        """Thread states and system calls: nothing else is left of it in a log."""
        lines = [f"{self.name}: {' '.join(self.command)}"]
        if not self.exists:
            lines.append(f"process {self.pid} is gone (status {self.process.poll()})")
        for thread in self.threads()[:30]:
            lines.append(f"thread {thread}: {show_thread(self.pid, thread)}")
        lines.append("load of the machine: " + " ".join(Path("/proc/loadavg").read_text().split()[:4]))
        if self.log is not None and self.log.exists() and self.log.stat().st_size:
            lines += [f"--- {self.log.name}", tail(self.log.read_bytes().decode(errors="backslashreplace"), 15)]
        return "\n".join(lines)


def send_kill(send: Callable[[int, int], None], pid: int) -> None:
    """SIGKILL to a process or a group that may have ended."""
    try:
        send(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def show_thread(pid: int, thread: int) -> str:
    task = Path(f"/proc/{pid}/task/{thread}")
    try:
        status = re.findall(r"^(?:State|TracerPid|SigPnd).*", (task / "status").read_text(), re.MULTILINE)
        call = (task / "syscall").read_text().split()[:4]
    except OSError as e:
        return str(e)
    return "  ".join(line.replace("\t", " ") for line in status) + "  system call: " + " ".join(call)


def pids(targets: "Target | int | Iterable[Target | int]") -> str:
    """As libcare-ctl takes them: with commas."""
    every = [targets] if isinstance(targets, (Target, int)) else list(targets)
    return ",".join(str(t.pid if isinstance(t, Target) else t) for t in every)
