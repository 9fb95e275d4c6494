#include <charconv>

#include "run/scenario.h"

namespace longhaul {
namespace {

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end || value < 0) return std::nullopt;
  return value;
}

std::optional<std::string> parse_seeds(std::string_view text, void* value) {
  const std::string expected(text_type<SeedRange>().expected);
  const std::size_t dots = text.find("..");
  const std::optional<std::int64_t> first = whole(text.substr(0, dots));
  const std::optional<std::int64_t> last =
      dots == std::string_view::npos ? first : whole(text.substr(dots + 2));
  if (!first || !last || *last < *first || *last - *first >= 1'000'000) return expected;
  *static_cast<SeedRange*>(value) = {*first, *last};
  return std::nullopt;
}

std::string print_seeds(const void* value) {
  const SeedRange& seeds = *static_cast<const SeedRange*>(value);
  if (seeds.first == seeds.last) return std::to_string(seeds.first);
  return std::to_string(seeds.first) + ".." + std::to_string(seeds.last);
}

}  // namespace

template <>
const TextType& text_type<SeedRange>() {
  static const TextType type{
      .name = "seeds",
      .expected = "one seed such as \"7\" or a rising range of at most a million such as \"1..5\"",
      .pattern = "^[0-9]+(\\.\\.[0-9]+)?$",
      .parse = parse_seeds,
      .print = print_seeds};
  return type;
}

const FieldTable& TopologyConfig::fields() {
  static const FieldTable table = field_table<TopologyConfig>(
      "topology", {
                      field<&TopologyConfig::regions>("regions")
                          .about("Regions where something runs, from the catalogue.")
                          .items(1, 64)
                          .required(),
                      field<&TopologyConfig::links>("links").about(
                          "What differs from the catalogue and from network, link by link."),
                      field<&TopologyConfig::nodes>("nodes")
                          .about("PostgreSQL servers: a primary, or several, and who follows it.")
                          .items(1, databases_max)
                          .required(),
                      field<&TopologyConfig::apps>("apps")
                          .about("Applications that users enter.")
                          .items(1, 64)
                          .required(),
                      field<&TopologyConfig::caches>("caches").about(
                          "Caches of rows, such as Redis, that the apps of their region use."),
                      field<&TopologyConfig::lease_store>("lease_store")
                          .about("The consensus store, such as etcd, that failover managers keep "
                                 "their lease in."),
                      field<&TopologyConfig::standby_cluster>("standby_cluster")
                          .about("A second cluster of Patroni, which follows the first and has a "
                                 "lease store of its own. Absent: all servers are one cluster."),
                      field<&TopologyConfig::primaries>("primaries")
                          .about("What several primaries are to one another.")
                          .source("PostgreSQL by itself has one"),
                      field<&TopologyConfig::i_accept_conflicts>("i_accept_conflicts")
                          .about("Active-active loses acknowledged writes by design: the last "
                                 "writer wins. It is simulated only for who says so.")
                          .source("nobody expects it"),
                  });
  return table;
}

const FieldTable& ScenarioConfig::fields() {
  static const FieldTable table = field_table<ScenarioConfig>(
      "scenario",
      {
          field<&ScenarioConfig::format>("format")
              .about("Version of the file format.")
              .between(1, 1)
              .required(),
          field<&ScenarioConfig::name>("name").about("Name of the scenario.").required(),
          field<&ScenarioConfig::purpose>("purpose")
              .about("What it shows, in one sentence.")
              .required(),
          field<&ScenarioConfig::seeds>("seeds")
              .about("Seeds that `test` runs; `run` takes the first.")
              .source("one seed"),
          field<&ScenarioConfig::duration>("duration")
              .about("Simulated time from start to end, warm-up included.")
              .source("a ten-minute what-if")
              .between(milliseconds(1), minutes(60 * 24 * 366)),
          field<&ScenarioConfig::warmup>("warmup")
              .about("Time at the beginning that is simulated and not measured.")
              .source("pools fill and breakers hear of their replicas within seconds")
              .between(nanoseconds(0), minutes(60 * 24)),
          field<&ScenarioConfig::canary>("canary")
              .about("Writes per time from each users' region that measure outages; \"0/s\": none.")
              .source("gaps of 90 to 110 ms, by luck: an outage is seen within them")
              .between(EventRate{0}, per_second(1000)),
          field<&ScenarioConfig::canary_reads>("canary_reads")
              .about("Reads per time from each users' region that measure read_outage, beside the "
                     "canary's writes.")
              .source("none: reads of users show themselves")
              .between(EventRate{0}, per_second(1000)),
          field<&ScenarioConfig::topology>("topology").about("What runs where.").required(),
          field<&ScenarioConfig::network>("network").about("Defaults of all links."),
          field<&ScenarioConfig::postgres>("postgres").about("Settings of PostgreSQL."),
          field<&ScenarioConfig::wal>("wal").about("The write-ahead log and its way to standbys."),
          field<&ScenarioConfig::data>("data")
              .about("Sets of rows that statements touch.")
              .items(1, 1'000)
              .required(),
          field<&ScenarioConfig::policy>("policy").about(
              "The block that a production process loads, unchanged."),
          field<&ScenarioConfig::sql>("sql").about(
              "How statements given as SQL text are classified; as in production."),
          field<&ScenarioConfig::monitoring>("monitoring")
              .about("Who watches the lag of replicas, and calls somebody."),
          field<&ScenarioConfig::cost>("cost").about(
              "Prices that a month of the topology is counted at."),
          field<&ScenarioConfig::sla>("sla").about(
              "How often what fails, for the yearly downtime that `longhaul sla` counts."),
          field<&ScenarioConfig::caches>("caches").about(
              "The rules by which calls that are cached use the caches of topology.caches."),
          field<&ScenarioConfig::dns>("dns").about(
              "Name servers and health checks, for users that enter by latency_dns."),
          field<&ScenarioConfig::control>("control").about(
              "Agents and controllers that run the servers; their rules: policy.failover."),
          field<&ScenarioConfig::workload>("workload")
              .about("Users and what they ask for.")
              .items(1, 1'000)
              .required(),
          field<&ScenarioConfig::faults>("faults").about("What breaks, and when."),
          field<&ScenarioConfig::drill>("drill").about(
              "A drill for people (`longhaul drill`): hidden variants, signals, actions, costs."),
          field<&ScenarioConfig::expect>("expect").about(
              "Metrics with labels, each with expressions such as \"p(99) < 80ms\"."),
      },
      {"failover", "actions", "queues", "outbox", "prices", "clocks", "lab"});
  return table;
}

}  // namespace longhaul
