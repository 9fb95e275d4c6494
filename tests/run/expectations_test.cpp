// Expectations as text and as verdicts, and the figures that they are judged on.

#include "run/expectations.h"

#include <cstdlib>
#include <memory>

#include "tests/catch.h"

namespace longhaul {
namespace {

LabelValues labels() {
  LabelValues values;
  for (Label label : {Label::region, Label::from_region, Label::to_region}) {
    values[label] = {"aws:us-east-1", "aws:eu-west-1"};
  }
  for (Label label : {Label::served_by, Label::node, Label::replica}) {
    values[label] = {"db-us", "db-eu"};
  }
  values[Label::app] = {"app-us"};
  values[Label::page] = {"dashboard", "save"};
  values[Label::outcome] = {"ok", "error"};
  values[Label::stage] = {"send", "write", "flush", "replay"};
  values[Label::rule] = {"none"};
  values[Label::to] = {"closed", "open", "half_open"};
  values[Label::synchronous_commit] = {"on"};
  values[Label::purpose] = {"wal", "statements", "pages", "probes"};
  values[Label::kind] = {"timeout", "pool_timeout"};
  values[Label::source] = {"replay_timestamp", "heartbeat"};
  return values;
}

Expectation parsed(const std::string& selector, const std::string& text) {
  Result<Expectation> result = parse_expectation(selector, text, labels());
  if (!result) FAIL(selector << ", " << text << ": " << to_text(result.errors().front()));
  return std::move(result).value();
}

Error refused(const std::string& selector, const std::string& text) {
  const Result<Expectation> result = parse_expectation(selector, text, labels());
  INFO(selector << ", " << text);
  REQUIRE_FALSE(result.ok());
  return result.errors().front();
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Figures of one seed that `fill` writes into Measures.
template <class Fill>
Figures figures(Fill fill, Duration measured = seconds(100)) {
  Figures result;
  result.labels = labels();
  result.measured = measured;
  auto measures = std::make_shared<Measures>(result.labels);
  fill(*measures);
  result.parts.push_back(measures);
  return result;
}

// Page latencies of the second region: 1, 2, ... 100 ms, one of them an error.
Figures hundred_pages() {
  return figures([](Measures& measures) {
    for (int i = 1; i <= 100; ++i) {
      const Outcome outcome = i == 100 ? Outcome::error : Outcome::ok;
      measures.distribution(Metric::page_latency, 1, 0, 0, outcome).record(milliseconds(i).ns);
    }
  });
}

Verdict verdict(const std::string& selector, const std::string& text, const Figures& of) {
  return judge(parsed(selector, text), of);
}

bool holds(const std::string& selector, const std::string& text, const Figures& of) {
  return verdict(selector, text, of).holds;
}

}  // namespace

TEST_CASE("expectations: text: selectors take labels whose values hold colons",
          "[run][expectations]") {
  const Expectation one =
      parsed("page_latency{region:aws:eu-west-1, page:save}", "p(99.9) <= 1.5s");
  REQUIRE(one.selector.metric == Metric::page_latency);
  REQUIRE(one.selector.where ==
          std::vector<std::pair<Label, std::uint32_t>>{{Label::region, 1}, {Label::page, 1}});
  REQUIRE(one.aggregation == Aggregation::quantile);
  REQUIRE(one.quantile.ppm == 999'000);
  REQUIRE(one.comparison == Comparison::less_equal);
  REQUIRE(one.value == milliseconds(1500).ns);
  REQUIRE(one.text == "p(99.9) <= 1.5s");
  REQUIRE(one.selector_text == "page_latency{region:aws:eu-west-1, page:save}");
  REQUIRE(parsed("page_latency{}", "avg<1s").selector.where.empty());
  // The labels of cross_region_bytes are called from and to.
  REQUIRE(
      parsed("cross_region_bytes{from:aws:us-east-1,to:aws:eu-west-1,purpose:wal}", "count < 1MiB")
          .selector.where.size() == 3);
}

TEST_CASE("expectations: text: each aggregation takes a value of its own unit",
          "[run][expectations]") {
  REQUIRE(parsed("page_latency", "avg < 80ms").value == 80'000'000);
  REQUIRE(parsed("page_latency", "count >= 12").value == 12);
  REQUIRE(parsed("reads", "rate > 12/s").value == per_second(12).milli_per_day);
  REQUIRE(parsed("reads", "share > 12.5%").value == 125'000);
  REQUIRE(parsed("wal_bytes", "count < 2KiB").value == 2048);
  REQUIRE(parsed("wal_bytes", "rate < 2KiB/s").value == 2048);
  REQUIRE(parsed("replication_lag_bytes{stage:send}", "max < 1MiB").value == 1'048'576);
  REQUIRE(parsed("cpu_utilisation", "p(95) < 70%").value == 700'000);
  REQUIRE(parsed("connections", "max <= 40").value == 40);
  REQUIRE(parsed("write_outage", "max == 0s").value == 0);
}

TEST_CASE("expectations: text: mistakes say what was expected and what is near",
          "[run][expectations]") {
  REQUIRE(refused("page_latncy", "avg < 1s").nearest == "page_latency");
  REQUIRE(refused("page_latency{regin:aws:eu-west-1}", "avg < 1s").nearest == "region");
  REQUIRE(refused("page_latency{region:aws:eu-west-2}", "avg < 1s").nearest == "aws:eu-west-1");
  REQUIRE(says(refused("page_latency{region}", "avg < 1s").expected, "label:value"));
  REQUIRE(refused("page_latency{node:db-us}", "avg < 1s").value == "\"node:db-us\"");
  REQUIRE(refused("page_latency{page:save, page:dashboard}", "avg < 1s").expected ==
          "each label once");
  REQUIRE(says(refused("page_latency{page:save", "avg < 1s").expected, "braces"));
  REQUIRE(refused("page_latency", "ave < 1s").nearest == "avg");
  REQUIRE(says(refused("page_latency", "avg 1s").expected, "operator"));
  REQUIRE(says(refused("page_latency", "avg = 1s").expected, "operators"));
  REQUIRE(says(refused("page_latency", "p(101) < 1s").expected, "aggregation"));
  REQUIRE(says(refused("page_latency", "p() < 1s").expected, "aggregation"));
  REQUIRE(says(refused("page_latency", "").expected, "such as"));
  REQUIRE(says(refused("page_latency", "avg <").expected, "250ms"));
  REQUIRE(says(refused("page_latency", "avg < 80").expected, "a duration"));
  REQUIRE(says(refused("page_latency", "avg < 1MiB").expected, "a duration"));
  REQUIRE(says(refused("reads", "count < 1.5").expected, "whole number"));
}

TEST_CASE("expectations: text: a lag names its stage or its source; alerts add up",
          "[run][expectations]") {
  REQUIRE(says(refused("replication_lag{replica:db-eu}", "max < 1s").expected, "one stage (send,"));
  REQUIRE(says(refused("replication_lag_bytes", "max < 1MiB").expected,
               "replication_lag_bytes{stage:replay}"));
  REQUIRE(says(refused("reported_lag{}", "max < 1s").expected, "one source (replay_timestamp,"));
  REQUIRE(parsed("lag_alerts", "count == 0").selector.where.empty());
}

TEST_CASE("expectations: text: an aggregation that a metric lacks is refused",
          "[run][expectations]") {
  REQUIRE(says(refused("reads", "avg < 1").expected, "count, rate or share"));
  REQUIRE(says(refused("page_latency", "share < 1%").expected, "avg, min, med"));
  REQUIRE(says(refused("wal_bytes", "share < 1%").expected, "no population"));
  REQUIRE(says(refused("replication_lag{stage:send}", "count < 1").expected, "weighted by time"));
  REQUIRE(says(refused("connections", "rate < 1/s").expected, "weighted by time"));
}

TEST_CASE("expectations: judge: every aggregation of a distribution", "[run][expectations]") {
  // 1 ... 100 ms: average 50.5 ms; a quantile lies in the bucket of the sample of rank ceil(q n),
  // which is at most 1/32 of it wide.
  const Figures of = hundred_pages();
  const std::string all = "page_latency";
  REQUIRE(verdict(all, "avg < 51ms", of).value == microseconds(50'500).ns);
  REQUIRE(verdict(all, "min < 51ms", of).value == milliseconds(1).ns);
  REQUIRE(verdict(all, "max < 51ms", of).value == milliseconds(100).ns);
  REQUIRE(verdict(all, "count < 51", of).value == 100);
  // 100 samples in 100 s.
  REQUIRE(verdict(all, "rate < 51/s", of).value == per_second(1).milli_per_day);
  for (const auto& [text, rank] : {std::pair("med < 1s", 50), std::pair("p(50) < 1s", 50),
                                   std::pair("p(99) < 1s", 99), std::pair("p(1) < 1s", 1)}) {
    const std::int64_t value = verdict(all, text, of).value;
    REQUIRE(std::abs(value - milliseconds(rank).ns) <= milliseconds(rank).ns / 32);
  }
  REQUIRE(verdict(all, "p(100) < 1s", of).value == milliseconds(100).ns);
}

TEST_CASE("expectations: judge: every operator on both sides of its edge", "[run][expectations]") {
  const Figures of = hundred_pages();
  const auto count = [&](const std::string& text) {
    return holds("page_latency", "count " + text, of);
  };
  REQUIRE((count("< 101") && !count("< 100")));
  REQUIRE((count("<= 100") && !count("<= 99")));
  REQUIRE((count("> 99") && !count("> 100")));
  REQUIRE((count(">= 100") && !count(">= 101")));
  REQUIRE((count("== 100") && !count("== 99")));
  REQUIRE((count("!= 99") && !count("!= 100")));
}

TEST_CASE("expectations: judge: labels select, absent ones take all", "[run][expectations]") {
  const Figures of = hundred_pages();
  REQUIRE(holds("page_latency{outcome:error}", "count == 1", of));
  REQUIRE(holds("page_latency{outcome:ok}", "max == 99ms", of));
  REQUIRE(holds("page_latency{region:aws:eu-west-1}", "count == 100", of));
  REQUIRE(holds("page_latency{region:aws:us-east-1}", "count == 0", of));
}

TEST_CASE("expectations: judge: no samples is a miss of every value, not of a count",
          "[run][expectations]") {
  const Figures of = hundred_pages();
  const std::string none = "page_latency{region:aws:us-east-1}";
  for (const char* text : {"avg < 1h", "min >= 0s", "med < 1h", "max != 1s", "p(99) < 1h"}) {
    const Verdict missed = verdict(none, text, of);
    REQUIRE(missed.no_samples);
    REQUIRE_FALSE(missed.holds);
  }
  REQUIRE(holds(none, "count == 0", of));
  const Verdict share = verdict("reads{served_by:db-us}", "share >= 0%", of);
  REQUIRE(share.no_samples);
  REQUIRE_FALSE(share.holds);
}

TEST_CASE("expectations: judge: shares are of the region's reads, not of the node's",
          "[run][expectations]") {
  // In the second region db-us served 30 reads and db-eu 70: db-eu has 70 % of them.
  const Figures of = figures([](Measures& measures) {
    measures.counter(Metric::reads, 1, 0) = {30, 30};
    measures.counter(Metric::reads, 1, 1) = {70, 70};
    measures.counter(Metric::reads, 0, 0) = {100, 100};
  });
  REQUIRE(verdict("reads{region:aws:eu-west-1,served_by:db-eu}", "share > 1%", of).value ==
          700'000);
  REQUIRE(verdict("reads{served_by:db-eu}", "share > 1%", of).value == 350'000);
  REQUIRE(verdict("reads", "share > 1%", of).value == 1'000'000);
  // 200 reads in 100 s.
  REQUIRE(verdict("reads", "rate > 1/s", of).value == per_second(2).milli_per_day);
}

TEST_CASE("expectations: judge: zero of n leaves room for 3/n", "[run][expectations]") {
  const auto bound = [](std::int64_t count, std::int64_t population) {
    const Figures of = figures([&](Measures& measures) {
      measures.counter(Metric::stale_reads, 0, 0) = {count, population};
    });
    return verdict("stale_reads", "count == 0", of).upper_bound_ppm;
  };
  REQUIRE(bound(0, 1'000) == 3'000);
  REQUIRE(bound(0, 3'000'000) == 1);
  REQUIRE(bound(0, 7) == 428'572);  // 428,571.4 rounded up: a bound is never understated
  REQUIRE(bound(0, 2) == 1'000'000);
  REQUIRE_FALSE(bound(0, 0).has_value());
  REQUIRE_FALSE(bound(1, 1'000).has_value());
}

TEST_CASE("figures: pooling: seeds add up sample by sample", "[run][figures]") {
  const auto seed = [](std::int64_t first, int samples, std::int64_t bad) {
    return figures(
        [&](Measures& measures) {
          for (int i = 0; i < samples; ++i) {
            measures.distribution(Metric::page_latency, 0, 0, 0, Outcome::ok).record(first);
          }
          measures.counter(Metric::stale_reads, 0, 0) = {bad, samples};
        },
        seconds(10));
  };
  Figures pooled = seed(milliseconds(10).ns, 1, 0);
  pooled.add(seed(milliseconds(40).ns, 3, 2));
  REQUIRE(pooled.measured == seconds(20));
  // (10 + 3 x 40) / 4 = 32.5 ms: weighted by samples, not the mean of two means.
  REQUIRE(verdict("page_latency", "avg < 1s", pooled).value == microseconds(32'500).ns);
  REQUIRE(holds("page_latency", "count == 4", pooled));
  REQUIRE(verdict("page_latency", "rate < 1/s", pooled).value == per_second(1).milli_per_day / 5);
  REQUIRE(verdict("stale_reads", "share < 1%", pooled).value == 500'000);
}

TEST_CASE("figures: pooling: time-weighted figures add up by time", "[run][figures]") {
  // 4 connections for 10 s in one seed, 8 for 30 s in the other: 7 on average.
  const auto seed = [](std::int64_t value, Duration length) {
    return figures([&](Measures& measures) {
      TimeWeighted& gauge = measures.gauge(Metric::connections, 0);
      gauge.set({}, value);
      gauge.finish(TimePoint{} + length);
      // Lag grows from 0 to `length`: half of it on average.
      measures.ramp(Metric::replication_lag, 1, 3).add_ramp({}, length);
    });
  };
  Figures pooled = seed(4, seconds(10));
  pooled.add(seed(8, seconds(30)));
  REQUIRE(verdict("connections{node:db-us}", "avg < 9", pooled).value == 7);
  REQUIRE(verdict("connections", "min < 9", pooled).value == 4);
  // (10 x 5 + 30 x 15) / 40 = 12.5 s.
  REQUIRE(verdict("replication_lag{replica:db-eu,stage:replay}", "avg < 1h", pooled).value ==
          milliseconds(12'500).ns);
  REQUIRE(verdict("replication_lag{stage:replay}", "max < 1h", pooled).value == seconds(30).ns);
  REQUIRE(verdict("replication_lag{replica:db-us,stage:replay}", "max < 1h", pooled).no_samples);
}

TEST_CASE("expectations: value_text: values read as they are written", "[run][expectations]") {
  const auto text = [](const std::string& selector, const std::string& expectation) {
    const Expectation of = parsed(selector, expectation);
    return value_text(of, of.value);
  };
  REQUIRE(text("page_latency", "avg < 80ms") == "80ms");
  REQUIRE(text("page_latency", "count < 80") == "80");
  REQUIRE(text("reads", "share < 12.5%") == "12.5%");
  REQUIRE(text("reads", "rate < 12/s") == "12/s");
  REQUIRE(text("connections", "max < 12") == "12");
  REQUIRE(text("wal_bytes", "count < 2KiB") == "2KiB");
}

}  // namespace longhaul
