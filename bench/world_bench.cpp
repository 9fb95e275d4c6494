// The whole simulator at work: the flagship scenario, bulk WAL, memory, and where the time goes.
//
//   longhaul_bench_world SCENARIO
//
// Shares come from a sampling timer: the instruction that runs every millisecond of processor time
// is traced back to its source file with addr2line (binutils, which every compiler brings along),
// and the file to a part of the simulator. Absolute times depend on the machine; ratios and shares
// hold.
#include <link.h>
#include <malloc.h>
#include <signal.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "base/units_text.h"
#include "models/pg/wal_sender.h"
#include "run/runner.h"

namespace longhaul::bench {
namespace {

// ---- Sampling ----------------------------------------------------------------------------------

constexpr std::size_t samples_max = 1 << 16;
std::array<std::uintptr_t, samples_max> samples;
volatile std::size_t sample_count = 0;

void take_sample(int, siginfo_t*, void* context) {
  if (sample_count >= samples_max) return;
#if defined(__x86_64__)
  const auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  samples[sample_count] = static_cast<std::uintptr_t>(registers[REG_RIP]);
#elif defined(__aarch64__)
  samples[sample_count] = static_cast<ucontext_t*>(context)->uc_mcontext.pc;
#endif
  sample_count = sample_count + 1;
}

void sample_every(std::int64_t microseconds) {
  struct sigaction action = {};
  action.sa_sigaction = take_sample;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigaction(SIGPROF, &action, nullptr);
  const itimerval timer = {{0, microseconds}, {0, microseconds}};
  setitimer(ITIMER_PROF, &timer, nullptr);
}

std::uintptr_t load_address() {
  std::uintptr_t base = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* result) {
        *static_cast<std::uintptr_t*>(result) = info->dlpi_addr;  // the first is the program
        return 1;
      },
      &base);
  return base;
}

// Null for a file that is none of ours: the caller up the chain of inlined functions decides.
const char* part_of(const std::string& file) {
  struct Rule {
    const char* piece;
    const char* part;
  };
  constexpr Rule rules[] = {
      {"sim/event", "engine"},        {"sim/scheduler", "engine"},  {"sim/timers", "engine"},
      {"base/digest", "engine"},      {"sim/histogram", "metrics"}, {"sim/series", "metrics"},
      {"models/measures", "metrics"}, {"models/lag.", "metrics"},   {"lag_truth", "metrics"},
      {"app/canary", "metrics"},      {"models/data.", "truth"},    {"sim/", "luck"},
      {"Random123", "luck"},          {"policy/", "policy"},        {"models/", "models"},
      {"run/", "outside the loop"},
  };
  for (const Rule& rule : rules) {
    if (file.find(rule.piece) != std::string::npos) return rule.part;
  }
  return nullptr;
}

void print_shares() {
  sample_every(0);
  char self[4096];
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length < 0 || sample_count == 0) return;
  self[length] = 0;
  const std::string list = "/tmp/longhaul_bench_" + std::to_string(getpid());
  std::FILE* file = std::fopen(list.c_str(), "w");
  if (file == nullptr) return;
  const std::uintptr_t base = load_address();
  for (std::size_t i = 0; i < sample_count; ++i) {
    std::fprintf(file, "0x%zx\n", static_cast<std::size_t>(samples[i] - base));
  }
  std::fclose(file);
  std::vector<std::pair<std::string, int>> parts;
  const auto count = [&parts](const char* part) {
    const std::string name = part == nullptr ? "library" : part;
    auto at = std::find_if(parts.begin(), parts.end(),
                           [&](const auto& known) { return known.first == name; });
    if (at == parts.end()) at = parts.insert(parts.end(), {name, 0});
    at->second += 1;
  };
  // Each address is answered by itself and then by its chain of inlined functions, innermost first.
  const std::string command = "addr2line -a -i -e '" + std::string(self) + "' < " + list;
  if (std::FILE* answer = popen(command.c_str(), "r")) {
    char line[4096];
    const char* part = nullptr;
    bool first = true;
    while (std::fgets(line, sizeof line, answer) != nullptr) {
      if (line[0] != '0' || line[1] != 'x') {
        if (part == nullptr) part = part_of(line);
        continue;
      }
      if (!first) count(part);
      first = false;
      part = nullptr;
    }
    if (!first) count(part);
    pclose(answer);
  }
  unlink(list.c_str());
  std::sort(parts.begin(), parts.end(),
            [](const auto& a, const auto& b) { return a.second > b.second; });
  std::printf("  share of time:");
  for (const auto& [part, times] : parts) {
    std::printf("  %s %.0f %%", part.c_str(), 100.0 * times / static_cast<double>(sample_count));
  }
  std::printf("   (%zu samples)\n", static_cast<std::size_t>(sample_count));
  sample_count = 0;
}

// ---- Workloads ---------------------------------------------------------------------------------

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Scenario scenario(const std::string& file, const std::vector<std::string>& sets) {
  Result<Scenario> loaded = load_scenario(file, {.sets = sets});
  if (!loaded) {
    for (const Error& error : loaded.errors()) std::fprintf(stderr, "%s\n", to_text(error).c_str());
    std::exit(65);
  }
  return std::move(loaded).value();
}

std::vector<std::string> rates(const std::string& rate) {
  return {"workload.us.rate=" + rate, "workload.eu.rate=" + rate, "workload.ap.rate=" + rate};
}

void measure_flagship(const char* title, const std::string& file,
                      const std::vector<std::string>& sets) {
  const Scenario loaded = scenario(file, sets);
  std::vector<double> seconds;
  RunResult result;
  sample_every(1000);
  for (int i = 0; i < 5; ++i) {
    Cluster cluster = build_run(loaded, 1);
    const auto begin = std::chrono::steady_clock::now();
    cluster.run_until(cluster.end());
    seconds.push_back(seconds_since(begin));
    result = finish_run(std::move(cluster), loaded);
  }
  std::sort(seconds.begin(), seconds.end());
  const double median = seconds[seconds.size() / 2];
  const auto per_second = [&](std::uint64_t count) {
    return static_cast<double>(count) / median / 1e6;
  };
  std::printf(
      "%s\n  %.3f M statements/s, %.2f M events/s, %.2f events a statement"
      " (median of 5: %.3f s for %s)\n",
      title, per_second(result.statements), per_second(result.events),
      static_cast<double>(result.events) / static_cast<double>(result.statements), median,
      to_text(loaded.config.duration).c_str());
  print_shares();
}

// 200 MB of WAL over 40 ms and 1 Gbit/s: the primary has it on disk, one standby lacks it.
void measure_wal(const std::string& file) {
  std::vector<double> seconds;
  const Scenario loaded =
      scenario(file, {"canary=0/s",
                      "topology.links=[{\"between\": [\"aws:us-east-1\", \"aws:eu-west-1\"], "
                      "\"rtt\": \"80ms\", \"bandwidth\": \"1Gbit/s\"}]",
                      "wal.tcp_window=16MiB", "topology.nodes.db-eu.replay_rate=1GB/s"});
  std::uint64_t events = 0;
  Duration took;
  for (int i = 0; i < 7; ++i) {
    Cluster cluster = build_run(loaded, 1);
    World& world = cluster.world();
    world.scheduler = Scheduler();  // nobody but the stream
    Node& primary = world.node(world.primary());
    primary.insert = primary.flushed = primary.flushed + Bytes{200'000'000};
    const NodeId standby{1};
    std::erase_if(world.streams, [&](const WalStream& wal) { return wal.standby != standby; });
    const auto begin = std::chrono::steady_clock::now();
    send_wal(world, world.primary());
    while (world.node(standby).replayed < primary.flushed) {
      cluster.run_until(world.scheduler.next_time());
    }
    seconds.push_back(seconds_since(begin));
    events = world.scheduler.events();
    took = world.now() - TimePoint{};
  }
  std::sort(seconds.begin(), seconds.end());
  std::printf(
      "200 MB of WAL over 40 ms at 1 Gbit/s, until replayed\n"
      "  %.2f ms (median of 7; at most 5 wanted), %llu events, %s simulated\n",
      seconds[seconds.size() / 2] * 1e3, static_cast<unsigned long long>(events),
      to_short_text(took).c_str());
}

std::size_t heap_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

void measure_memory(const std::string& file) {
  constexpr std::int64_t many = 200'000;
  const auto world_of = [&](std::int64_t sessions) {
    std::vector<std::string> sets = rates("1/s");
    sets.push_back("workload.eu.sessions=" + std::to_string(sessions));
    const Scenario loaded = scenario(file, sets);
    const std::size_t before = heap_in_use();
    const Cluster cluster = build_run(loaded, 1);
    return heap_in_use() - before;
  };
  const std::size_t few_bytes = world_of(1'000);
  const std::size_t many_bytes = world_of(many);
  std::printf("memory\n  %.0f bytes an idle session, its pending event included (at most 256)\n",
              static_cast<double>(many_bytes - few_bytes) / static_cast<double>(many - 1'000));
  const auto after = [&](const std::string& duration) {
    std::vector<std::string> sets = rates("1/s");
    sets.push_back("duration=" + duration);
    Cluster cluster = build_run(scenario(file, sets), 1);
    const std::size_t before = heap_in_use();
    cluster.run_until(cluster.end());
    return static_cast<double>(heap_in_use()) - static_cast<double>(before);
  };
  const double one = after("1h");
  const double ten = after("10h");
  std::printf("  growth while running: %.0f kB in 1 simulated hour, %.0f kB in 10\n", one / 1e3,
              ten / 1e3);
}

}  // namespace
}  // namespace longhaul::bench

int main(int count, char** arguments) {
  using namespace longhaul::bench;
  const std::string file = count > 1 ? arguments[1]
                                     : LONGHAUL_ROOT
                               "/scenarios/patterns/three_regions_read_replicas.json";
  measure_flagship("flagship as shipped", file, {});
  std::vector<std::string> busy = rates("500/s");
  busy.insert(busy.end(), {"duration=2min", "topology.nodes.db-us.cpus=16"});
  measure_flagship("flagship at ten times the load", file, busy);
  measure_wal(file);
  measure_memory(file);
}
