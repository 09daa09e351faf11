# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case, lacks, says
from harness.process import wait_until


def scenario(case: Case) -> None:
    case.build()
    case.start()
    case.expect("x", "x before")
    before = case.mapped()
    case.patch()
    if case.ask("hold") == "free":
        case.skip("a libgcc without a lock around its tables")
    given_up_at_the_deadline(case)
    case.expect("x", "x before")
    case.ctl("unpatch", "-p", case.pid, expect=7, log="sweep")
    assert before == case.mapped(), "a region is left"
    done_when_the_lock_is_free(case)
    case.expect("x", "x before")
    case.finish()


def release(case: Case) -> None:
    (case.tree / "leave").write_text("x")


def given_up_at_the_deadline(case: Case) -> None:
    undone = case.unpatch("--timeout", 3)
    says(undone.out, "stays mapped.*waits for a lock", "no word about the lock")
    case.expect("ping", "ping")
    release(case)
    case.expect("released", "released")


def done_when_the_lock_is_free(case: Case) -> None:
    case.patch()
    case.expect("hold", "held")
    doctor = case.in_background("unpatch", "unpatch", "--timeout", 90, "-p", case.pid)

    def borrowed_thread_waits() -> bool:
        """For the lock (202: futex)."""
        runs = doctor.runs()
        waits = case.target.system_call()[:1] == ["202"]
        assert runs or waits, f"the doctor did not wait for the lock\n{doctor.show()}"
        return waits

    wait_until(borrowed_thread_waits, "no thread waits for the lock", 120)
    release(case)
    doctor.wait(timeout=120)
    lacks(doctor.output(), "stays mapped", "the tables were not taken back")
    case.expect("released", "released")
