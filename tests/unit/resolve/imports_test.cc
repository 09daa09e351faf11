// SPDX-License-Identifier: GPL-2.0-or-later
//
// Against what the dynamic linker itself says: the child is a copy of this program,
// so what dlsym gives here is what it has there.
#include <cstring>

#include <dlfcn.h>
#include <gtest/gtest.h>

#include "lib/base/error.h"
#include "lib/resolve/imports.h"
#include "lib/target/target.h"
#include "tests/unit/process/live_target.h"

namespace care {
namespace {

class Imports : public testing::Test {
 protected:
  ResolvedImport resolve(const std::string &name, const std::string &version = "",
                         bool weak = false) {
    ImportScope scope(target_.process(), target_.objects(),
                      *main_program(target_.process(), target_.objects(), target_.cache()),
                      target_.cache());
    return scope.resolve({name, version, ImportKind::any, weak});
  }
  static uint64_t here(const char *name, const char *version) {
    return reinterpret_cast<uint64_t>(dlvsym(RTLD_DEFAULT, name, version));
  }

  LiveTarget child_{[] {
    for (;;)
      pause();
  }};
  Target target_{child_.pid()};
};

TEST_F(Imports, FindFunctionsByVersion) {
  EXPECT_EQ(resolve("gnu_get_libc_version", "GLIBC_2.2.5").value,
            here("gnu_get_libc_version", "GLIBC_2.2.5"));
  EXPECT_EQ(resolve("gnu_get_libc_version", "GLIBC_2.2.5").object, "libc.so.6");
  // Two versions of one name: glibc has memcpy at both.
  EXPECT_EQ(resolve("pthread_cond_signal", "GLIBC_2.2.5").value,
            here("pthread_cond_signal", "GLIBC_2.2.5"));
  EXPECT_EQ(resolve("pthread_cond_signal", "GLIBC_2.3.2").value,
            here("pthread_cond_signal", "GLIBC_2.3.2"));
  EXPECT_NE(resolve("pthread_cond_signal", "GLIBC_2.2.5").value,
            resolve("pthread_cond_signal", "GLIBC_2.3.2").value);
}

TEST_F(Imports, TakeTheDefaultWithoutVersion) {
  EXPECT_EQ(resolve("pthread_cond_signal").value, here("pthread_cond_signal", "GLIBC_2.3.2"));
}

TEST_F(Imports, FindVariablesWhereTheProgramHasThem) {
  EXPECT_EQ(resolve("stderr", "GLIBC_2.2.5").value, reinterpret_cast<uint64_t>(&stderr));
  EXPECT_EQ(resolve("environ", "GLIBC_2.2.5").value, reinterpret_cast<uint64_t>(&environ));
}

TEST_F(Imports, GiveIndirectFunctionsTheValueThatTheProgramUses) {
  // The first two the program calls itself; of the last it has no slot.
  const std::pair<const char *, uint64_t> functions[] = {
      {"strlen", reinterpret_cast<uint64_t>(static_cast<size_t (*)(const char *)>(strlen))},
      {"memset", reinterpret_cast<uint64_t>(&memset)},
      {"wmemset", here("wmemset", "GLIBC_2.2.5")}};
  for (auto [name, expected] : functions) {
    ResolvedImport import = resolve(name, "GLIBC_2.2.5");
    uint64_t value = import.value;
    if (import.resolver) {
      with_injected_calls(target_,
                          [&](InjectedCalls &calls) { value = calls.call(*import.resolver, {}); });
    }
    EXPECT_EQ(value, expected) << name;
  }
}

TEST_F(Imports, RefuseWhatNobodyDefines) {
  try {
    resolve("no_such_function", "GLIBC_2.2.5");
    FAIL();
  } catch (const Error &e) {
    EXPECT_EQ(e.code(), ExitCode::does_not_fit);
    EXPECT_NE(e.message().find("no_such_function@GLIBC_2.2.5"), std::string::npos);
  }
  EXPECT_THROW(resolve("gnu_get_libc_version", "GLIBC_9.9"), Error);
  EXPECT_EQ(resolve("no_such_function", "", true).value, 0u);
}

TEST_F(Imports, RefuseThreadLocalVariables) {
  EXPECT_THROW(resolve("errno", "GLIBC_PRIVATE"), Error);
}

} // namespace
} // namespace care
