// What a scenario may say about data: sets of rows, their size, their skew and what touching costs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/fields.h"
#include "base/units.h"
#include "sim/distributions.h"

namespace longhaul {

// A number of things, written as text: "1M", "250k", "42".
struct Count {
  std::int64_t value = 0;
  friend constexpr auto operator<=>(const Count&, const Count&) = default;
};

template <>
const TextType& text_type<Count>();

// What a statement that writes does to its rows. An insert counts as a new version of the row it
// picks, so that its writer can look for it.
enum class WriteKind : std::uint8_t { update, insert };

template <>
const EnumNames& enum_names<WriteKind>();

struct DataSetConfig {
  std::string name;
  std::optional<std::string> home;
  Count rows = {100'000};
  Bytes row_bytes = {200};
  WriteKind write = WriteKind::update;
  std::int64_t indexes = 1;
  Ratio hot = percent(100);
  std::optional<Bytes> changed_bytes;
  RowSkew skew;
  DurationDistribution read_time = DurationDistribution::exponential(microseconds(500));
  DurationDistribution write_time = DurationDistribution::exponential(microseconds(500));

  static const FieldTable& fields();
  friend bool operator==(const DataSetConfig&, const DataSetConfig&) = default;
};

// What the rows of a set take on disk: pages of 8 kB that tuples with their headers fill, and a
// primary key of 8 bytes whose leaves are 90 % full, as a load in the order of the key leaves them.
Bytes size_on_disk(const DataSetConfig& set);

}  // namespace longhaul
