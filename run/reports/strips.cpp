#include "run/reports/strips.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units_text.h"
#include "run/reports/pictures.h"

namespace longhaul {
namespace {

constexpr std::int64_t strip_height = 100;  // tenths of a pixel

// Values of a column that follow one another and look alike become one part.
template <class Show>
Strip strip_of(const Material& material, std::string name, std::size_t series,
               const SeriesColumn& column, const Show& show) {
  Strip strip{std::move(name), {}, series};
  for (std::size_t i = 0; i < column.values.size(); ++i) {
    if (!column.values[i]) continue;  // a gap
    const std::int64_t from = i == 0 ? 0 : material.series.at[i - 1].ns;
    const std::int64_t to = material.series.at[i].ns;
    const Strip::Part part = show(i);
    if (!strip.parts.empty() && strip.parts.back().to == from &&
        strip.parts.back().look == part.look && strip.parts.back().text == part.text) {
      strip.parts.back().to = to;
    } else {
      strip.parts.push_back({from, to, part.look, part.text});
    }
  }
  return strip;
}

std::vector<Strip> server_strips(const Material& material) {
  std::vector<Strip> strips;
  const std::vector<const SeriesColumn*> up = material.series.of("up");
  for (const SeriesColumn* primary : material.series.of("primary")) {
    const std::string node(primary->label("node"));
    const auto same = std::find_if(up.begin(), up.end(), [&](const SeriesColumn* column) {
      return column->label("node") == node;
    });
    strips.push_back(strip_of(material, node, 0, *primary, [&](std::size_t i) {
      const bool is_up = same != up.end() && (*same)->values[i].value_or(0) > 0;
      const bool is_primary = primary->values[i].value_or(0) > 0;
      return Strip::Part{0, 0,
                         !is_up       ? Strip::Look::broken
                         : is_primary ? Strip::Look::full
                                      : Strip::Look::thin,
                         !is_up       ? "down"
                         : is_primary ? "primary"
                                      : "replica"};
    }));
  }
  return strips;
}

std::vector<Strip> outage_strips(const Material& material) {
  std::vector<Strip> strips;
  for (const OutageReport& outage : material.report.write_outages) {
    const std::string name = "no writes, " + short_region(outage.region);
    auto strip = std::find_if(strips.begin(), strips.end(),
                              [&](const Strip& one) { return one.name == name; });
    if (strip == strips.end()) strip = strips.insert(strips.end(), {name, {}, 1});
    strip->parts.push_back({outage.began.ns, outage.ended.ns, Strip::Look::full,
                            to_short_text(outage.ended - outage.began)});
  }
  return strips;
}

}  // namespace

std::string fault_name(std::size_t fault) { return fmt::format("F{}", fault + 1); }

PlotAxis time_axis(const Material& material) {
  return {"", Quantity::time, 0, std::max<std::int64_t>(1, material.report.simulated.ns), false};
}

// Of faults that last; a moment is a band of no width, which is drawn as a line.
std::vector<PlotBand> fault_bands(const Material& material) {
  const std::vector<FaultConfig>& faults = material.report.effective.faults;
  const std::int64_t end = material.report.simulated.ns;
  std::vector<PlotBand> bands;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const std::int64_t from = faults[i].at.ns;
    const bool moment = rule_of(faults[i].kind).momentary;
    const std::int64_t to = moment            ? from
                            : faults[i].lasts ? std::min(end, (faults[i].at + *faults[i].lasts).ns)
                                              : end;
    if (from <= end) bands.push_back({fault_name(i), from, to});
  }
  return bands;
}

// "aws:eu-west-1" is too long to stand beside a line.
std::string short_region(const std::string& region) {
  const std::size_t colon = region.find(':');
  return colon == region.npos ? region : region.substr(colon + 1);
}

void draw_strip(Drawing& drawing, const Strip& strip, std::int64_t top,
                const std::function<std::int64_t(std::int64_t)>& x) {
  for (const Strip::Part& part : strip.parts) {
    const std::int64_t from = x(part.from);
    const std::int64_t width = std::max<std::int64_t>(15, x(part.to) - from);
    const std::int64_t half = top + strip_height / 2;
    const std::string tip =
        fmt::format("{}: {} from {} to {}", strip.name, part.text,
                    to_short_text(Duration{part.from}), to_short_text(Duration{part.to}));
    switch (part.look) {
      case Strip::Look::thin:
        drawing.rect({from, half - 10, width, 20}, fill_class(strip.series) + " pale", tip);
        break;
      case Strip::Look::half:
        drawing.rect({from, half - 25, width, 50}, fill_class(strip.series), tip);
        break;
      case Strip::Look::full:
        drawing.rect({from, top, width, strip_height}, fill_class(strip.series), tip);
        break;
      case Strip::Look::broken:
        drawing.line({from, half}, {from + width, half}, "mark");
        break;
    }
  }
}

// By the state of most concern among the instances.
Strip breaker_strip(const Material& material, std::string_view replica, std::string_view app,
                    std::string name) {
  const SeriesColumn* open = nullptr;
  const SeriesColumn* half_open = nullptr;
  for (const SeriesColumn* column : material.series.of("breakers")) {
    if (column->label("replica") != replica || column->label("app") != app) continue;
    if (column->label("state") == "open") open = column;
    if (column->label("state") == "half_open") half_open = column;
  }
  if (open == nullptr || half_open == nullptr) return {std::move(name), {}, 1};
  return strip_of(material, std::move(name), 1, *open, [&](std::size_t i) {
    const bool is_open = open->values[i].value_or(0) > 0;
    const bool is_half = half_open->values[i].value_or(0) > 0;
    return Strip::Part{0, 0,
                       is_open   ? Strip::Look::full
                       : is_half ? Strip::Look::half
                                 : Strip::Look::thin,
                       is_open   ? "open"
                       : is_half ? "half open"
                                 : "closed"};
  });
}

std::string timeline_svg(const Material& material, std::int64_t width) {
  std::vector<Strip> strips = server_strips(material);
  for (Strip& strip : outage_strips(material)) strips.push_back(std::move(strip));
  for (const SeriesColumn* column : material.series.of("breakers")) {
    if (column->label("state") != "open") continue;
    const bool moved = std::any_of(column->values.begin() + 1, column->values.end(),
                                   [](const auto& value) { return value.value_or(0) > 0; });
    if (!moved) continue;
    const std::string name =
        fmt::format("{}: breaker of {}", column->label("app"), column->label("replica"));
    strips.push_back(breaker_strip(material, column->label("replica"), column->label("app"), name));
  }
  constexpr std::size_t strips_max = 24;
  if (strips.size() > strips_max) strips.resize(strips_max);
  constexpr std::int64_t row = 17;
  const auto rows = static_cast<std::int64_t>(strips.size());
  std::int64_t left = 0;
  for (const Strip& strip : strips) left = std::max(left, width_of(strip.name));
  left = std::min(left + 80, pixels(width) * 9 / 20);
  const std::int64_t top = pixels(18);
  Drawing drawing(width, rows * row + 42, "What happened when");
  const std::int64_t inner = drawing.width() - left - pixels(8);
  const std::int64_t bottom = top + pixels(rows * row);
  const PlotAxis axis = time_axis(material);
  const auto x = [&](std::int64_t at) {
    return left + div_floor(static_cast<Int128>(std::clamp<std::int64_t>(at, 0, axis.to)) * inner,
                            axis.to);
  };
  std::int64_t free_from = 0;
  for (const PlotBand& band : fault_bands(material)) {
    const std::int64_t from = x(band.from);
    drawing.rect({from, top, std::max<std::int64_t>(15, x(band.to) - from), bottom - top}, "band",
                 band.name);
    if (from < free_from) continue;  // the next has no room for its name
    drawing.text({from, top - 40}, band.name, "small");
    free_from = from + width_of(band.name) + 30;
  }
  for (const Tick& tick : ticks(axis, width > 600 ? 11 : 5)) {
    drawing.line({x(tick.value), top}, {x(tick.value), bottom + 40}, "grid");
    drawing.text({x(tick.value), bottom + 160}, tick.text,
                 tick.value * 20 > axis.to * 19 ? "small end" : "small middle");
  }
  for (std::size_t i = 0; i < strips.size(); ++i) {
    const std::int64_t y = top + pixels(static_cast<std::int64_t>(i) * row);
    drawing.text({left - 60, y + 120}, strips[i].name, "small end");
    draw_strip(drawing, strips[i], y + 35, x);
    std::int64_t taken = 0;
    for (const Strip::Part& part : strips[i].parts) {
      if (part.look == Strip::Look::thin || part.text == "primary") continue;
      const std::int64_t at = x(part.to) + 30;
      if (at < taken || at + width_of(part.text) > drawing.width()) continue;
      drawing.text({at, y + 120}, part.text, "small halo");
      taken = at + width_of(part.text);
    }
  }
  return drawing.inside();
}

std::string phases_svg(const FailoverReport& failover, std::int64_t width) {
  const std::int64_t whole = (failover.ended - failover.began).ns;
  Drawing drawing(width, 62, "Phases of the outage");
  const std::int64_t left = 20;
  const std::int64_t inner = drawing.width() - 40;
  const auto x = [&](std::int64_t since) {
    return left + div_floor(static_cast<Int128>(since) * inner, std::max<std::int64_t>(1, whole));
  };
  for (std::size_t i = 0; i < failover.parts.size(); ++i) {
    const FailoverReport::Part& part = failover.parts[i];
    const std::int64_t from = x((part.began - failover.began).ns);
    const std::int64_t to = x((part.ended - failover.began).ns);
    const std::string lasts = to_short_text(part.ended - part.began);
    drawing.rect({from, pixels(2), std::max<std::int64_t>(10, to - from), pixels(24)},
                 fill_class(i) + " area", part.phase + " " + lasts);
    const std::string full = fmt::format("{} {} {}", i + 1, part.phase, lasts);
    const std::string text = width_of(full) < to - from - 40 ? full : std::to_string(i + 1);
    if (width_of(text) < to - from - 20) {
      drawing.text({(from + to) / 2, pixels(18)}, text, "small middle halo");
    }
  }
  const PlotAxis axis{"", Quantity::duration, 0, whole, false};
  drawing.line({left, pixels(30)}, {left + inner, pixels(30)}, "axis");
  for (const Tick& tick : ticks(axis, width > 600 ? 10 : 5)) {
    drawing.line({x(tick.value), pixels(30)}, {x(tick.value), pixels(34)}, "axis");
    drawing.text({x(tick.value), pixels(46)}, tick.text,
                 tick.value == 0                ? "small"
                 : tick.value * 20 > whole * 19 ? "small end"
                                                : "small middle");
  }
  drawing.text({left + inner, pixels(59)}, "since the first write that was missed",
               "small faint end");
  return drawing.inside();
}

}  // namespace longhaul
