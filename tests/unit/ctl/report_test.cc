// SPDX-License-Identifier: GPL-2.0-or-later
//
// One process after the other, whatever becomes of each.
#include <gtest/gtest.h>

#include <filesystem>
#include <new>
#include <unistd.h>

#include "libcare-ctl/report.h"

namespace care::ctl {
namespace {

// A process that is alive, whose number stands for several.
PidSelection selected(size_t count) {
  return {std::vector<pid_t>(count, getpid()), false};
}

struct Course {
  ExitCode code = ExitCode::ok;
  std::string out, err;
  size_t calls = 0;
};

template<typename Work>
Course run(size_t count, bool json, Work work) {
  Course course;
  ReportOptions options;
  options.json = json;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  course.code = run_for_processes(selected(count), options, [&](pid_t pid) {
    work(course.calls++);
    ProcessReport report;
    report.pid = pid;
    report.objects.emplace_back();
    report.objects.back().object = "good.so";
    return report;
  });
  course.out = testing::internal::GetCapturedStdout();
  course.err = testing::internal::GetCapturedStderr();
  return course;
}

TEST(Report, GoesOnAfterAnError) {
  Course course = run(2, false, [](size_t call) {
    if (call == 0)
      throw error(ExitCode::unsafe, "in use").with_hint("wait");
  });
  EXPECT_EQ(course.calls, 2U);
  EXPECT_EQ(course.code, ExitCode::unsafe);
  EXPECT_EQ(course.err, "libcare-ctl: in use\nhint: wait\n");
  EXPECT_NE(course.out.find("good.so"), std::string::npos);
}

TEST(Report, GoesOnAfterAnyOtherException) {
  Course course = run(4, false, [](size_t call) {
    if (call == 0)
      throw std::bad_alloc();
    if (call == 1)
      throw std::filesystem::filesystem_error("cannot look", std::error_code());
    if (call == 2)
      throw std::out_of_range("too far");
  });
  EXPECT_EQ(course.calls, 4U);
  EXPECT_EQ(course.code, ExitCode::failure);
  EXPECT_NE(course.err.find("libcare-ctl: out of memory\n"), std::string::npos);
  EXPECT_NE(course.err.find("cannot look"), std::string::npos);
  EXPECT_NE(course.err.find("too far"), std::string::npos);
  EXPECT_NE(course.out.find("good.so"), std::string::npos);
}

TEST(Report, HasARowForAnyExceptionInJson) {
  Course course = run(2, true, [](size_t call) {
    if (call == 0)
      throw std::bad_alloc();
  });
  EXPECT_EQ(course.calls, 2U);
  EXPECT_NE(course.out.find("\"error\": \"out of memory\""), std::string::npos);
  EXPECT_NE(course.out.find("\"good.so\""), std::string::npos);
}

} // namespace
} // namespace care::ctl
