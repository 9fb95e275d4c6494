// The text forms of distributions: "lognormal(median 5ms, p99 20ms)", "zipf(0.99)".
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/distributions.h"

namespace longhaul {

namespace {

constexpr std::string_view duration_expected =
    "a duration of at most 30d such as \"5ms\", or \"uniform(1ms, 3ms)\", \"exponential(5ms)\", "
    "\"lognormal(median 5ms, p99 20ms)\", \"pareto(scale 2ms, shape 10)\", "
    "\"pareto_exponential(share 0.9, scale 2ms, shape 10, mean 5ms)\" or \"empirical(p0 1ms, p50 "
    "2ms, p100 50ms)\" with at "
    "most 8 rising points from p0 to p100";
constexpr std::string_view skew_expected =
    "\"uniform\" or \"zipf(theta)\" with theta from 0 to below 2, such as \"zipf(0.99)\"";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

struct Call {
  std::string_view name;
  std::vector<std::string_view> arguments;
};

// "name(a, b)"; empty when the text is no call.
std::optional<Call> parse_call(std::string_view text) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos || text.back() != ')') return std::nullopt;
  Call call{text.substr(0, open), {}};
  std::string_view rest = text.substr(open + 1, text.size() - open - 2);
  while (true) {
    const std::size_t comma = rest.find(',');
    call.arguments.push_back(trimmed(rest.substr(0, comma)));
    if (comma == std::string_view::npos) return call;
    rest.remove_prefix(comma + 1);
  }
}

std::optional<Duration> parse_duration(std::string_view text) {
  Duration value;
  if (text_type<Duration>().parse(text, &value)) return std::nullopt;
  if (value < Duration{} || value > duration_cap) return std::nullopt;
  return value;
}

std::string print_duration(Duration value) { return text_type<Duration>().print(&value); }

// A number with at most `decimals` digits behind the point, times 10^decimals; at most 3 before it.
std::optional<std::int64_t> parse_decimal(std::string_view text, std::size_t decimals) {
  const std::size_t point = text.find('.');
  const std::string_view before = text.substr(0, point);
  const std::string_view behind =
      point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (before.empty() || before.size() > 3 || behind.size() > decimals) return std::nullopt;
  if (point != std::string_view::npos && behind.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : std::string(before) + std::string(behind)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  for (std::size_t i = behind.size(); i < decimals; ++i) value *= 10;
  return value;
}

std::string print_decimal(std::int64_t value, std::size_t decimals) {
  std::string digits = std::to_string(value);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  digits.insert(digits.size() - decimals, ".");
  while (digits.back() == '0') digits.pop_back();
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

// What follows "label "; empty when something else stands there.
std::string_view behind_label(std::string_view text, std::string_view label) {
  if (text.substr(0, label.size()) != label) return {};
  text.remove_prefix(label.size());
  if (text.empty() || text.front() != ' ') return {};
  return trimmed(text);
}

// "label 5ms"
std::optional<Duration> parse_labelled(std::string_view text, std::string_view label) {
  return parse_duration(behind_label(text, label));
}

// "shape 2.5", above zero
std::optional<Ratio> parse_shape(std::string_view text) {
  const auto value = parse_decimal(behind_label(text, "shape"), 6);
  return value && *value > 0 ? std::optional(Ratio{*value}) : std::nullopt;
}

std::optional<DurationDistribution> parse_pareto(const std::vector<std::string_view>& texts) {
  if (texts.size() != 2) return std::nullopt;
  const auto scale = parse_labelled(texts[0], "scale");
  const auto shape = parse_shape(texts[1]);
  if (!scale || !shape) return std::nullopt;
  return DurationDistribution::pareto_exponential(percent(100), *scale, *shape, {});
}

std::optional<DurationDistribution> parse_mixture(const std::vector<std::string_view>& texts) {
  if (texts.size() != 4) return std::nullopt;
  const auto share = parse_decimal(behind_label(texts[0], "share"), 6);
  const auto scale = parse_labelled(texts[1], "scale");
  const auto shape = parse_shape(texts[2]);
  const auto mean = parse_labelled(texts[3], "mean");
  if (!share || *share >= 1'000'000 || !scale || !shape || !mean) return std::nullopt;
  return DurationDistribution::pareto_exponential({*share}, *scale, *shape, *mean);
}

// "p99.9 5ms"
std::optional<QuantilePoint> parse_point(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos || text.front() != 'p') return std::nullopt;
  const auto quantile = parse_decimal(text.substr(1, space - 1), 4);
  const auto value = parse_duration(trimmed(text.substr(space)));
  if (!quantile || *quantile > 1'000'000 || !value) return std::nullopt;
  return QuantilePoint{{*quantile}, *value};
}

std::optional<DurationDistribution> parse_empirical(const std::vector<std::string_view>& texts) {
  if (texts.size() < 2 || texts.size() > DurationDistribution::points_max) return std::nullopt;
  std::vector<QuantilePoint> points;
  for (const std::string_view text : texts) {
    const auto point = parse_point(text);
    if (!point) return std::nullopt;
    if (!points.empty() &&
        (point->quantile <= points.back().quantile || point->value < points.back().value)) {
      return std::nullopt;
    }
    points.push_back(*point);
  }
  if (points.front().quantile.ppm != 0 || points.back().quantile.ppm != 1'000'000) {
    return std::nullopt;
  }
  return DurationDistribution::empirical(points);
}

std::optional<DurationDistribution> parse_distribution(std::string_view text) {
  const auto call = parse_call(text);
  if (!call) {
    const auto value = parse_duration(text);
    return value ? std::optional(DurationDistribution::constant(*value)) : std::nullopt;
  }
  const auto& arguments = call->arguments;
  if (call->name == "empirical") return parse_empirical(arguments);
  if (call->name == "pareto") return parse_pareto(arguments);
  if (call->name == "pareto_exponential") return parse_mixture(arguments);
  if (call->name == "exponential" && arguments.size() == 1) {
    const auto mean = parse_duration(arguments[0]);
    return mean ? std::optional(DurationDistribution::exponential(*mean)) : std::nullopt;
  }
  if (call->name == "uniform" && arguments.size() == 2) {
    const auto low = parse_duration(arguments[0]);
    const auto high = parse_duration(arguments[1]);
    if (!low || !high || *low > *high) return std::nullopt;
    return DurationDistribution::uniform(*low, *high);
  }
  if (call->name == "lognormal" && arguments.size() == 2) {
    const auto median = parse_labelled(arguments[0], "median");
    const auto p99 = parse_labelled(arguments[1], "p99");
    if (!median || !p99 || median->ns == 0 || *median > *p99) return std::nullopt;
    return DurationDistribution::lognormal(*median, *p99);
  }
  return std::nullopt;
}

std::string print_distribution(const DurationDistribution& distribution) {
  const std::string first = print_duration(distribution.point(0).value);
  switch (distribution.kind()) {
    case DistributionKind::constant:
      return first;
    case DistributionKind::exponential:
      return "exponential(" + first + ")";
    case DistributionKind::uniform:
      return "uniform(" + first + ", " + print_duration(distribution.point(1).value) + ")";
    case DistributionKind::lognormal:
      return "lognormal(median " + first + ", p99 " + print_duration(distribution.point(1).value) +
             ")";
    case DistributionKind::pareto_exponential: {
      const std::string pareto =
          "scale " + first + ", shape " + print_decimal(distribution.point(1).quantile.ppm, 6);
      if (distribution.point(0).quantile == percent(100)) return "pareto(" + pareto + ")";
      return "pareto_exponential(share " + print_decimal(distribution.point(0).quantile.ppm, 6) +
             ", " + pareto + ", mean " + print_duration(distribution.point(1).value) + ")";
    }
    case DistributionKind::empirical:
      break;
  }
  std::string text = "empirical(";
  for (std::size_t i = 0; i < distribution.point_count(); ++i) {
    const QuantilePoint& point = distribution.point(i);
    if (i > 0) text += ", ";
    text += "p" + print_decimal(point.quantile.ppm, 4) + " " + print_duration(point.value);
  }
  return text + ")";
}

std::optional<RowSkew> parse_skew(std::string_view text) {
  if (text == "uniform") return RowSkew{};
  const auto call = parse_call(text);
  if (!call || call->name != "zipf" || call->arguments.size() != 1) return std::nullopt;
  const auto theta = parse_decimal(call->arguments[0], 6);
  if (!theta || *theta >= 2'000'000) return std::nullopt;
  return RowSkew{RowSkew::Kind::zipf, {*theta}};
}

std::string print_skew(const RowSkew& skew) {
  if (skew.kind == RowSkew::Kind::uniform) return "uniform";
  return "zipf(" + print_decimal(skew.theta.ppm, 6) + ")";
}

// The erased reader of a TextType: stores what `parse_one` finds, or says what was expected.
template <class T, std::optional<T> (*parse_one)(std::string_view),
          const std::string_view& expected>
std::optional<std::string> parse_into(std::string_view text, void* value) {
  const std::optional<T> parsed = parse_one(text);
  if (!parsed) return std::string(expected);
  *static_cast<T*>(value) = *parsed;
  return std::nullopt;
}

template <class T, std::string (*print_one)(const T&)>
std::string print_from(const void* value) {
  return print_one(*static_cast<const T*>(value));
}

}  // namespace

template <>
const TextType& text_type<DurationDistribution>() {
  static const TextType type{
      .name = "distribution of durations",
      .expected = duration_expected,
      .pattern =
          "^([0-9]+(\\.[0-9]+)?(ns|us|ms|s|min|h|d)"
          "|(uniform|exponential|lognormal|pareto|pareto_exponential|empirical)"
          "\\([a-z0-9., ]+\\))$",
      .parse = &parse_into<DurationDistribution, parse_distribution, duration_expected>,
      .print = &print_from<DurationDistribution, print_distribution>};
  return type;
}

template <>
const TextType& text_type<RowSkew>() {
  static const TextType type{.name = "skew",
                             .expected = skew_expected,
                             .pattern = "^(uniform|zipf\\( *[01](\\.[0-9]{1,6})? *\\))$",
                             .parse = &parse_into<RowSkew, parse_skew, skew_expected>,
                             .print = &print_from<RowSkew, print_skew>};
  return type;
}

}  // namespace longhaul
