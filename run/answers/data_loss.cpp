#include "run/answers/data_loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/units_text.h"
#include "run/answers/outage.h"
#include "run/answers/picture.h"
#include "run/quantity.h"
#include "run/text_table.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

std::int64_t count_positive(const std::vector<std::int64_t>& values) {
  return std::count_if(values.begin(), values.end(), [](std::int64_t value) { return value > 0; });
}

std::string cause_words(const std::string& cause) {
  if (cause == "unreplicated") return "the promoted replica had not received them";
  if (cause == "after_the_cut") return "a primary that was cut off or replaced acknowledged them";
  if (cause == "cancelled_wait") return "their wait for a synchronous standby was cancelled";
  if (cause == "asynchronous_commit") return "they had not waited for the disk";
  if (cause == "restored_backup") return "a server restored from an older backup took over";
  return cause;
}

void add_row(TextTable& table, const std::string& title, const std::vector<std::int64_t>& values,
             Quantity quantity) {
  const Spread spread = spread_of(values);
  const auto text = [&](std::int64_t value) { return figure_text(quantity, value); };
  table.row({title, of_text(count_positive(values), spread.samples), text(spread.median),
             text(spread.p99), text(spread.worst)});
}

json spread_object(const std::vector<std::int64_t>& values) {
  const Spread spread = spread_of(values);
  return {{"crashes_with_any", count_positive(values)},
          {"p50", spread.median},
          {"p99", spread.p99},
          {"max", spread.worst}};
}

// ---- the picture -------------------------------------------------------------------------------

constexpr std::int64_t width = AnswerPicture::width;
constexpr std::int64_t panel_height = 190;
constexpr std::int64_t whole_ppm = 1'000'000;

// The share of crashes that lose more than x, as steps.
void draw_exceedance(AnswerPicture& picture, std::vector<std::int64_t> values, const Scale& x,
                     const Scale& y, std::size_t style) {
  std::sort(values.begin(), values.end());
  const auto n = static_cast<std::int64_t>(values.size());
  std::vector<std::pair<std::int64_t, std::int64_t>> points;
  std::int64_t above = n - (std::upper_bound(values.begin(), values.end(), 0) - values.begin());
  points.emplace_back(x.at(0), y.at(div_floor(Int128{above} * whole_ppm, n)));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] == 0 || (i + 1 < values.size() && values[i + 1] == values[i])) continue;
    points.emplace_back(x.at(values[i]), points.back().second);
    above = n - static_cast<std::int64_t>(i) - 1;
    points.emplace_back(x.at(values[i]), y.at(div_floor(Int128{above} * whole_ppm, n)));
  }
  picture.polyline(points, style);
}

void draw_spread(AnswerPicture& picture, const std::vector<std::int64_t>& values, Quantity quantity,
                 std::int64_t left, std::int64_t top, std::int64_t right,
                 const std::string& title) {
  const Spread spread = spread_of(values);
  const std::int64_t bottom = top + panel_height - 60;
  const Scale x(quantity, 0, std::max<std::int64_t>(1, spread.worst), left, right, 4);
  const std::int64_t share = div_ceil(Int128{count_positive(values)} * whole_ppm,
                                      std::max<std::int64_t>(1, spread.samples));
  const Scale y(Quantity::share, 0, std::max<std::int64_t>(share, 10'000), bottom, top, 4);
  y.draw_upwards(picture, left, right, title);
  x.draw_along(picture, top, bottom, "");
  if (values.empty()) return;
  draw_exceedance(picture, values, x, y, 0);
  picture.text((left + right) / 2, bottom + 34, Anchor::middle,
               fmt::format("p50 {}   {} {}   worst {}", figure_text(quantity, spread.median),
                           p99_title(spread.samples), figure_text(quantity, spread.p99),
                           figure_text(quantity, spread.worst)),
               "strong");
}

}  // namespace

std::int64_t DataLoss::losing() const { return count_positive(transactions); }

DataLoss data_loss(const Store& store) {
  DataLoss loss;
  loss.crashes = crash_set(store);
  loss.transactions = column_of(store, "lost_transactions", "", "count");
  loss.bytes = column_of(store, "lost_bytes", "", "max");
  loss.lost_ns = column_of(store, "lost_seconds", "", "max");
  loss.undecided = outages(store).abandoned();
  const std::string prefix = "cause:";
  for (const std::string& labels : store.labels("lost_transactions")) {
    if (!labels.starts_with(prefix)) continue;
    LossCause cause{labels.substr(prefix.size()),
                    column_of(store, "lost_transactions", labels, "count")};
    if (count_positive(cause.transactions) > 0) loss.causes.push_back(std::move(cause));
  }
  return loss;
}

namespace {

std::string undecided_text(const DataLoss& loss) {
  if (loss.undecided == 0) return "";
  return fmt::format(
      " After {} nobody had taken over when we stopped watching: those count as no loss, and what "
      "they lose is not decided.",
      of_text(loss.undecided, loss.crashes.crashes()));
}

}  // namespace

std::string data_loss_sentence(const DataLoss& loss) {
  const std::int64_t n = loss.crashes.crashes();
  if (n == 0) return "Nothing was finished.";
  if (loss.losing() == 0) {
    return fmt::format(
               "None of {} crashes ({}) lost an acknowledged transaction, so at 95 % confidence "
               "fewer "
               "than {} of such crashes do.",
               n, loss.crashes.failure, never_text(n)) +
           undecided_text(loss) + one_seed_text(loss.crashes);
  }
  const Spread lost = spread_of(loss.transactions);
  const Spread since = spread_of(loss.lost_ns);
  const Spread bytes = spread_of(loss.bytes);
  std::string text = fmt::format(
      "When {}, {} crashes lose acknowledged transactions: {} in the median, {} at {}, and "
      "{} in the worst, which are {} of log and {}",
      failure_words(loss.crashes.failure), of_text(loss.losing(), n), lost.median, lost.p99,
      p99_title(n), lost.worst, to_short_text(Bytes{bytes.worst}),
      since.worst > 0 ? "the last " + to_short_text(Duration{since.worst}) + " before the crash"
                      : "were all acknowledged after it began");
  const auto most = std::max_element(
      loss.causes.begin(), loss.causes.end(), [](const LossCause& a, const LossCause& b) {
        return spread_of(a.transactions).worst < spread_of(b.transactions).worst;
      });
  if (loss.causes.size() == 1) text += ", because " + cause_words(most->cause);
  if (loss.causes.size() > 1) text += ", mostly because " + cause_words(most->cause);
  return text + "." + undecided_text(loss) + one_seed_text(loss.crashes);
}

std::string data_loss_text(const DataLoss& loss, bool colour) {
  const std::int64_t n = loss.crashes.crashes();
  std::string text = wrapped(crash_text(loss.crashes), 100, 2) + "\n\n";
  TextTable table({"LOST", "crashes with any", "p50", p99_title(n), "worst"});
  add_row(table, "transactions", loss.transactions, Quantity::count);
  for (const LossCause& cause : loss.causes) {
    add_row(table, "  " + cause.cause, cause.transactions, Quantity::count);
  }
  add_row(table, "log", loss.bytes, Quantity::bytes);
  add_row(table, "time, back to the oldest", loss.lost_ns, Quantity::duration);
  return text + table.text(colour) + unfinished_text(loss.crashes) + "\n" +
         wrapped(data_loss_sentence(loss), 100, 0) + "\n";
}

std::string data_loss_json(const DataLoss& loss) {
  json object{{"format", 1},
              {"answer", "data-loss"},
              {"scenario", loss.crashes.scenario},
              {"failure", loss.crashes.failure},
              {"seeds", {{"first", loss.crashes.seeds.first}, {"last", loss.crashes.seeds.last}}},
              {"crash_instants", loss.crashes.instants},
              {"crashes", loss.crashes.crashes()},
              {"unfinished_pages", loss.crashes.unfinished_pages},
              {"lost_transactions", spread_object(loss.transactions)},
              {"lost_bytes", spread_object(loss.bytes)},
              {"lost_ns", spread_object(loss.lost_ns)}};
  json causes = json::object();
  for (const LossCause& cause : loss.causes) {
    causes[cause.cause] = spread_object(cause.transactions);
  }
  object["by_cause"] = std::move(causes);
  json each = json::array();
  for (std::size_t i = 0; i < loss.transactions.size(); ++i) {
    each.push_back({{"at_ns", loss.crashes.at_ns[i]},
                    {"lost_transactions", loss.transactions[i]},
                    {"lost_bytes", loss.bytes[i]},
                    {"lost_ns", loss.lost_ns[i]}});
  }
  object["each"] = std::move(each);
  object["sentence"] = data_loss_sentence(loss);
  return object.dump(2) + "\n";
}

std::string data_loss_svg(const DataLoss& loss) {
  const std::string title = "What a crash loses";
  AnswerPicture picture(title, crash_text(loss.crashes));
  std::int64_t top = picture.top() + 24;
  // When in the run it strikes.
  const std::int64_t left = 70;
  const std::int64_t right = width - 24;
  const std::int64_t bottom = top + panel_height - 40;
  const Scale when(Quantity::duration, loss.crashes.from_ns, loss.crashes.until_ns, left, right, 8);
  const Scale lost(Quantity::count, 0,
                   std::max<std::int64_t>(1, spread_of(loss.transactions).worst), bottom, top, 4);
  lost.draw_upwards(picture, left, right, "transactions lost, by the instant of the crash");
  when.draw_along(picture, top, bottom, "time in the run");
  std::vector<std::pair<std::size_t, std::string>> legend;
  for (std::size_t i = 0; i < loss.causes.size(); ++i) {
    legend.emplace_back(i, loss.causes[i].cause);
  }
  for (std::size_t i = 0; i < loss.transactions.size(); ++i) {
    const std::int64_t x = when.at(loss.crashes.at_ns[i]);
    if (loss.transactions[i] == 0) picture.line(x, bottom - 5, x, bottom + 1, "axis");
    for (std::size_t j = 0; j < loss.causes.size(); ++j) {
      const std::int64_t value = loss.causes[j].transactions[i];
      if (value > 0) picture.marker(x, lost.at(value), j);
    }
  }
  std::int64_t y = bottom + 58;
  picture.line(left + 4, y - 9, left + 4, y - 2, "axis");
  picture.text(left + 14, y, Anchor::start, "nothing lost");
  y = picture.legend(left + 120, y, right, AnswerPicture::Key::marker, legend);

  const std::int64_t below = y + 48;
  const std::int64_t gap = 72;
  const std::int64_t wide = (width - 24 - left - 2 * gap) / 3;
  const auto column = [&](std::int64_t number) { return left + number * (wide + gap); };
  draw_spread(picture, loss.transactions, Quantity::count, column(0), below, column(0) + wide,
              "crashes that lose more transactions");
  draw_spread(picture, loss.bytes, Quantity::bytes, column(1), below, column(1) + wide,
              "... more log");
  draw_spread(picture, loss.lost_ns, Quantity::duration, column(2), below, column(2) + wide,
              "... older transactions");
  return picture.finish(below + panel_height, data_loss_sentence(loss));
}

}  // namespace longhaul
