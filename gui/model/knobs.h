// The handful of parameters that a what-if turns, and sliders over their bounds.
//
// Where a value stands, what it may be and how it is written come from the field tables. A slider's
// range is a thousandth to a thousandfold of what the value was when the knobs were made, as far as
// the field's bounds allow, on a logarithmic scale; where a field may be zero, that is the slider's
// first position. What a slider gives has two digits in a unit that suits it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "run/scenario.h"

namespace longhaul {

struct Knob {
  std::string path;   // "policy.lag_breaker.open_above"
  std::string title;  // "Breaker opens above"
  std::string about;  // the field's documentation
  const Field* field = nullptr;

  // A quantity or a whole number, in the integer of its type.
  std::int64_t value = 0;
  std::int64_t least = 0;
  std::int64_t most = 0;

  // Or one of these.
  std::vector<std::string> choices;
  std::string choice;
  bool is_choice() const { return !choices.empty(); }
};

// Those that act on such a design: without a replica there is no breaker to turn.
std::vector<Knob> knobs_of(const ScenarioConfig& config);

// The knob of a path, or one without a field when nothing is given there.
Knob knob_at(const ScenarioConfig& config, std::string_view path);

// From 0 at `least` to 1 at `most`, and back. Both ends come back exactly.
double position_of(const Knob& knob, std::int64_t value);
std::int64_t value_at(const Knob& knob, double position);
// With as many digits as a slider gives: what follows from another value reads no longer than that.
std::int64_t in_few_digits(const Knob& knob, std::int64_t value);

std::string value_text(const Knob& knob, std::int64_t value);  // "250ms"
std::string value_json(const Knob& knob, std::int64_t value);  // as it stands in a file
// What a text says in the field's grammar and within its bounds, or nothing.
std::optional<std::int64_t> parse_value(const Knob& knob, std::string_view text);

}  // namespace longhaul
