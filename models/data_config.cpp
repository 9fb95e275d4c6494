#include "models/data_config.h"

#include <charconv>

namespace longhaul {
namespace {

struct Suffix {
  char letter;
  std::int64_t factor;
};

constexpr Suffix suffixes[] = {{'G', 1'000'000'000}, {'M', 1'000'000}, {'k', 1'000}};

std::optional<std::string> parse_count(std::string_view text, void* value) {
  const std::string expected = text_type<Count>().expected.data();
  std::int64_t factor = 1;
  for (const Suffix& suffix : suffixes) {
    if (!text.empty() && text.back() == suffix.letter) {
      factor = suffix.factor;
      text.remove_suffix(1);
      break;
    }
  }
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < 0) return expected;
  std::int64_t product = 0;
  if (__builtin_mul_overflow(number, factor, &product)) return expected;
  static_cast<Count*>(value)->value = product;
  return std::nullopt;
}

std::string print_count(std::int64_t number) {
  for (const Suffix& suffix : suffixes) {
    if (number != 0 && number % suffix.factor == 0) {
      return std::to_string(number / suffix.factor) + suffix.letter;
    }
  }
  return std::to_string(number);
}

}  // namespace

template <>
const TextType& text_type<Count>() {
  static const TextType type{
      .name = "count",
      .expected = "a whole number such as \"42\", \"250k\" or \"1M\"",
      .pattern = "^[0-9]+[kMG]?$",
      .parse = parse_count,
      .print = [](const void* p) { return print_count(static_cast<const Count*>(p)->value); },
      .as_integer = [](const void* p) { return static_cast<const Count*>(p)->value; },
      .print_integer = print_count};
  return type;
}

template <>
const EnumNames& enum_names<WriteKind>() {
  static const EnumNames names{{"update", "insert"},
                               {"A new version of each row.", "New rows at the end."}};
  return names;
}

const FieldTable& DataSetConfig::fields() {
  static const FieldTable table = field_table<DataSetConfig>(
      "data set",
      {
          field<&DataSetConfig::name>("name").about("Name of the set of rows.").required(),
          field<&DataSetConfig::home>("home").about(
              "Of several sharded primaries, the one that owns the set. Absent: it is divided "
              "by tenant, and each primary has its tenants' rows."),
          field<&DataSetConfig::rows>("rows")
              .about("How many rows it has; of a set that is divided, on each primary.")
              .source("a small table")
              .between(1, 1'000'000'000),
          field<&DataSetConfig::row_bytes>("row_bytes")
              .about("Size of a row: in the write-ahead log when written, in a reply when read.")
              .source("a narrow row")
              .between(Bytes{1}, mebibytes(1)),
          field<&DataSetConfig::write>("write")
              .about("What a statement that writes does: changes rows, or adds them at the end.")
              .source("an update is the write that a reader of the same row can miss"),
          field<&DataSetConfig::indexes>("indexes")
              .about(
                  "Indexes, the primary key first. Each gets an entry from an insert and from an "
                  "update that is not HOT.")
              .source("a table with a primary key")
              .between(0, 32),
          field<&DataSetConfig::hot>("hot")
              .about("Share of updates that change no indexed column and find room on their page "
                     "(heap-only tuples): they touch no index.")
              .source(
                  "updates of a table that is in use and of no indexed column; nearly 0% for the "
                  "first update of each page of a table just loaded, whose pages are full, and "
                  "0% if an indexed column changes")
              .between(percent(0), percent(100)),
          field<&DataSetConfig::changed_bytes>("changed_bytes")
              .about("Bytes of a row that a HOT update logs: the span of what it changes.")
              .source("absent: the whole row"),
          field<&DataSetConfig::skew>("skew")
              .about("Which rows statements touch: \"uniform\" or \"zipf(0.99)\".")
              .source("uniform asks for nothing; 0.99 is YCSB's skew"),
          field<&DataSetConfig::read_time>("read_time")
              .about("Processor time of a statement that reads.")
              .source("a cached index look-up with its protocol work, order of magnitude"),
          field<&DataSetConfig::write_time>("write_time")
              .about("Processor time of a statement that writes, without its flush.")
              .source("an indexed update without waiting, order of magnitude"),
      },
      {"expires", "fillfactor", "deletes"});
  return table;
}

Bytes size_on_disk(const DataSetConfig& set) {
  constexpr std::int64_t page = 8192;
  constexpr std::int64_t page_header = 24;
  constexpr std::int64_t keys_a_page = 366;  // 90 % of 8152 bytes, 20 each
  constexpr std::int64_t line_pointer = 4;
  const std::int64_t tuple = div_ceil(24 + set.row_bytes.value, 8) * 8 + line_pointer;
  const std::int64_t room = page - page_header;
  const std::int64_t rows = set.rows.value;
  const std::int64_t heap = tuple <= room ? div_ceil(rows, room / tuple)
                                          : div_ceil(static_cast<Int128>(rows) * tuple, room);
  return Bytes{page} * (heap + div_ceil(rows, keys_a_page));
}

}  // namespace longhaul
