#include "run/reports/markdown.h"

#include <fmt/format.h>

#include "base/units_text.h"
#include "run/reports/tables.h"

namespace longhaul {
namespace {

std::string section(const std::string& title, const std::string& body) {
  return body.empty() ? "" : "## " + title + "\n\n" + body;
}

std::string sentence(std::string_view text) {
  return text.empty() ? "" : escaped_markdown(text) + "\n\n";
}

std::string failovers(const Report& report) {
  std::string text;
  for (const FailoverReport& failover : report.failovers) {
    text += "### " + escaped_markdown(failover_title(failover)) + "\n\n" + sentence(failover.why) +
            sentence(outage_sentence(failover)) + table_markdown(phases_table(failover)) +
            table_markdown(candidates_table(failover)) +
            table_markdown(refusals_table(failover.refusals));
  }
  if (!report.refusals.empty()) {
    text +=
        report.failovers.empty() ? "### Why nobody was promoted\n\n" : "### Refused since then\n\n";
    text += table_markdown(refusals_table(report.refusals));
  }
  return text;
}

std::string notes(const Report& report) {
  std::string text;
  for (const std::string& warning : report.warnings) {
    text += "- " + escaped_markdown(warning) + "\n";
  }
  for (const std::string& link : report.estimates) {
    text += "- The round trip " + escaped_markdown(link) + " is an estimate.\n";
  }
  return text.empty() ? "" : text + "\n";
}

}  // namespace

std::string report_markdown(const Material& material) {
  const Report& report = material.report;
  std::string text =
      fmt::format("# {}, seed {}\n\n", escaped_markdown(report.effective.name), report.seed);
  text += sentence(report.effective.purpose);
  text += fmt::format("**{}** {} simulated, the last {} measured.\n\n", verdict_sentence(report),
                      to_text(report.simulated), to_short_text(report.measured));
  text += table_markdown(expectations_table(report));
  text += section("What users saw",
                  table_markdown(users_table(report)) + table_markdown(promises_table(report)));
  text += section("Faults", table_markdown(faults_table(report)));
  text += section("Replication lag", table_markdown(replicas_table(report)));
  text += section("Servers", table_markdown(servers_table(report)));
  text += section("Between regions", table_markdown(traffic_table(report)));
  text += section("Failovers", failovers(report));
  text += section("Lost transactions", table_markdown(losses_table(material)));
  if (material.latency_log.has_baseline) {
    text += section("Latency before and after",
                    table_markdown(latency_change_table(material.latency_log)));
  }
  text += section("Cost", table_markdown(cost_table(material.cost)));
  text += section("To be read with care", notes(report));
  return text + fmt::format("longhaul {}, {} events, digest {}\n", release(),
                            count_text(static_cast<std::int64_t>(report.events)),
                            hex_text(report.digest));
}

}  // namespace longhaul
