// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/transaction/transaction.h"

#include <algorithm>

#include "lib/base/error.h"
#include "lib/base/log.h"
#include "lib/resolve/relocate.h"
#include "lib/runtime/frames.h"
#include "lib/runtime/stage.h"
#include "lib/runtime/tls_block.h"
#include "lib/target/leftovers.h"
#include "lib/transaction/plan.h"
#include "lib/transaction/recovery.h"
#include "lib/transaction/stacking.h"
#include "lib/transaction/transaction_steps.h"

namespace care {

namespace {

// How often a target may unload an object that is just being patched.
constexpr int kMostRounds = 5;

// An object is complete, and its imports can be told, once the dynamic linker is at rest.
void await_linker(Target &target, const Bundle &bundle, const TransactionOptions &options) {
  if (target.await_linker(Clock::now() + options.timeout))
    return;
  for (const LoadedObject &object : target.objects()) {
    if (!patches_for(bundle, object.build_id).empty())
      throw error(ExitCode::unsafe, "{}: the dynamic linker is loading or unloading objects",
                  object.name)
          .with_hint("the process has not started yet, or is stopped inside dlopen; try again "
                     "later");
  }
}

// 1. Inspect: which objects get which patches, and can they?
std::vector<ObjectPlan> make_plans(Target &target, const Bundle &bundle,
                                   const TransactionOptions &options, ProcessReport &report) {
  std::vector<ObjectPlan> plans;
  for (const LoadedObject &object : target.objects()) {
    for (const BundlePatch *patch : patches_for(bundle, object.build_id)) {
      with_context(object.name, [&] {
        if (const Region *region = already_applied(target, object, *patch))
          report.objects.push_back(report_of(*region, object.name, ObjectResult::already_applied));
        else
          plans.push_back(plan_object(target, object, *patch, options.force));
      });
    }
  }
  check_stacking(target, plans);
  for (const ObjectPlan &plan : plans)
    report.warnings.insert(report.warnings.end(), plan.warnings.begin(), plan.warnings.end());
  return plans;
}

Relocations relocations_for(const ObjectPlan &plan) {
  Relocations values;
  values.image = plan.region.image();
  values.bias = plan.object.bias;
  values.module_tls = plan.tls;
  values.import_tls = plan.import_tls;
  for (const ResolvedImport &import : plan.imports)
    values.imports.push_back(import.value);
  return values;
}

// Without touching the target: would it all fit?
void try_place(ObjectPlan &plan, MemoryMap &map) {
  with_context(plan.object.name, [&] {
    RegionPlace place = places_for(plan, map).front();
    plan.region.self = place.self;
    plan.region.split_image = place.split_image;
    for (const RemoteRange &part : plan.region.parts())
      take_place(map, part);
    place_hunks(plan);
    // What a resolver would return is not known; it lies where the resolver does.
    for (ResolvedImport &import : plan.imports) {
      if (import.resolver)
        import.value = import.resolver->value;
    }
    relocate_image(plan.patch->file, relocations_for(plan));
  });
}

// 2. Stage: memory, and indirect functions, by calls in one thread; then, with all
// running, the code.
void stage(Target &target, std::vector<ObjectPlan> &plans, StagedMemory &staged, StagedTls &tls) {
  with_injected_calls(target, [&](InjectedCalls &calls) {
    MemoryMap map = target.map(); // objects lie close together, and so do their patches
    for (ObjectPlan &plan : plans) {
      with_context(plan.object.name, [&] {
        staged.map_region(calls, plan.region, places_for(plan, map));
        for (const RemoteRange &part : plan.region.parts())
          take_place(map, part);
        for (ResolvedImport &import : plan.imports) {
          if (import.resolver)
            import.value = calls.call(*import.resolver, {});
        }
      });
    }
  });
  for (ObjectPlan &plan : plans) {
    with_context(plan.object.name, [&] {
      place_hunks(plan);
      Relocations values = relocations_for(plan);
      const PatchTls &own = plan.patch->file.tls;
      if (!own.bytes.empty())
        values.own_tls = tls.open(plan.region, relocate_tls(plan.patch->file, values), own.align);
      std::string image = relocate_image(plan.patch->file, values);
      write_region(target.memory(), plan.region, image);
    });
  }
}

// So that exceptions find their way through the new code from its first moment on.
void register_new_frames(Target &target, std::vector<ObjectPlan> &plans, StagedFrames &frames,
                         const TransactionOptions &options, ProcessReport &report) {
  for (ObjectPlan &plan : plans) {
    if (!plan.frames.needed)
      continue;
    with_context(plan.object.name, [&] {
      bool can_open = target.process().start_stop() != StartStop::in_linker;
      if (plan.frames.load_libgcc && can_open && !load_libgcc(target, plan.region, options.timeout))
        report.warnings.push_back("libgcc_s.so.1 cannot be loaded: pthread_cancel and backtrace "
                                  "do not work in this process");
      frames.add(plan.region, plan.frames.linked_in, options.timeout);
    });
  }
}

// A patch that stands may lack an unwinder that was loaded after it: with a library
// that throws, or by the first pthread_cancel.
void complete_frames(Target &target, const Bundle &bundle, const TransactionOptions &options,
                     ProcessReport &report) {
  for (Region region : std::vector<Region>(target.regions())) {
    const LoadedObject *object = target.object_of(region);
    bool ours = object && region_in_force(region, target.memory()) &&
                std::any_of(bundle.begin(), bundle.end(),
                            [&](const BundlePatch &p) { return p.digest == region.digest; });
    if (!ours)
      continue;
    try {
      register_frames(target, region, {}, options.timeout);
    } catch (const std::exception &e) {
      report.warnings.push_back(fmt::format("{}: exceptions do not pass through its patch: {}",
                                            region.object_name, as_error(e).message()));
    }
  }
}

// The new patch's hooks run, the replaced one's do not: they undo to the original,
// where no code leads. Its shadow variables move on.
void add_hooks(const ObjectPlan &plan, HookPlan &hooks) {
  plan_hooks(plan.region, MarkKind::pre_apply, MarkKind::post_apply, hooks);
  RemoteAddr from = plan.previous ? shadow_table(*plan.previous) : RemoteAddr();
  RemoteAddr to = shadow_table(plan.region);
  if (from && to)
    hooks.carried.push_back({from, to});
}

CommitRequest request_for(const std::vector<ObjectPlan> &plans, const TransactionOptions &options) {
  CommitRequest request = empty_request(options);
  request.writes = planned_writes(plans);
  for (const ObjectPlan &plan : plans) {
    append(request.forbidden, planned_forbidden(plan));
    if (plan.previous)
      forbid_patch(*plan.previous, "the patch that is being replaced", request);
    request.objects.push_back(plan.object);
    if (options.dry_run)
      continue;
    request.states.emplace_back(plan.region.self, RegionState::committed);
    if (plan.previous)
      request.states.emplace_back(plan.previous->self, RegionState::undone);
    add_hooks(plan, request.hooks);
  }
  return request;
}

void report_applied(const std::vector<ObjectPlan> &plans, const TransactionOptions &options,
                    ProcessReport &report) {
  for (const ObjectPlan &plan : plans) {
    ObjectResult result = plan.previous ? ObjectResult::replaced : ObjectResult::applied;
    if (options.dry_run)
      result = ObjectResult::would_apply;
    report.objects.push_back(report_of(plan.region, plan.object.name, result));
    if (plan.previous)
      report.objects.back().replaced_level = plan.previous->level;
  }
}

// One try: throws ObjectGone when the target unloaded an object meanwhile.
void apply_once(Target &target, const Bundle &bundle, const TransactionOptions &options,
                ProcessReport &report) {
  Laps laps;
  if (!options.dry_run && options.start_stop == StartStop::none)
    append(report.warnings, recover(target, options.timeout, options.hook_timeout));
  if (options.start_stop == StartStop::none)
    await_linker(target, bundle, options);
  std::vector<Region> leftovers = find_leftovers(target);
  if (!options.dry_run && !leftovers.empty()) {
    remove_leftovers(target, leftovers, options, report);
    target.refresh();
  }
  std::vector<ObjectPlan> plans = make_plans(target, bundle, options, report);
  if (!options.dry_run)
    complete_frames(target, bundle, options, report);
  report.phases.inspect = laps.next();
  if (plans.empty())
    return;
  StagedMemory staged(target);
  StagedTls tls(target, options.timeout);
  StagedFrames frames(target, staged);
  if (options.dry_run) {
    MemoryMap map = target.map();
    for (ObjectPlan &plan : plans)
      try_place(plan, map);
  } else {
    stage(target, plans, staged, tls);
    report.phases.stage = laps.next();
    register_new_frames(target, plans, frames, options, report);
    report.phases.register_frames = laps.next();
  }
  report.commit = commit(target, request_for(plans, options));
  report.phases.commit = laps.next();
  report.committed = true;
  frames.keep();
  tls.keep();
  staged.keep();
  std::vector<Region> replaced;
  for (const ObjectPlan &plan : plans) {
    if (plan.previous && !options.dry_run)
      replaced.push_back(*plan.previous);
  }
  remove_unused(target, replaced, options, report);
  report.phases.clean_up = laps.next();
  report_applied(plans, options, report);
}

} // namespace

ProcessReport apply_bundle(pid_t pid, const Bundle &bundle, const TransactionOptions &options) {
  Target target(pid, options.start_stop);
  return with_process(target, [&] {
    for (int round = 1;; round++) {
      ProcessReport report;
      report.pid = pid;
      report.comm = target.process().comm();
      try {
        apply_once(target, bundle, options, report);
        return report;
      } catch (const ObjectGone &e) {
        if (round == kMostRounds)
          throw;
        log_info("{}: {}; starting over", target.process().text(), e.message());
      }
      target.refresh();
    }
  });
}

} // namespace care
