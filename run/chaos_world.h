// A random world for `longhaul test --chaos`: from a seed to a scenario, and nothing else.
//
// First is drawn which kinds of fault the seed has, of all that exist (FaultKind), each as often as
// every other, and in one seed of ten cut links and stalls beside them: who goes on after its lease
// has run out, cut off from some, believes most of what is no longer so. Then a small cluster in
// which they can happen: 2 to 5 servers in 1 to 3 regions, any manager, any synchronous_commit and
// synchronous_standby_names, any way for applications to find the primary; then when each fault
// happens, for how long, and to what. A third of the faults come close behind the one before, for a
// second failure during a promotion. Some never end. Half of the stalls outlast Patroni's ttl.
//
// Faults begin from 15 s on and those that end have ended at 100 s; the run lasts until
// chaos_converges later (run/chaos_judge.h). Users ask for a few pages a second: chaos looks for
// orders of events, not for load. Times of managers and time-outs of connections are at most some
// tens of seconds, those of people a tenth of what people take.
//
// Left out: several primaries, outboxes, throttles, users who enter by latency DNS.
#pragma once

#include <cstdint>
#include <vector>

#include "run/scenario.h"
#include "sim/rng.h"

namespace longhaul {

inline constexpr Duration chaos_begins = seconds(15);
inline constexpr Duration chaos_heals = seconds(100);
inline constexpr Duration chaos_converges = seconds(150);

// The luck of what is drawn before a world begins.
class Dice {
 public:
  explicit Dice(StreamKey key) : stream_{key} {}

  std::size_t below(std::size_t n) { return longhaul::below(stream_.bits(), n); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(below(static_cast<std::size_t>(most - least + 1)));
  }
  template <class List>
  const auto& one_of(const List& list) {
    return list[below(list.size())];
  }
  template <class T>
  T one_of(std::initializer_list<T> list) {
    return list.begin()[below(list.size())];
  }

 private:
  RandomStream stream_;
};

// Every kind of fault that there is, in the order of the enumeration.
std::vector<FaultKind> all_fault_kinds();

// The kinds that a seed has, without repetition.
std::vector<FaultKind> chaos_kinds(std::uint64_t seed);

// The world of a seed.
ScenarioConfig chaos_config(std::uint64_t seed);

// The same, resolved, as if it had been read from the file that scenario_json() prints.
Result<Scenario> chaos_scenario(std::uint64_t seed);
Result<Scenario> scenario_of(const ScenarioConfig& config, const std::string& file);

// ---- Parts -------------------------------------------------------------------------------------

// Faults of that kind in that world; the world has what they need.
void add_chaos_faults(ScenarioConfig& config, FaultKind kind, Dice& dice);

// When the last fault that ends has ended.
Duration healed_at(const ScenarioConfig& config);

}  // namespace longhaul
