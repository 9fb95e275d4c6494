// What a topology costs a month at list prices: servers, storage, app instances, transfer between
// regions. In millionths of a US dollar, a month of 730 hours.
//
//   servers    cpus x cpu_hour x 730
//   storage    (the database on every node, and the log's disk where one is given)
//              x storage_gb_month
//   apps       instances x app_instance_hour x 730
//   transfer   bytes that a run handed from region to region: log, statements, probes, the lease
//              store / measured time x a month x the price of the pair, which the source pays;
//              1 GB is 10^9 bytes
//   rebuilds   bytes of base backups, rewinds and rejoins between regions x that price x
//              rebuilds_per_month: they happen now and then, so the length of a run says nothing
//
// Prices of transfer stand in data/prices_transfer.csv with their sources in prices_sources.csv.
// They are list prices of the date named there, without discounts; where one depends on more than
// the source and the cloud of the destination it is the dearer. Left out: traffic to users, which
// costs much the same from everywhere; traffic between zones; provisioned I/O; backups and the
// archive; commitments and discounts.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/result.h"
#include "run/figures.h"

namespace longhaul {

struct Scenario;

// Prices that a scenario may put in place of the built-in ones.
struct CostConfig {
  std::int64_t cpu_hour_micro_usd = 120'000;
  std::int64_t storage_gb_month_micro_usd = 115'000;
  std::int64_t app_instance_hour_micro_usd = 50'000;
  std::optional<std::int64_t> transfer_gb_micro_usd;  // between all regions
  std::int64_t rebuilds_per_month = 1;

  static const FieldTable& fields();
  friend bool operator==(const CostConfig&, const CostConfig&) = default;
};

// List prices of transfer between regions.
class TransferPrices {
 public:
  struct Price {
    std::int64_t micro_usd_per_gb = 0;
    std::string_view source;  // title and date
  };

  static const TransferPrices& builtin();
  static Result<TransferPrices> from_text(std::string_view prices, std::string_view sources);

  // Nothing when neither the pair nor the cloud of the destination is in the table.
  std::optional<Price> between(std::string_view from, std::string_view to) const;

 private:
  struct Row {
    std::string from;
    std::string to;  // a region, a cloud, or "*" for any other region of the same cloud
    std::int64_t micro_usd = 0;
    std::size_t source = 0;
  };
  const Row* find(std::string_view from, std::string_view to) const;

  std::vector<Row> rows_;  // sorted by from and to
  std::vector<std::string> sources_;
};

enum class CostKind : std::uint8_t { servers, storage, apps, transfer, rebuilds };
constexpr std::size_t cost_kinds = 5;
std::string_view title_of(CostKind kind);

struct MonthlyCost {
  std::array<std::int64_t, cost_kinds> micro_usd{};
  std::vector<std::string> sources;   // of the prices of transfer that were used
  std::vector<std::string> unpriced;  // "ibm:eu-de to ibm:us-south": counted as free

  std::int64_t total() const;
  std::int64_t operator[](CostKind kind) const { return micro_usd[static_cast<std::size_t>(kind)]; }
};

// `figures` of any number of seeds; transfer is their mean.
MonthlyCost monthly_cost(const Scenario& scenario, const Figures& figures);

// "1,234 USD"
std::string usd_text(std::int64_t micro_usd);

}  // namespace longhaul
