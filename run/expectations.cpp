#include "run/expectations.h"

#include <algorithm>
#include <charconv>

#include "base/fields.h"
#include "base/units_text.h"
#include "run/field_text.h"
#include "run/json_text.h"

namespace longhaul {
namespace {

struct AggregationName {
  std::string_view name;
  Aggregation aggregation;
};

constexpr AggregationName aggregation_names[] = {
    {"avg", Aggregation::avg},     {"min", Aggregation::min},     {"med", Aggregation::med},
    {"max", Aggregation::max},     {"count", Aggregation::count}, {"rate", Aggregation::rate},
    {"share", Aggregation::share},
};

struct ComparisonName {
  std::string_view name;
  Comparison comparison;
};

// Longer ones first, so that "<=" is not read as "<".
constexpr ComparisonName comparison_names[] = {
    {"<=", Comparison::less_equal}, {">=", Comparison::greater_equal}, {"==", Comparison::equal},
    {"!=", Comparison::not_equal},  {"<", Comparison::less},           {">", Comparison::greater},
};

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Error wrong(std::string_view value, std::string expected, std::string nearest = {}) {
  Error error;
  error.value = '"' + clipped(value) + '"';
  error.expected = std::move(expected);
  error.nearest = std::move(nearest);
  return error;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// One "label:value". Values hold colons themselves, so the first one separates.
std::optional<Error> parse_label(std::string_view part, const MetricInfo& row,
                                 const LabelValues& labels, Selector& selector) {
  const std::size_t colon = part.find(':');
  const std::string name(trim(part.substr(0, colon)));
  std::vector<std::string> known;
  for (Label label : row.labels) known.emplace_back(label_name(label));
  const auto at = std::find(known.begin(), known.end(), name);
  if (at == known.end() || colon == std::string_view::npos) {
    return wrong(part,
                 known.empty() ? "no label: this metric has none"
                               : "label:value with one of the labels " + list_of(known),
                 at == known.end() ? nearest_of(name, known) : "");
  }
  const Label label = row.labels[static_cast<std::size_t>(at - known.begin())];
  const std::string value(trim(part.substr(colon + 1)));
  const std::vector<std::string>& values = labels[label];
  const auto found = std::find(values.begin(), values.end(), value);
  if (found == values.end()) {
    return wrong(part, "a " + name + " of this scenario: " + list_of(values),
                 nearest_of(value, values));
  }
  for (const auto& [taken, position] : selector.where) {
    if (taken == label) return wrong(part, "each label once");
  }
  selector.where.emplace_back(label, static_cast<std::uint32_t>(found - values.begin()));
  return std::nullopt;
}

// Lags of several stages, or by several formulas, are figures of different things: together they
// mean nothing. Alerts are counted, and counts add up.
std::optional<Error> mixed(std::string_view text, const LabelValues& labels,
                           const Selector& selector) {
  const MetricInfo& row = info(selector.metric);
  if (row.kind == MetricKind::counter) return std::nullopt;
  for (Label label : row.labels) {
    if (label != Label::stage && label != Label::source) continue;
    const bool named = std::any_of(selector.where.begin(), selector.where.end(),
                                   [label](const auto& part) { return part.first == label; });
    if (named) continue;
    const std::string name(label_name(label));
    return wrong(text, "one " + name + " (" + list_of(labels[label]) + "), as in " +
                           std::string(row.name) + "{" + name + ":" + labels[label].back() + "}");
  }
  return std::nullopt;
}

bool is_value_of_distribution(Aggregation aggregation) {
  switch (aggregation) {
    case Aggregation::avg:
    case Aggregation::min:
    case Aggregation::med:
    case Aggregation::max:
    case Aggregation::quantile:
      return true;
    case Aggregation::count:
    case Aggregation::rate:
    case Aggregation::share:
      return false;
  }
  __builtin_unreachable();
}

// "med", "p(99)", "p(99.9)".
std::optional<Aggregation> parse_aggregation(std::string_view text, Ratio& quantile) {
  for (const AggregationName& row : aggregation_names) {
    if (row.name == text) return row.aggregation;
  }
  if (!text.starts_with("p(") || !text.ends_with(")")) return std::nullopt;
  const std::string inside(trim(text.substr(2, text.size() - 3)));
  if (text_type<Ratio>().parse(inside + "%", &quantile)) return std::nullopt;
  if (quantile.ppm < 0 || quantile.ppm > 1'000'000) return std::nullopt;
  return Aggregation::quantile;
}

// Whether the metric has that aggregation; if not, what it has.
std::optional<std::string> refuses(const MetricInfo& row, Aggregation aggregation) {
  const bool counter = row.kind == MetricKind::counter;
  if (counter && aggregation == Aggregation::share && row.share_of.empty()) {
    return "count or rate: this metric has no population";
  }
  if (counter && is_value_of_distribution(aggregation)) {
    return row.share_of.empty() ? "count or rate: this metric counts"
                                : "count, rate or share: this metric counts";
  }
  const bool timed = row.kind == MetricKind::ramp || row.kind == MetricKind::gauge;
  if (timed && !is_value_of_distribution(aggregation)) {
    return "avg, min, med, max or p(N): this metric is weighted by time and counts nothing";
  }
  if (!counter && aggregation == Aggregation::share) {
    return "avg, min, med, max, p(N), count or rate: a distribution has no share";
  }
  return std::nullopt;
}

template <class T>
std::optional<std::string> read_quantity(const std::string& text, std::int64_t& value) {
  T quantity;
  const TextType& type = text_type<T>();
  if (auto expected = type.parse(text, &quantity)) {
    return misread_text(type, text, *expected).expected;
  }
  value = text_type<T>().as_integer(&quantity);
  return std::nullopt;
}

std::optional<std::string> read_whole(const std::string& text, std::int64_t& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end) return "a whole number";
  return std::nullopt;
}

std::optional<std::string> read_value(const MetricInfo& row, Aggregation aggregation,
                                      const std::string& text, std::int64_t& value) {
  if (aggregation == Aggregation::share) return read_quantity<Ratio>(text, value);
  const bool bytes = row.unit == MetricUnit::bytes;
  if (aggregation == Aggregation::rate) {
    return bytes ? read_quantity<ByteRate>(text, value) : read_quantity<EventRate>(text, value);
  }
  if (aggregation == Aggregation::count && !(bytes && row.kind == MetricKind::counter)) {
    return read_whole(text, value);
  }
  switch (row.unit) {
    case MetricUnit::duration:
      return read_quantity<Duration>(text, value);
    case MetricUnit::bytes:
      return read_quantity<Bytes>(text, value);
    case MetricUnit::ratio:
      return read_quantity<Ratio>(text, value);
    case MetricUnit::count:
      return read_whole(text, value);
  }
  __builtin_unreachable();
}

bool compare(Comparison comparison, Int128 left, Int128 right) {
  switch (comparison) {
    case Comparison::less:
      return left < right;
    case Comparison::less_equal:
      return left <= right;
    case Comparison::greater:
      return left > right;
    case Comparison::greater_equal:
      return left >= right;
    case Comparison::equal:
      return left == right;
    case Comparison::not_equal:
      return left != right;
  }
  __builtin_unreachable();
}

// Events or bytes per time, rounded down.
std::int64_t rate_of(const Figure& figure, Duration measured) {
  if (measured.ns == 0) return 0;
  const Int128 count = figure.count();
  const Int128 scale = figure.unit == MetricUnit::bytes ? Int128{1'000'000'000}
                                                        : Int128{86'400} * 1'000'000'000 * 1'000;
  return div_floor(count * scale, measured.ns);
}

std::int64_t value_of(const Expectation& expectation, const Figure& figure, Duration measured) {
  switch (expectation.aggregation) {
    case Aggregation::avg:
      return figure.average();
    case Aggregation::min:
      return figure.min();
    case Aggregation::med:
      return figure.quantile(percent(50));
    case Aggregation::max:
      return figure.max();
    case Aggregation::quantile:
      return figure.quantile(expectation.quantile);
    case Aggregation::count:
      return figure.count();
    case Aggregation::rate:
      return rate_of(figure, measured);
    case Aggregation::share:
      return div_floor(static_cast<Int128>(figure.counter.count) * 1'000'000,
                       std::max<std::int64_t>(1, figure.counter.population));
  }
  __builtin_unreachable();
}

// The metric and the labels of an expectation.
Result<Expectation> begin_expectation(std::string_view selector, const LabelValues& labels) {
  Result<Selector> parsed = parse_selector(selector, labels);
  if (!parsed) return parsed.errors();
  Expectation expectation;
  expectation.selector = std::move(parsed).value();
  if (auto error = mixed(selector, labels, expectation.selector)) return *error;
  expectation.selector_text = std::string(selector);
  return expectation;
}

// `text` is what the aggregation stands in.
std::optional<Error> read_aggregation(std::string_view name, std::string_view text,
                                      Expectation& expectation) {
  const auto aggregation = parse_aggregation(name, expectation.quantile);
  if (!aggregation) {
    return wrong(
        text, "an aggregation: avg, min, med, max, p(N) with N up to 100, count, rate or share",
        nearest_of(std::string(name), {"avg", "min", "med", "max", "count", "rate", "share"}));
  }
  expectation.aggregation = *aggregation;
  if (auto has = refuses(info(expectation.selector.metric), *aggregation)) return wrong(text, *has);
  return std::nullopt;
}

}  // namespace

Result<Selector> parse_selector(std::string_view text, const LabelValues& labels) {
  const std::size_t brace = text.find('{');
  const std::string name(trim(text.substr(0, brace)));
  std::vector<std::string> metrics;
  for (const MetricInfo& row : metric_table()) metrics.emplace_back(row.name);
  const auto at = std::find(metrics.begin(), metrics.end(), name);
  if (at == metrics.end() && is_absent(absent_metrics(), name)) {
    Error error = wrong(name, "a metric (see `longhaul params --metrics`)");
    error.value += not_modelled;
    return error;
  }
  if (at == metrics.end()) {
    return wrong(name, "a metric (see `longhaul params --metrics`)", nearest_of(name, metrics));
  }
  const MetricInfo& row = metric_table()[static_cast<std::size_t>(at - metrics.begin())];
  Selector selector;
  selector.metric = row.metric;
  if (brace == std::string_view::npos) return selector;
  if (!text.ends_with('}')) return wrong(text, "labels in braces: metric{label:value, ...}");
  std::string_view inside = text.substr(brace + 1, text.size() - brace - 2);
  while (!trim(inside).empty()) {
    const std::size_t comma = inside.find(',');
    if (auto error = parse_label(trim(inside.substr(0, comma)), row, labels, selector)) {
      return *error;
    }
    inside = comma == std::string_view::npos ? std::string_view{} : inside.substr(comma + 1);
  }
  return selector;
}

Result<Expectation> parse_figure(std::string_view selector, std::string_view aggregation,
                                 const LabelValues& labels) {
  Result<Expectation> figure = begin_expectation(selector, labels);
  if (!figure) return figure.errors();
  if (auto error = read_aggregation(trim(aggregation), aggregation, figure.value())) return *error;
  figure.value().text = std::string(trim(aggregation));
  return figure;
}

Result<Expectation> parse_expectation(std::string_view selector, std::string_view text,
                                      const LabelValues& labels) {
  Result<Expectation> begun = begin_expectation(selector, labels);
  if (!begun) return begun.errors();
  Expectation expectation = std::move(begun).value();
  expectation.text = std::string(trim(text));

  const std::string form = "aggregation, operator, value, such as \"p(99) < 80ms\"";
  const std::size_t sign = text.find_first_of("<>=!");
  if (sign == std::string_view::npos) return wrong(text, form);
  const std::string_view rest = text.substr(sign);
  const auto comparison =
      std::find_if(std::begin(comparison_names), std::end(comparison_names),
                   [&](const ComparisonName& row) { return rest.starts_with(row.name); });
  if (comparison == std::end(comparison_names)) {
    const std::string written(rest.substr(0, rest.find_first_not_of("<>=!")));
    return wrong(text, "one of the operators < <= > >= == !=",
                 written == "=" ? "==" : nearest_of(written, {"<=", ">=", "==", "!="}));
  }
  expectation.comparison = comparison->comparison;
  if (auto error = read_aggregation(trim(text.substr(0, sign)), text, expectation)) return *error;
  const std::string value(trim(rest.substr(comparison->name.size())));
  const MetricInfo& row = info(expectation.selector.metric);
  if (auto expected = read_value(row, expectation.aggregation, value, expectation.value)) {
    return wrong(text, *expected + " behind the operator");
  }
  return expectation;
}

Verdict judge(const Expectation& expectation, const Figures& figures) {
  return judge(expectation, figures.select(expectation.selector), figures.measured);
}

Verdict judge(const Expectation& expectation, const Figure& figure, Duration measured) {
  Verdict verdict;
  if (is_value_of_distribution(expectation.aggregation) && figure.empty()) {
    verdict.no_samples = true;
    return verdict;
  }
  if (expectation.aggregation == Aggregation::share && figure.counter.population == 0) {
    verdict.no_samples = true;
    return verdict;
  }
  verdict.value = value_of(expectation, figure, measured);
  const std::int64_t population = figure.counter.population;
  if (expectation.aggregation == Aggregation::share) {
    // Exact: one stale read in ten million is not "share == 0%".
    verdict.holds =
        compare(expectation.comparison, static_cast<Int128>(figure.counter.count) * 1'000'000,
                static_cast<Int128>(population) * expectation.value);
  } else {
    verdict.holds = compare(expectation.comparison, verdict.value, expectation.value);
  }
  if (figure.kind == MetricKind::counter && figure.counter.count == 0 && population > 0) {
    verdict.upper_bound_ppm = std::min<std::int64_t>(1'000'000, div_ceil(3'000'000, population));
  }
  return verdict;
}

Result<Expectation> parse_figure_unit(std::string_view selector, std::string_view aggregation) {
  Result<Selector> metric = parse_selector(selector.substr(0, selector.find('{')), {});
  if (!metric) return metric.errors();
  Expectation figure;
  figure.selector = std::move(metric).value();
  if (auto error = read_aggregation(trim(aggregation), aggregation, figure)) return *error;
  return figure;
}

std::optional<std::string> parse_value(const Expectation& figure, const std::string& text,
                                       std::int64_t& value) {
  return read_value(info(figure.selector.metric), figure.aggregation, text, value);
}

namespace {

std::string text_of(const Expectation& figure, std::int64_t value, bool exact) {
  const auto shown = [exact](auto quantity) {
    return exact ? to_text(quantity) : to_short_text(quantity);
  };
  const MetricInfo& row = info(figure.selector.metric);
  const bool bytes = row.unit == MetricUnit::bytes;
  if (figure.aggregation == Aggregation::share) return to_text(Ratio{value});
  if (figure.aggregation == Aggregation::rate) {
    return bytes ? shown(ByteRate{value}) : to_text(EventRate{value});
  }
  if (figure.aggregation == Aggregation::count && !(bytes && row.kind == MetricKind::counter)) {
    return std::to_string(value);
  }
  switch (row.unit) {
    case MetricUnit::duration:
      return shown(Duration{value});
    case MetricUnit::bytes:
      return shown(Bytes{value});
    case MetricUnit::ratio:
      return to_text(Ratio{value});
    case MetricUnit::count:
      return std::to_string(value);
  }
  __builtin_unreachable();
}

}  // namespace

std::string value_text(const Expectation& expectation, std::int64_t value) {
  return text_of(expectation, value, false);
}

std::string exact_text(const Expectation& figure, std::int64_t value) {
  return text_of(figure, value, true);
}

}  // namespace longhaul
