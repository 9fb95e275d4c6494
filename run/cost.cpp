#include "run/cost.h"

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

#include "models/data_config.h"
#include "run/csv.h"
#include "run/embedded_data.h"
#include "run/report.h"
#include "run/scenario.h"

namespace longhaul {
namespace {

constexpr std::int64_t hours_per_month = 730;
constexpr std::int64_t bytes_per_gb = 1'000'000'000;

std::string_view cloud_of(std::string_view region) { return region.substr(0, region.find(':')); }

std::optional<std::int64_t> whole(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

Error bad_row(const CsvRow& row, std::string expected) {
  Error error;
  error.line = row.line;
  error.value = row.cells.empty() ? "" : row.cells[0];
  error.expected = std::move(expected);
  return error;
}

void add_once(std::vector<std::string>& list, std::string text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
}

std::int64_t storage_bytes(const ScenarioConfig& config) {
  if (config.postgres.database_size) return config.postgres.database_size->value;
  std::int64_t bytes = 0;
  for (const DataSetConfig& set : config.data) bytes += size_on_disk(set).value;
  return bytes;
}

}  // namespace

const FieldTable& CostConfig::fields() {
  static const FieldTable table = field_table<CostConfig>(
      "cost",
      {
          field<&CostConfig::cpu_hour_micro_usd>("cpu_hour_micro_usd")
              .about("One processor of a database server for an hour, memory included.")
              .source("db.r8g.xlarge (4 processors, 32 GB) in Ireland is about 350 USD a month on "
                      "demand, 2026-05; 2 and 16 processors lie within 10 % of the same price each")
              .between(0, 1'000'000'000),
          field<&CostConfig::storage_gb_month_micro_usd>("storage_gb_month_micro_usd")
              .about("10^9 bytes of a database server's disk for a month.")
              .source("gp3 under RDS in us-east-1, list price of 2026")
              .between(0, 1'000'000'000),
          field<&CostConfig::app_instance_hour_micro_usd>("app_instance_hour_micro_usd")
              .about("One instance of an app for an hour.")
              .source("an assumption: a small machine of two processors")
              .between(0, 1'000'000'000),
          field<&CostConfig::transfer_gb_micro_usd>("transfer_gb_micro_usd")
              .about("10^9 bytes from one region to another, whichever they are.")
              .source("the list price of the pair, see `longhaul regions` for its regions")
              .between(0, 1'000'000'000),
          field<&CostConfig::rebuilds_per_month>("rebuilds_per_month")
              .about("How often a month what a run copies anew between regions is copied: base "
                     "backups, rewinds, rejoins.")
              .source("an assumption: one drill or failover a month")
              .between(0, 100'000),
      });
  return table;
}

// ---- prices of transfer ------------------------------------------------------------------------

const TransferPrices& TransferPrices::builtin() {
  static const TransferPrices prices = [] {
    Result<TransferPrices> read =
        from_text(embedded::prices_transfer_csv(), embedded::prices_sources_csv());
    CHECK(read.ok());
    return std::move(read).value();
  }();
  return prices;
}

Result<TransferPrices> TransferPrices::from_text(std::string_view prices,
                                                 std::string_view sources) {
  TransferPrices result;
  std::vector<Error> wrong;
  std::vector<std::string> ids;
  const std::vector<CsvRow> source_rows = read_csv(sources);
  for (std::size_t i = 1; i < source_rows.size(); ++i) {
    const CsvRow& row = source_rows[i];
    if (row.cells.size() != 4) {
      wrong.push_back(bad_row(row, "id, title, captured, origin"));
      continue;
    }
    ids.push_back(row.cells[0]);
    result.sources_.push_back(row.cells[1] + ", " + row.cells[2]);
  }
  const std::vector<CsvRow> rows = read_csv(prices);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const CsvRow& row = rows[i];
    const auto source =
        row.cells.size() == 4 ? std::find(ids.begin(), ids.end(), row.cells[3]) : ids.end();
    const auto micro_usd = source == ids.end() ? std::nullopt : whole(row.cells[2]);
    if (!micro_usd) {
      wrong.push_back(bad_row(row, "src, dst, micro_usd_per_gb and a known source"));
      continue;
    }
    result.rows_.push_back(
        {row.cells[0], row.cells[1], *micro_usd, static_cast<std::size_t>(source - ids.begin())});
  }
  if (!wrong.empty()) return wrong;
  std::sort(result.rows_.begin(), result.rows_.end(), [](const Row& a, const Row& b) {
    return std::tie(a.from, a.to) < std::tie(b.from, b.to);
  });
  return result;
}

const TransferPrices::Row* TransferPrices::find(std::string_view from, std::string_view to) const {
  const auto row = std::lower_bound(
      rows_.begin(), rows_.end(), std::tie(from, to), [](const Row& a, const auto& key) {
        return std::pair<std::string_view, std::string_view>(a.from, a.to) <
               std::pair<std::string_view, std::string_view>(std::get<0>(key), std::get<1>(key));
      });
  return row != rows_.end() && row->from == from && row->to == to ? &*row : nullptr;
}

std::optional<TransferPrices::Price> TransferPrices::between(std::string_view from,
                                                             std::string_view to) const {
  const Row* row = find(from, to);
  if (!row) row = find(from, cloud_of(from) == cloud_of(to) ? "*" : cloud_of(to));
  if (!row) return std::nullopt;
  return Price{row->micro_usd, sources_[row->source]};
}

// ---- the month ---------------------------------------------------------------------------------

std::string_view title_of(CostKind kind) {
  constexpr std::array<std::string_view, cost_kinds> titles = {"servers", "storage", "apps",
                                                               "transfer", "rebuilds"};
  return titles[static_cast<std::size_t>(kind)];
}

std::int64_t MonthlyCost::total() const {
  std::int64_t sum = 0;
  for (std::int64_t part : micro_usd) sum += part;
  return sum;
}

namespace {

void add_transfer(MonthlyCost& cost, const CostConfig& config, const Figures& figures) {
  if (figures.parts.empty() || figures.measured == Duration{}) return;
  const std::vector<std::string>& regions = figures.labels[Label::region];
  const std::size_t cells = figures.parts.front()->cells(Metric::cross_region_bytes);
  Int128 byte_prices = 0;  // bytes x micro-USD per GB
  Int128 rebuild_prices = 0;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const auto labels = figures.parts.front()->labels_of(Metric::cross_region_bytes, cell);
    if (static_cast<Traffic>(labels[2]) == Traffic::pages) continue;
    const std::int64_t bytes = figures.cell(Metric::cross_region_bytes, cell).counter.count;
    if (bytes == 0) continue;
    const bool is_rebuild = static_cast<Traffic>(labels[2]) == Traffic::base_backup;
    Int128& prices = is_rebuild ? rebuild_prices : byte_prices;
    if (config.transfer_gb_micro_usd) {
      prices += Int128{bytes} * *config.transfer_gb_micro_usd;
      continue;
    }
    const std::string& from = regions[labels[0]];
    const std::string& to = regions[labels[1]];
    const auto price = TransferPrices::builtin().between(from, to);
    if (!price) {
      add_once(cost.unpriced, from + " to " + to);
      continue;
    }
    add_once(cost.sources, std::string(price->source));
    prices += Int128{bytes} * price->micro_usd_per_gb;
  }
  // Below 2^63 bytes x 2^30 micro-USD x 2^32 ms.
  const Int128 measured_ms = std::max<std::int64_t>(figures.measured.ns / 1'000'000, 1);
  const Int128 month = byte_prices * (hours_per_month * 3'600'000) / measured_ms;
  cost.micro_usd[static_cast<std::size_t>(CostKind::transfer)] = div_floor(month, bytes_per_gb);
  const auto runs = static_cast<std::int64_t>(figures.parts.size());
  cost.micro_usd[static_cast<std::size_t>(CostKind::rebuilds)] =
      div_floor(rebuild_prices * config.rebuilds_per_month / runs, bytes_per_gb);
}

}  // namespace

MonthlyCost monthly_cost(const Scenario& scenario, const Figures& figures) {
  const ScenarioConfig& config = scenario.config;
  const CostConfig& prices = config.cost;
  MonthlyCost cost;
  const auto add = [&](CostKind kind, Int128 micro_usd) {
    cost.micro_usd[static_cast<std::size_t>(kind)] += div_floor(micro_usd, 1);
  };
  const std::int64_t database = storage_bytes(config);
  for (const NodeConfig& node : config.topology.nodes) {
    add(CostKind::servers, Int128{node.cpus} * prices.cpu_hour_micro_usd * hours_per_month);
    const std::int64_t bytes = database + node.wal_disk.value_or(Bytes{}).value;
    add(CostKind::storage, Int128{bytes} * prices.storage_gb_month_micro_usd / bytes_per_gb);
  }
  for (const AppConfig& app : config.topology.apps) {
    add(CostKind::apps,
        Int128{app.instances} * prices.app_instance_hour_micro_usd * hours_per_month);
  }
  add_transfer(cost, prices, figures);
  return cost;
}

std::string usd_text(std::int64_t micro_usd) {
  return count_text(div_floor(Int128{micro_usd} + 500'000, 1'000'000)) + " USD";
}

}  // namespace longhaul
