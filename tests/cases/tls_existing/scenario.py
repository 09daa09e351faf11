# SPDX-License-Identifier: GPL-2.0-or-later
from harness.case import Case

# Models of thread-local storage, by the model of the link.
IN_LIBRARIES = ("default", "initial-exec", "local-dynamic", "global-dynamic", "gnu2")
IN_PROGRAMS = ("default", "local-dynamic", "global-dynamic", "gnu2")


def scenario(case: Case) -> None:
    links = ("lib", "dlopen") if case.model == "lib" else (case.model,)
    for link in links:
        case.model = link
        for tls in IN_LIBRARIES if link in ("lib", "dlopen") else IN_PROGRAMS:
            if tls != "gnu2" or case.compiler == "gcc":
                in_model(case, tls)
    if "lib" in links:
        no_fixed_place(case)


def flags_of(case: Case, tls: str) -> str:
    match tls:
        case "default":
            return ""
        case "local-dynamic":
            return f"-fPIC -ftls-model={tls} -DLOCAL_DYNAMIC"
        case "initial-exec":
            return f"-fPIC -ftls-model={tls}" + ("" if case.model == "lib" else " -DLOCAL_DYNAMIC")
        case "gnu2":
            return "-fPIC -mtls-dialect=gnu2"
    return f"-fPIC -ftls-model={tls}"


def in_model(case: Case, tls: str) -> None:
    print(f"thread-local storage: {tls}, link: {case.model}")  # seen when it fails
    case.extra_cflags = flags_of(case, tls)
    case.build()
    case.start()
    case.expect("ask", "11,11,11,11")
    case.patch()
    case.expect("ask", "1054512,1054512,1054512,1054511")
    case.expect("ask", "2055613,2055613,2055613,1054511")
    case.unpatch()
    case.expect("ask", "14,14,14,11")
    case.patch()
    case.expect("ask", "3056715,3056715,3056715,1054511")
    case.unpatch()
    case.finish()


def no_fixed_place(case: Case) -> None:
    """A variable of another library that was opened late has no fixed place."""
    case.extra_cflags = "-fPIC -ftls-model=initial-exec"
    case.build()
    case.start()
    case.refuses_patch(6, r"elsewhere: libother\.so allocates its thread-local variables in each thread")
    case.expect("ask", "11,11,11,11")
    case.finish()
