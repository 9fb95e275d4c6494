#include "run/plot.h"

#include <string>
#include <vector>

#include "tests/catch.h"

namespace longhaul {
namespace {

using Texts = std::vector<std::string>;

Texts texts(const PlotAxis& axis, std::size_t most) {
  Texts result;
  for (const Tick& tick : ticks(axis, most)) result.push_back(tick.text);
  return result;
}

constexpr std::int64_t second = 1'000'000'000;

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("plot: ticks stand at round values and say their unit", "[run][plot]") {
  const auto duration = [](std::int64_t to) {
    return PlotAxis{"", Quantity::duration, 0, to, false};
  };
  REQUIRE(texts(duration(second), 6) == Texts{"0", "0.2s", "0.4s", "0.6s", "0.8s", "1s"});
  REQUIRE(texts(duration(83'000'000), 5) == Texts{"0", "20ms", "40ms", "60ms", "80ms"});
  // Below five minutes seconds, so that 90 s is not 1.5 min.
  REQUIRE(texts(duration(120 * second), 5) == Texts{"0", "30s", "60s", "90s", "120s"});
  REQUIRE(texts(duration(1'800 * second), 4) == Texts{"0", "10min", "20min", "30min"});
  REQUIRE(texts(duration(86'400 * second), 5) == Texts{"0", "6h", "12h", "18h", "24h"});
  REQUIRE(texts({"", Quantity::bytes, 0, 10 << 20, false}, 6) ==
          Texts{"0", "2MiB", "4MiB", "6MiB", "8MiB", "10MiB"});
  REQUIRE(texts({"", Quantity::byte_rate, 0, 1'000'000, false}, 5) ==
          Texts{"0", "2Mbit/s", "4Mbit/s", "6Mbit/s", "8Mbit/s"});
  REQUIRE(texts({"", Quantity::share, 0, 1'000'000, false}, 6) ==
          Texts{"0", "20%", "40%", "60%", "80%", "100%"});
  REQUIRE(texts({"", Quantity::count, 0, 40'000, false}, 5) ==
          Texts{"0", "10k", "20k", "30k", "40k"});
}

TEST_CASE("plot: a logarithmic axis has powers, and what lies between when there is room",
          "[run][plot]") {
  const PlotAxis lag{"", Quantity::duration, 1'000'000, 100 * second, true};
  REQUIRE(texts(lag, 6) == Texts{"1ms", "10ms", "100ms", "1s", "10s", "100s"});
  REQUIRE(texts(lag, 3) == Texts{"1ms", "100ms", "10s"});
  const PlotAxis narrow{"", Quantity::duration, 10'000'000, 100'000'000, true};
  REQUIRE(texts(narrow, 6) == Texts{"10ms", "20ms", "50ms", "100ms"});
}

TEST_CASE("plot: the end of an axis moves up to a tick", "[run][plot]") {
  REQUIRE(rounded({"", Quantity::duration, 0, 83'000'000, false}, 6).to == 100'000'000);
  REQUIRE(rounded({"", Quantity::share, 0, 1'000'000, false}, 6).to == 1'000'000);
  REQUIRE(rounded({"", Quantity::duration, 1'000'000, 83'000'000, true}, 6).to == 100'000'000);
  // 120 ms would be the sixth step of 20 ms: one too many, so the steps are 50 ms.
  REQUIRE(rounded({"", Quantity::duration, 0, 101'000'000, false}, 6).to == 150'000'000);
  // Nothing to show makes no axis without extent.
  REQUIRE(rounded({"", Quantity::count, 0, 0, false}, 6).to == 1);
}

TEST_CASE("plot: every quantity's ticks are no more than asked for, whatever the range",
          "[run][plot]") {
  for (int quantity = 0; quantity <= static_cast<int>(Quantity::money); ++quantity) {
    for (std::int64_t to = 1; to < std::int64_t{1} << 60; to = to * 3 + 1) {
      for (const bool logarithmic : {false, true}) {
        const PlotAxis axis{"", static_cast<Quantity>(quantity), logarithmic ? 1 : 0, to,
                            logarithmic};
        REQUIRE(ticks(axis, 5).size() <= 5);
        REQUIRE(rounded(axis, 5).to >= to);
      }
    }
  }
}

TEST_CASE("plot: values stand where the axes say", "[run][plot]") {
  Plot plot("test", {420, 230, 10, 22}, {"", Quantity::time, 0, 100 * second, false},
            {"lag", Quantity::duration, 1'000'000, second, true});
  const Box inner = plot.inner();
  REQUIRE(plot.x(0) == inner.x);
  REQUIRE(plot.x(50 * second) == inner.x + inner.width / 2);
  REQUIRE(plot.x(200 * second) == inner.x + inner.width);  // beyond: at the end
  REQUIRE(plot.y(second) == inner.y);
  REQUIRE(plot.y(0) == inner.y + inner.height);  // a logarithm has no zero
  // A decade of three: a third of the height, to a tenth of a pixel.
  REQUIRE(std::abs(plot.y(10'000'000) - (inner.y + inner.height - inner.height / 3)) <= 1);
}

TEST_CASE("plot: a gap splits a line, and a lone sample is visible", "[run][plot]") {
  Plot plot("test", {}, {"", Quantity::time, 0, 10, false}, {"", Quantity::count, 0, 10, false});
  plot.lines(
      {{.name = "a & b", .samples = {{0, 1}, {1, 2}, {2, std::nullopt}, {3, 4}}, .series = 1}});
  const std::string text = plot.drawing().inside();
  REQUIRE(occurrences(text, "<polyline") == 2);
  REQUIRE(text.find("a &amp; b") != text.npos);
}

TEST_CASE("svg: hostile text stays text", "[run][svg]") {
  REQUIRE(escaped("<script>\"'&") == "&lt;script&gt;&quot;&#39;&amp;");
  REQUIRE(escaped("Zürich") == "Zürich");
  REQUIRE(escaped(std::string_view("\0\x1b\x7f", 3)) == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  REQUIRE(escaped("\xff\xc3") == "\xef\xbf\xbd\xef\xbf\xbd");  // no UTF-8
  REQUIRE(escaped("\xef\xbf\xbf") == "\xef\xbf\xbd");          // U+FFFF
  Drawing drawing(100, 50, "a\"><script>");
  drawing.text({10, 10}, "</svg><script>");
  drawing.rect({0, 0, 10, 10}, "band", "<b>");
  REQUIRE(drawing.document().find("<script") == std::string::npos);
  REQUIRE(drawing.document().find("<b>") == std::string::npos);
}

TEST_CASE("svg: a picture names nothing outside of itself", "[run][svg]") {
  Plot plot("test", {}, {"t", Quantity::time, 0, 10, false}, {"y", Quantity::count, 0, 10, false});
  plot.bands({{"F1", 2, 4}});
  plot.axes();
  plot.lines({{.name = "a", .samples = {{0, 1}, {9, 2}}}});
  std::string text = plot.drawing().document();
  const std::string space = "xmlns=\"http://www.w3.org/2000/svg\"";
  REQUIRE(occurrences(text, space) == 1);
  text.erase(text.find(space), space.size());
  for (const char* outside : {"http", "url(", "@import", "href", "src="}) {
    REQUIRE(text.find(outside) == text.npos);
  }
}

}  // namespace longhaul
