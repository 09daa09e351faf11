// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_gensrc/asm/names.h"

#include <gtest/gtest.h>

namespace care::gensrc {

namespace {

TEST(CxxNumbers, AreCutOffLambdasTypesAndLocals) {
  EXPECT_EQ(without_cxx_numbers("_ZZ1fvENKUlvE_clEv"), "_ZZ1fvENKUlvE_clEv");
  EXPECT_EQ(without_cxx_numbers("_ZZ1fvENKUlvE0_clEv"), "_ZZ1fvENKUlvE_clEv");
  EXPECT_EQ(without_cxx_numbers("_ZZ1fvENKUliE12_clEi"), "_ZZ1fvENKUliE_clEi");
  EXPECT_EQ(
      without_cxx_numbers("_ZNSt17_Function_handlerIFvvEZ1fvEUlvE3_E9_M_invokeERKSt9_Any_data"),
      "_ZNSt17_Function_handlerIFvvEZ1fvEUlvE_E9_M_invokeERKSt9_Any_data");
  EXPECT_EQ(without_cxx_numbers("_ZZ1fvE1x"), "_ZZ1fvE1x");
  EXPECT_EQ(without_cxx_numbers("_ZZ1fvE1x_0"), "_ZZ1fvE1x");
  EXPECT_EQ(without_cxx_numbers("_ZZ1fvE1x__12_"), "_ZZ1fvE1x");
  EXPECT_EQ(without_cxx_numbers("_ZGVZ1fvE1x_0"), "_ZGVZ1fvE1x");
  EXPECT_EQ(without_cxx_numbers("_ZZ5rulesiENK3$_1clEi"), "_ZZ5rulesiENK$_clEi");
  EXPECT_EQ(without_cxx_numbers("_ZZ5rulesiENK4$_12clEi"), "_ZZ5rulesiENK$_clEi");
  EXPECT_EQ(without_cxx_numbers("_ZZ3runiEN3$_08__invokeEi"), "_ZZ3runiEN$_8__invokeEi");
  EXPECT_EQ(without_cxx_numbers("_ZZN2f14rateEiEN4$_1210operator_yEi"),
            "_ZZN2f14rateEiEN$_10operator_yEi");
  std::vector<long> numbers;
  without_cxx_numbers("_ZZZ1fvENKUlvE0_clEvENKUlvE_clEv", &numbers);
  EXPECT_EQ(numbers, (std::vector<long>{0, -1}));
  EXPECT_EQ(without_cxx_numbers("_ZN1SUt2_E"), "_ZN1SUt_E");
}

// clang -O0 keeps three functions of one lambda: body, static invoker, conversion.
TEST(ClosureName, OneLambdaOneNumber) {
  for (const char *name :
       {"_ZZ3runiENK3$_1clEi", "_ZZ3runiEN3$_18__invokeEi", "_ZZ3runiENK3$_1cvPFiiEEv",
        "_ZZ3runiENKUliE0_clEi", "_ZZ3runiENUliE0_4_FUNEi", "_ZZ3runiENKUliE0_cvPFiiEEv"}) {
    long number = std::string_view(name).find("$") != std::string_view::npos;
    EXPECT_EQ(closure_name(name).number, number) << name;
  }
  EXPECT_EQ(closure_name("_ZZ3runiENK3$_1clEi").scope,
            closure_name("_ZZ3runiEN3$_18__invokeEi").scope);
  EXPECT_EQ(closure_name("_ZZ3runiENKUliE0_clEi").scope,
            closure_name("_ZZ3runiENUliE0_4_FUNEi").scope);
}

TEST(CxxNumbers, OthersStay) {
  for (const char *name : {"main", "_ZN1A1fEv", "_Z3f_0v", "_ZZ1fvE1x", "_ZZ1f1SI_0"})
    EXPECT_EQ(without_cxx_numbers(name).substr(0, 5), std::string(name).substr(0, 5));
  EXPECT_EQ(without_cxx_numbers("_Z5f_0_1v"), "_Z5f_0_1v");
}

} // namespace

} // namespace care::gensrc
