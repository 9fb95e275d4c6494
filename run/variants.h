// One scenario in several variants, side by side: the machinery behind the tables that the program
// prints of rules, breakers and advice.
//
// Each variant is the scenario with values of its own laid over it and is loaded like any other
// file, so a variant that cannot be is an error with its place. All variants run over the same
// seeds on the threads of sweep.h, and their figures come out in order, whatever the number of
// threads. The expectations of the scenario play no part: what is wanted takes their place.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "run/expectations.h"
#include "run/scenario.h"
#include "run/sweep.h"

namespace longhaul {

// A parameter and the values that it takes, one after another.
struct Axis {
  std::string path;
  std::vector<std::string> values;
  friend bool operator==(const Axis&, const Axis&) = default;
};

// Which values a setting has, by axis: all are crossed, and the last axis changes fastest.
std::vector<std::string> values_of(const std::vector<Axis>& axes, std::int64_t setting);
std::int64_t settings_of(const std::vector<Axis>& axes);
// "path=value" by axis.
std::vector<std::string> sets_of(const std::vector<Axis>& axes,
                                 const std::vector<std::string>& values);

// What is wrong with the axes themselves: a path or a value that stands twice, too many settings.
std::vector<Error> mistakes_in(const std::vector<Axis>& axes);

// Collects what is wrong with the settings of some axes: each mistake once, at --vary if it is in
// a value of it, else with the first setting that makes it. The scenario alone is right.
class SettingErrors {
 public:
  void add(const std::vector<Error>& errors, const std::vector<std::string>& sets);
  bool empty() const { return shown_.empty(); }
  // Reading a scenario ends at paths that nobody knows, so one bad axis hides bad values of the
  // others: each value is tried by itself, too.
  std::vector<Error> all(
      const std::vector<Axis>& axes,
      const std::function<Result<Scenario>(const std::vector<std::string>& sets)>& load);

 private:
  std::vector<Error> found_;
  std::vector<Error> shown_;
};

struct Variant {
  std::string name;
  std::vector<std::string> sets;  // "path=value", after those of the command line
};

// A figure that is wanted of every variant: "read_latency{region:eu}", "p(95)".
struct WantedFigure {
  std::string selector;
  std::string aggregation;
};

struct VariantResult {
  Scenario scenario;  // as loaded, but expecting what was wanted
  SweepResult runs;   // verdicts, pooled and by seed, stand in the order of what was wanted

  const Verdict& figure(std::size_t wanted) const { return runs.pooled[wanted]; }
  // "83.2ms"; "-" without samples.
  std::string text(std::size_t wanted) const;
};

struct VariantPlan {
  std::vector<Variant> variants;
  std::vector<WantedFigure> wanted;  // label values have to exist in every variant
  SeedRange seeds;
  std::function<Result<Scenario>(const Variant&)> load;
  // Each, as soon as it and those before it are finished; on the caller's thread. May be empty.
  std::function<void(const VariantResult&)> finished;
};

// By variant, in their order. After a stop, those of which all seeds were finished.
Result<std::vector<VariantResult>> run_variants(const VariantPlan& plan,
                                                const SweepOptions& options);

}  // namespace longhaul
