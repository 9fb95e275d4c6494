// The rows of the catalogue's files and of the user's own pings, checked one by one.

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "base/units.h"
#include "run/catalogue.h"
#include "run/csv.h"

namespace longhaul {
namespace {

// A minute: beyond any path on Earth, below anything that would overflow.
constexpr std::int64_t rtt_us_max = 60'000'000;

// Regions stand at the centre of their city, which may be this far from the machines.
constexpr std::int64_t city_radius_metres = 100'000;

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::int32_t> whole_us(std::string_view text) {
  const auto value = whole_number(text);
  if (!value || *value <= 0 || *value > rtt_us_max) return std::nullopt;
  return static_cast<std::int32_t>(*value);
}

// "12", "12.3", "12.345": milliseconds, exact in microseconds.
std::optional<std::int32_t> decimal_ms(std::string_view text) {
  const std::size_t point = text.find('.');
  std::string digits(text.substr(0, point));
  std::string decimals(point == std::string_view::npos ? "0" : text.substr(point + 1));
  if (digits.empty() || decimals.empty() || decimals.size() > 3) return std::nullopt;
  decimals.resize(3, '0');
  digits += decimals;
  if (digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return whole_us(digits);
}

std::string ms_text(std::int64_t us) {
  std::string decimals = std::to_string(us % 1'000);
  decimals.insert(0, 3 - decimals.size(), '0');
  return std::to_string(us / 1'000) + "." + decimals;
}

bool is_header(const CsvRow& row) {
  return row.cells == std::vector<std::string>{"src", "dst", "rtt_ms"};
}

}  // namespace

// Fills one catalogue file by file and collects what is wrong with each.
class Catalogue::Reader {
 public:
  explicit Reader(Catalogue catalogue) : catalogue_(std::move(catalogue)) {}

  void read_regions(std::string_view text);
  void read_sources(std::string_view text);
  void read_intra(std::string_view text);
  void read_measured(std::string_view text);
  void read_estimated(std::string_view text);
  void read_overrides(std::string_view text, std::string_view file);

  Result<Catalogue> finish() && {
    if (!errors_.empty()) return std::move(errors_);
    return std::move(catalogue_);
  }

 private:
  // Rows below the header; a row of another width is an error.
  std::vector<CsvRow> table(std::string_view text, std::string_view file, std::size_t width);
  void fail(int line, std::string path, std::string value, std::string expected,
            std::string nearest = {});
  std::optional<std::size_t> region(int line, const std::string& path, const std::string& id);
  std::optional<std::uint32_t> source(int line, const std::string& id);
  void override_row(const CsvRow& row, std::vector<bool>& given);

  Catalogue catalogue_;
  std::string file_;
  std::vector<Error> errors_;
};

void Catalogue::Reader::fail(int line, std::string path, std::string value, std::string expected,
                             std::string nearest) {
  errors_.push_back({.file = file_,
                     .line = line,
                     .path = std::move(path),
                     .value = std::move(value),
                     .expected = std::move(expected),
                     .nearest = std::move(nearest)});
}

std::vector<CsvRow> Catalogue::Reader::table(std::string_view text, std::string_view file,
                                             std::size_t width) {
  file_ = file;
  std::vector<CsvRow> rows = read_csv(text);
  if (!rows.empty()) rows.erase(rows.begin());
  std::erase_if(rows, [&](const CsvRow& row) {
    if (row.cells.size() == width) return false;
    fail(row.line, "", std::to_string(row.cells.size()) + " cells", std::to_string(width));
    return true;
  });
  return rows;
}

std::optional<std::size_t> Catalogue::Reader::region(int line, const std::string& path,
                                                     const std::string& id) {
  const auto at = catalogue_.position(id);
  if (!at) {
    Error error = catalogue_.unknown(id);
    fail(line, path, error.value, error.expected, error.nearest);
  }
  return at;
}

std::optional<std::uint32_t> Catalogue::Reader::source(int line, const std::string& id) {
  const auto at = catalogue_.source_position(id);
  if (!at) fail(line, "source", id, "an id of rtt_sources.csv");
  return at;
}

void Catalogue::Reader::read_regions(std::string_view text) {
  for (CsvRow& row : table(text, "regions.csv", 10)) {
    auto& c = row.cells;
    const auto lat = whole_number(c[6]);
    const auto lon = whole_number(c[7]);
    const auto zones = c[8].empty() ? 0 : whole_number(c[8]);
    if (!lat || *lat < -90'000'000 || *lat > 90'000'000 || !lon || *lon < -180'000'000 ||
        *lon > 180'000'000 || !zones || *zones < 0 || *zones > 100) {
      fail(row.line, c[0], c[6] + "," + c[7] + "," + c[8], "a place on Earth and 0 to 100 zones");
      continue;
    }
    catalogue_.regions_.push_back({.id = c[0],
                                   .provider = c[1],
                                   .code = c[2],
                                   .name = c[3],
                                   .city = c[4],
                                   .country = c[5],
                                   .lat_udeg = *lat,
                                   .lon_udeg = *lon,
                                   .zones = static_cast<int>(*zones),
                                   .metro = c[9]});
  }
  auto& regions = catalogue_.regions_;
  std::sort(regions.begin(), regions.end(),
            [](const Region& a, const Region& b) { return a.id < b.id; });
  for (const Region& region : regions) {
    if (!catalogue_.ids_.empty() && catalogue_.ids_.back() == region.id) {
      fail(0, "", region.id, "each region once");
    }
    catalogue_.ids_.push_back(region.id);
  }
  const std::size_t count = regions.size();
  catalogue_.pairs_.resize(count < 2 ? 0 : count * (count - 1) / 2);
  catalogue_.intra_.resize(count);
}

void Catalogue::Reader::read_sources(std::string_view text) {
  for (CsvRow& row : table(text, "rtt_sources.csv", 8)) {
    auto& c = row.cells;
    catalogue_.sources_.push_back({.id = c[0],
                                   .title = c[1],
                                   .captured = c[2],
                                   .origin = c[3],
                                   .copy = c[4],
                                   .licence_of_copy = c[5],
                                   .metric = c[6],
                                   .caveat = c[7]});
  }
  for (const std::string id : {"fit", "user"}) source(0, id);
}

void Catalogue::Reader::read_intra(std::string_view text) {
  bool has_default = false;
  for (const CsvRow& row : table(text, "rtt_intra.csv", 4)) {
    const auto& c = row.cells;
    const auto same = whole_us(c[1]);
    const auto cross = whole_us(c[2]);
    if (!same || !cross) fail(row.line, c[0], c[1] + "," + c[2], "microseconds above 0");
    const auto from = source(row.line, c[3]);
    if (!same || !cross || !from) continue;
    if (c[0] == "*") {
      has_default = true;
      for (Intra& intra : catalogue_.intra_) {
        if (!intra.measured) intra = {*same, *cross, *from, false};
      }
    } else if (const auto at = region(row.line, "region", c[0])) {
      catalogue_.intra_[*at] = {*same, *cross, *from, true};
    }
  }
  if (!has_default) fail(0, "", "no row *", "the figures of regions that nobody measured inside");
}

void Catalogue::Reader::read_measured(std::string_view text) {
  for (const CsvRow& row : table(text, "rtt_measured.csv", 4)) {
    const auto& c = row.cells;
    const auto from = region(row.line, "src", c[0]);
    const auto to = region(row.line, "dst", c[1]);
    const auto rtt_us = whole_us(c[2]);
    const auto table_id = source(row.line, c[3]);
    if (!rtt_us) fail(row.line, "rtt_us", c[2], "microseconds above 0");
    if (!from || !to || !rtt_us || !table_id) continue;
    if (*from == *to) {
      fail(row.line, "dst", c[1], "another region than src");
      continue;
    }
    catalogue_.pair_of(*from, *to).source = *table_id;
    catalogue_.set_direction(*from, *to, *rtt_us);
  }
}

// A lower triangle that names its columns: an empty cell is a pair that somebody measured.
void Catalogue::Reader::read_estimated(std::string_view text) {
  file_ = "rtt_estimated.csv";
  const std::vector<CsvRow> rows = read_csv(text);
  const auto fit = catalogue_.source_position("fit");
  if (rows.empty() || !fit) return;
  const auto& columns = rows.front().cells;
  for (std::size_t r = 1; r < rows.size(); ++r) {
    const auto& cells = rows[r].cells;
    const auto from = region(rows[r].line, "region", cells[0]);
    if (cells.size() > columns.size()) fail(rows[r].line, "", "a long row", "a cell per column");
    if (!from || cells.size() > columns.size()) continue;
    for (std::size_t c = 1; c < cells.size(); ++c) {
      if (cells[c].empty()) continue;
      const auto to = region(1, "column", columns[c]);
      const auto rtt_us = whole_us(cells[c]);
      if (!to || *to == *from || !rtt_us) {
        fail(rows[r].line, columns[c], cells[c], "microseconds above 0 to another region");
        continue;
      }
      Pair& pair = catalogue_.pair_of(*from, *to);
      if (pair.there_us != 0 || pair.back_us != 0) continue;  // measured since the fit
      pair.estimate_us = *rtt_us;
      pair.source = *fit;
    }
  }
}

void Catalogue::Reader::override_row(const CsvRow& row, std::vector<bool>& given) {
  if (row.cells.size() != 3) {
    fail(row.line, "", std::to_string(row.cells.size()) + " cells", "src,dst,rtt_ms");
    return;
  }
  const auto& c = row.cells;
  const auto from = region(row.line, "src", c[0]);
  const auto to = region(row.line, "dst", c[1]);
  const auto rtt_us = decimal_ms(c[2]);
  if (!rtt_us) {
    fail(row.line, "rtt_ms", c[2],
         "milliseconds above 0, up to 60000, with at most three decimals");
  }
  if (!from || !to) return;
  if (*from == *to) return fail(row.line, "dst", c[1], "another region than src");
  const std::size_t count = catalogue_.regions_.size();
  if (given[*from * count + *to]) {
    return fail(row.line, "", c[0] + "," + c[1], "each direction of a pair once");
  }
  given[*from * count + *to] = true;
  if (!rtt_us) return;
  const std::int64_t metres =
      great_circle_metres(catalogue_.regions_[*from], catalogue_.regions_[*to]);
  const std::int64_t floor_us =
      light_in_fibre_us(std::max<std::int64_t>(0, metres - 2 * city_radius_metres));
  if (*rtt_us < floor_us) {
    return fail(row.line, "rtt_ms", c[2],
                "at least " + ms_text(floor_us) + ", the round trip of light in fibre");
  }
  Pair& pair = catalogue_.pair_of(*from, *to);
  if (!given[*to * count + *from]) pair = {.source = *catalogue_.source_position("user")};
  catalogue_.set_direction(*from, *to, *rtt_us);
}

void Catalogue::Reader::read_overrides(std::string_view text, std::string_view file) {
  file_ = file;
  if (text.size() > override_bytes_max) {
    return fail(0, "", std::to_string(text.size()) + " bytes",
                "at most " + std::to_string(override_bytes_max));
  }
  std::vector<CsvRow> rows = read_csv(text);
  if (!rows.empty() && is_header(rows.front())) rows.erase(rows.begin());
  if (rows.size() > override_rows_max) {
    return fail(rows[override_rows_max].line, "", std::to_string(rows.size()) + " rows",
                "at most " + std::to_string(override_rows_max));
  }
  if (rows.empty()) return fail(0, "", "no rows", "src,dst,rtt_ms");
  const std::size_t count = catalogue_.regions_.size();
  std::vector<bool> given(count * count);
  for (const CsvRow& row : rows) override_row(row, given);
}

Result<Catalogue> Catalogue::from_text(const CatalogueText& text) {
  Reader reader{Catalogue()};
  reader.read_regions(text.regions);
  reader.read_sources(text.sources);
  reader.read_intra(text.intra);
  reader.read_measured(text.measured);
  reader.read_estimated(text.estimated);
  return std::move(reader).finish();
}

Result<Catalogue> Catalogue::with_overrides(std::string_view csv, std::string_view file) const {
  Reader reader(*this);
  reader.read_overrides(csv, file);
  return std::move(reader).finish();
}

}  // namespace longhaul
