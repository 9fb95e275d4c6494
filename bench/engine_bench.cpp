// The engine against a hand-written 4-ary heap of 24-byte structs, in pairs A B A B.
//
// Hold model: each event schedules one event at a random distance; N are pending throughout. The
// engine runs as the simulator uses it: Scheduler with digest, counters and one generation check an
// event. The heap does nothing but order. Both draw the same distances from the same generator.
// A ratio above 1 means that the engine is faster; the median of the pairs counts.
//
//   longhaul_bench_engine [PAIRS [WORKLOAD]]
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "bench/plain_heap.h"
#include "sim/det_math.h"
#include "sim/scheduler.h"

namespace longhaul::bench {
namespace {

// ---- Workloads ---------------------------------------------------------------------------------

enum class Mix { exponential, skewed, bursts };

// Distances in nanoseconds: all about a second; a mixture of 1 us and 100 s; whole milliseconds, so
// that many events share an instant and a tenth of them have no distance at all. They are drawn
// beforehand, because the engines are compared and not the logarithm.
class Distances {
 public:
  explicit Distances(Mix mix) {
    for (std::uint64_t i = 0; i < count; ++i) distances_.push_back(draw(mix, mix64(i + 1)));
  }

  std::int64_t next() { return distances_[next_++ % count]; }

 private:
  static constexpr std::uint64_t count = 1 << 14;

  static std::int64_t draw(Mix mix, std::uint64_t bits) {
    const double log = det_log((static_cast<double>(bits >> 12) + 0.5) * 0x1p-52);
    switch (mix) {
      case Mix::exponential:
        return static_cast<std::int64_t>(-1e9 * log);
      case Mix::skewed:
        return static_cast<std::int64_t>(((bits & 7) != 0 ? -1e3 : -1e11) * log);
      case Mix::bursts:
        return bits % 10 == 0 ? 0 : static_cast<std::int64_t>(bits >> 32) % 100 * 1'000'000;
    }
    return 0;
  }

  std::vector<std::int64_t> distances_;
  std::uint64_t next_ = 0;
};

class HeapHold {
 public:
  HeapHold(std::size_t pending, Mix mix) : distances_(mix) {
    for (std::size_t i = 0; i < pending; ++i) heap_.push({distances_.next(), serial_++, i});
  }

  std::uint64_t run(std::size_t events) {
    for (std::size_t i = 0; i < events; ++i) {
      const HeapEvent event = heap_.pop();
      sum_ += event.payload;
      heap_.push({event.at + distances_.next(), serial_++, event.payload});
    }
    return sum_;
  }

 private:
  PlainHeap heap_;
  Distances distances_;
  std::uint64_t serial_ = 0;
  std::uint64_t sum_ = 0;
};

class EngineHold {
 public:
  EngineHold(std::size_t pending, Mix mix) : distances_(mix), generations_(pending) {
    for (std::size_t i = 0; i < pending; ++i) schedule(static_cast<std::uint32_t>(i));
  }

  std::uint64_t run(std::size_t events) {
    Event event;
    for (std::size_t i = 0; i < events; ++i) {
      if (!scheduler_.pop(event)) std::abort();
      if (event.generation != generations_[event.target]) std::abort();
      sum_ += event.target;
      schedule(event.target);
    }
    return sum_;
  }

  double bytes_per_event() const {
    return static_cast<double>(scheduler_.memory_bytes()) /
           static_cast<double>(generations_.size());
  }

 private:
  void schedule(std::uint32_t target) {
    scheduler_.after({distances_.next()}, EventClass::ordinary, target, 1, generations_[target], 0);
  }

  Scheduler scheduler_;
  Distances distances_;
  std::vector<std::uint16_t> generations_;
  std::uint64_t sum_ = 0;
};

// ---- Pairs -------------------------------------------------------------------------------------

template <class Hold>
double ns_per_event(Hold& hold, std::size_t events, std::uint64_t& sum) {
  const auto begin = std::chrono::steady_clock::now();
  sum = hold.run(events);
  const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
  return spent.count() / static_cast<double>(events);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

bool compare(const char* name, Mix mix, std::size_t pending, int pairs) {
  HeapHold heap(pending, mix);
  EngineHold engine(pending, mix);
  const std::size_t events = std::max<std::size_t>(1'000'000, pending);
  std::uint64_t heap_sum = heap.run(2 * pending + 200'000);
  std::uint64_t engine_sum = engine.run(2 * pending + 200'000);
  std::vector<double> heap_ns, engine_ns, ratios;
  for (int pair = 0; pair < pairs; ++pair) {
    heap_ns.push_back(ns_per_event(heap, events, heap_sum));
    engine_ns.push_back(ns_per_event(engine, events, engine_sum));
    ratios.push_back(heap_ns.back() / engine_ns.back());
  }
  std::printf("%-9s %8zu  heap %6.1f ns  engine %6.1f ns  ratio %5.2f  %5.1f bytes/event%s\n", name,
              pending, median(heap_ns), median(engine_ns), median(ratios), engine.bytes_per_event(),
              heap_sum == engine_sum ? "" : "  ORDER DIFFERS");
  return heap_sum == engine_sum;
}

int run(int pairs, const std::string& only) {
  const std::pair<const char*, Mix> mixes[] = {
      {"exp(1s)", Mix::exponential}, {"1us/100s", Mix::skewed}, {"bursts", Mix::bursts}};
  bool same = true;
  for (const auto& [name, mix] : mixes) {
    for (const std::size_t pending : {1'000, 100'000, 1'000'000}) {
      if (only.empty() || only == name) same &= compare(name, mix, pending, pairs);
    }
  }
  return same ? 0 : 70;
}

}  // namespace
}  // namespace longhaul::bench

int main(int argc, char** argv) {
  const int pairs = argc > 1 ? std::max(1, std::atoi(argv[1])) : 7;
  return longhaul::bench::run(pairs, argc > 2 ? argv[2] : "");
}
