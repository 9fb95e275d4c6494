#include "run/reports/html.h"

#include <fmt/format.h>

#include "base/units_text.h"
#include "run/reports/map.h"
#include "run/reports/pictures.h"
#include "run/reports/tables.h"
#include "run/svg.h"

namespace longhaul {
namespace {

constexpr std::string_view page_style = R"(
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);
  font:16px/1.5 system-ui,'DejaVu Sans',Arial,sans-serif}
main{max-width:1280px;margin:0 auto;padding:16px 20px 48px}
h1{font-size:1.7rem;line-height:1.2;margin:8px 0}
h2{font-size:1.2rem;margin:40px 0 10px;padding-top:10px;border-top:1px solid var(--rule)}
h3{font-size:1rem;margin:24px 0 6px}
p{margin:8px 0;max-width:75ch}
.faint,figcaption,dt{color:var(--pale)}
.wrap{overflow-wrap:anywhere}
dl{display:flex;flex-wrap:wrap;gap:4px 28px;margin:12px 0;font-size:.9rem}
dt{font-size:.8rem}dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.verdict{border:2px solid;border-radius:6px;padding:10px 16px;margin:16px 0;font-weight:600}
.verdict.holds{border-color:var(--good);color:var(--good)}
.verdict.fails{border-color:var(--bad);color:var(--bad)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;margin:8px 0}
th,td{text-align:left;padding:4px 14px 4px 0;border-bottom:1px solid var(--rule);
  vertical-align:top;white-space:nowrap}
th{color:var(--pale);font-weight:500}
.n{text-align:right}
td:last-child,.verdicts td{white-space:normal}
.missed td{color:var(--bad);font-weight:600}
.sum td{font-weight:600}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,380px),1fr));
  gap:20px 24px}
figure{margin:0;break-inside:avoid}
figure svg{display:block;width:100%;height:auto;max-width:560px}
figcaption{font-size:.85rem;line-height:1.35;margin-bottom:4px}
.wide svg,.narrow svg{display:block;width:100%;height:auto;max-width:none}
.narrow{display:none}
svg .sea{fill:var(--ground)}svg .land{fill:var(--rule)}
svg .way{stroke:var(--pale);fill:none;stroke-width:1px}
svg .stream{stroke:var(--s0);fill:none;stroke-width:2.5px}
svg .guess{stroke-dasharray:5 3}svg .pale{fill-opacity:.75}
code{font-size:.9em;overflow-wrap:anywhere}
@media (max-width:640px){.wide{display:none}.narrow{display:block}main{padding:8px 12px 32px}}
@media print{@page{margin:12mm}body{font-size:10.5pt}main{max-width:none;padding:0}
  .pictures{grid-template-columns:1fr 1fr}.wide{display:block}.narrow{display:none}
  .scroll{overflow:visible}h2,h3{break-after:avoid}tr{break-inside:avoid}
  table{font-size:8.5pt}th,td{padding-right:8px;white-space:normal}}
)";

std::string section(const std::string& title, const std::string& body) {
  if (body.empty()) return "";
  return fmt::format("<section><h2>{}</h2>\n{}</section>\n", escaped(title), body);
}

std::string paragraph(std::string_view text) { return "<p>" + escaped(text) + "</p>\n"; }

std::string pictures_html(const std::vector<Picture>& pictures) {
  if (pictures.empty()) return "";
  std::string text = "<div class=\"pictures\">\n";
  for (const Picture& picture : pictures) {
    text += fmt::format("<figure><figcaption>{}</figcaption>\n{}</figure>\n",
                        escaped(picture.caption), picture.svg);
  }
  return text + "</div>\n";
}

// The same, drawn for a screen and for a telephone.
std::string both(const std::string& wide, const std::string& narrow) {
  return fmt::format("<div class=\"wide\">{}</div><div class=\"narrow\">{}</div>\n", wide, narrow);
}

std::string fact(std::string_view name, std::string_view value) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", escaped(name), escaped(value));
}

std::string head(const Material& material) {
  const Report& report = material.report;
  std::string text = fmt::format("<header><h1 class=\"wrap\">{}</h1>\n<p class=\"wrap\">{}</p>\n",
                                 escaped(report.effective.name), escaped(report.effective.purpose));
  const bool holds = report.holds();
  text += fmt::format("<p class=\"verdict {}\">{} {}</p>\n", holds ? "holds" : "fails",
                      holds ? "✓" : "✗", escaped(verdict_sentence(report)));
  text += "<dl>" + fact("seed", std::to_string(report.seed)) +
          fact("simulated", to_text(report.simulated)) +
          fact("of which measured, at the end", to_short_text(report.measured)) +
          fact("events", count_text(static_cast<std::int64_t>(report.events))) +
          fact("digest", hex_text(report.digest)) +
          fact("scenario", hex_text(report.scenario_digest)) + fact("longhaul", release()) +
          "</dl>\n";
  if (report.event_limit_reached) {
    text += paragraph("Stopped early: the limit of events was reached.");
  }
  return text + "</header>\n<section class=\"verdicts\">" + table_html(expectations_table(report)) +
         "</section>\n";
}

std::string where(const Material& material) {
  const std::string wide = map_svg(material, 900, 380);
  if (wide.empty()) return "";
  return paragraph(
             "Thick lines carry the log to replicas, thin ones other traffic; dashed: the round "
             "trip is an estimate. A diamond is the first primary's region.") +
         both(wide, map_svg(material, 380, 340)) + table_html(traffic_table(material.report));
}

std::string when(const Material& material) {
  const std::string faults = table_html(faults_table(material.report));
  return paragraph(
             "A block is a primary, an open breaker or an outage of writes; half a block is a "
             "breaker half open; a line is a replica or a closed breaker; a dashed line is a "
             "server that is down.") +
         both(timeline_svg(material, 900), timeline_svg(material, 380)) +
         (faults.empty() ? paragraph("No faults.") : faults);
}

std::string lag(const Material& material) {
  if (material.report.replicas.empty()) {
    return paragraph("There are no replicas: nothing lags, and there are no lag breakers.");
  }
  const std::string pictures = pictures_html(lag_pictures(material));
  return (pictures.empty() ? paragraph("No replica had anything to replay.") : pictures) +
         table_html(replicas_table(material.report));
}

std::string routing(const Material& material) {
  const std::string pictures = pictures_html(routing_pictures(material));
  return pictures.empty() ? paragraph("Nothing was read.") : pictures;
}

std::string failovers(const Material& material) {
  const Report& report = material.report;
  constexpr std::size_t shown_max = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown_max, report.failovers.size()); ++i) {
    const FailoverReport& failover = report.failovers[i];
    text += "<h3>" + escaped(failover_title(failover)) + "</h3>\n";
    if (!failover.why.empty()) text += paragraph(failover.why);
    text += paragraph(outage_sentence(failover));
    if (!failover.parts.empty()) {
      text += both(phases_svg(failover, 900), phases_svg(failover, 380));
    }
    text += table_html(phases_table(failover)) + table_html(candidates_table(failover)) +
            table_html(refusals_table(failover.refusals));
  }
  if (report.failovers.size() > shown_max) {
    text += paragraph(fmt::format("And {} more.", report.failovers.size() - shown_max));
  }
  if (text.empty()) text = paragraph("No server was promoted.");
  if (!report.refusals.empty()) {
    text += fmt::format("<h3>{}</h3>\n", report.failovers.empty() ? "Why nobody was promoted"
                                                                  : "Refused since then") +
            table_html(refusals_table(report.refusals));
  }
  return text;
}

std::string loss(const Material& material) {
  const Figures& figures = material.result.figures;
  std::string text = table_html(losses_table(material));
  if (text.empty()) text = paragraph("Every transaction that was acknowledged is still there.");
  const Figure bytes = figures.select({Metric::lost_bytes, {}});
  const Figure age = figures.select({Metric::lost_seconds, {}});
  if (bytes.max() > 0) {
    std::string sentence = fmt::format("Of the log the promoted servers lacked up to {}.",
                                       to_short_text(Bytes{bytes.max()}));
    if (age.max() > 0) {
      sentence += fmt::format(" The oldest lost transaction was acknowledged {} before the fault.",
                              to_short_text(Duration{age.max()}));
    }
    text += paragraph(sentence);
  }
  const Figure split = figures.select({Metric::split_brain_writes, {}});
  if (split.counter.count > 0) {
    text += paragraph(fmt::format("{} writes went to a primary that had been replaced.",
                                  count_text(split.counter.count)));
  }
  return text;
}

std::string cost(const Material& material) {
  std::string text = table_html(cost_table(material.cost));
  for (const std::string& source : material.cost.sources) {
    text += "<p class=\"faint\">Transfer: " + escaped(source) + "</p>\n";
  }
  for (const std::string& unpriced : material.cost.unpriced) {
    text += paragraph("No price is known for " + unpriced + "; it is counted as free.");
  }
  return text;
}

std::string notes(const Report& report) {
  std::string text;
  for (const std::string& warning : report.warnings) text += paragraph(warning);
  for (const std::string& link : report.estimates) {
    text += paragraph("The round trip " + link + " is an estimate: nobody measured it.");
  }
  return text;
}

}  // namespace

std::string report_html(const Material& material) {
  const Report& report = material.report;
  std::string text =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" "
      "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  text += fmt::format("<title>{}, seed {}</title>\n<style>\n{}{}</style>\n</head>\n<body><main>\n",
                      escaped(report.effective.name), report.seed, svg_style(), page_style);
  text += head(material);
  text += section("What users saw",
                  table_html(users_table(report)) + table_html(promises_table(report)));
  text += section("What happened when", when(material));
  text += section("Where it runs", where(material));
  text += section("Latency over time", pictures_html(latency_pictures(material)));
  text += section("Latency distributions", pictures_html(distribution_pictures(material)));
  text += section("Replication lag and breakers", lag(material));
  text += section("Who answers reads", routing(material));
  text += section("Servers",
                  pictures_html(load_pictures(material)) + table_html(servers_table(report)));
  text += section("Failovers", failovers(material));
  text += section("What was lost", loss(material));
  if (material.latency_log.has_baseline) {
    text +=
        section("Latency before and after", table_html(latency_change_table(material.latency_log)));
  }
  text += section("Cost", cost(material));
  text += section("To be read with care", notes(report));
  std::string again = fmt::format("longhaul run scenario.json --seed {}", report.seed);
  if (report.simulated != report.effective.duration) {
    again += " --until " + to_text(report.simulated);
  }
  if (report.permute_ties) again += fmt::format(" --tie-order permute:{}", *report.permute_ties);
  text += section("To run it again", "<p>The scenario stands beside this page: <code>" +
                                         escaped(again) + "</code></p>\n");
  return text + "</main></body>\n</html>\n";
}

}  // namespace longhaul
