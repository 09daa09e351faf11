// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/runtime/hooks.h"

#include "lib/base/error.h"
#include "lib/base/log.h"

namespace care {

namespace {

// Text of a hook for reports: "pre-apply hook check".
std::string text_of(const RegionHook &hook) {
  return fmt::format("{} {}", mark_name(hook.kind), hook.name);
}

} // namespace

void plan_hooks(const Region &region, MarkKind before, MarkKind after, HookPlan &plan) {
  for (const RegionHook &hook : region.hooks) {
    if (hook.kind == before)
      plan.before.push_back({region.object_name, hook, shadow_table(region)});
    else if (hook.kind == after)
      plan.after.push_back({region.object_name, hook, shadow_table(region)});
  }
}

RemoteAddr shadow_table(const Region &region) {
  for (const RegionHook &hook : region.hooks)
    if (hook.kind == MarkKind::shadow_table)
      return hook.at;
  return {};
}

HookRun::HookRun(const Target &target, const HookPlan &plan) : target_(target), plan_(plan) {
  if (!plan.any_call())
    return;
  rules_.emplace(target);
  errno_location_ = errno_function(target);
  trampoline_ = target.return_trampoline();
}

HookRun::~HookRun() {
  calls_.reset();
  try {
    // What the hooks have changed is in the buckets that both tables share.
    for (const CarriedTable &table : plan_.carried)
      if (carried_)
        target_.memory().write(table.from, target_.memory().read_bytes(table.to, kShadowTableSize));
  } catch (const std::exception &e) {
    log_debug("after the hooks: {}", as_error(e).message());
  }
}

std::string HookRun::borrow(StoppedThreads &threads) {
  for (const CarriedTable &table : plan_.carried)
    target_.memory().write(table.to, target_.memory().read_bytes(table.from, kShadowTableSize));
  carried_ = true;
  if (!plan_.any_call())
    return {};
  std::string obstacle = "no thread is left";
  std::optional<pid_t> chosen;
  for (pid_t tid : threads.stopped()) {
    std::string text = rules_->obstacle(tid);
    Protection found = text.empty() ? protection(tid, rules_->map()) : Protection::none;
    if (found == Protection::none) {
      obstacle = text.empty() ? fmt::format("thread {} has no room for a signal frame", tid) : text;
      continue;
    }
    chosen = tid;
    if (found == Protection::whole)
      break;
  }
  if (!chosen)
    return "no thread can run the patch's hooks: " + obstacle;
  calls_.emplace(threads, *chosen, target_.memory(), rules_->map(), trampoline_);
  calls_->set_deadline(Clock::now() + plan_.timeout, AtDeadline::abandon);
  keep_errno(*calls_, errno_location_);
  return {};
}

int64_t HookRun::run(const HookCall &call, std::vector<HookReport> &reports) {
  Clock::time_point begin = Clock::now();
  try {
    // An int: the upper half of %rax means nothing.
    AfterCall after;
    std::optional<uint32_t> in_hook;
    if (call.table) {
      after = {call.table + kShadowInHookOffset, 0};
      in_hook = 1;
    }
    auto result = static_cast<int32_t>(calls_->call(call.hook.at, {}, after, in_hook));
    reports.push_back({call.object, text_of(call.hook), result, Clock::now() - begin});
    return result;
  } catch (const Error &e) {
    if (e.code() == ExitCode::no_process)
      throw;
    throw error(ExitCode::refused, "{}: {}: {}", call.object, text_of(call.hook), e.message())
        .with_hint("a hook may take no lock: no malloc, no stdio, no waiting; see docs/hooks.rst");
  }
}

void HookRun::run_before(std::vector<HookReport> &reports) {
  for (const HookCall &call : plan_.before) {
    int64_t result = run(call, reports);
    if (result == 0)
      continue;
    if (!plan_.force)
      throw error(ExitCode::refused, "{}: {} refused: it returned {}", call.object,
                  text_of(call.hook), result);
    log_warning("{}: {} returned {}: not heeded", call.object, text_of(call.hook), result);
  }
}

void HookRun::run_after(std::vector<HookReport> &reports) {
  for (const HookCall &call : plan_.after) {
    run(call, reports);
    reports.back().result = 0; // void
  }
}

} // namespace care
