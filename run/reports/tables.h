// The tables of a report, as the page and the Markdown print them.
#pragma once

#include <string>
#include <vector>

#include "run/escaped_text.h"
#include "run/reports/material.h"

namespace longhaul {

struct ReportTable {
  // As of TextTable: the first column and those whose title begins with < stand at the left.
  std::vector<std::string> titles;
  std::vector<std::vector<std::string>> rows;

  bool is_left(std::size_t column) const;
  std::string title(std::size_t column) const;  // without the <
};

// "All 19 expectations hold.", "3 of 19 expectations do not hold."
std::string verdict_sentence(const Report& report);

ReportTable expectations_table(const Report& report);  // what does not hold comes first
ReportTable users_table(const Report& report);
ReportTable promises_table(const Report& report);
ReportTable replicas_table(const Report& report);
ReportTable servers_table(const Report& report);
ReportTable faults_table(const Report& report);
ReportTable phases_table(const FailoverReport& failover);
ReportTable candidates_table(const FailoverReport& failover);
ReportTable refusals_table(const std::vector<FailoverReport::Refusal>& refusals);
ReportTable losses_table(const Material& material);
ReportTable traffic_table(const Report& report);
ReportTable cost_table(const MonthlyCost& cost);
ReportTable latency_change_table(const LatencyLog& log);  // of all regions and pages together

// "db-1 to db-2, promoted at 95.4s"
std::string failover_title(const FailoverReport& failover);
// "Writes from aws:us-east-1 were out for 55s, from 75.6s on." Or that none were.
std::string outage_sentence(const FailoverReport& failover);

std::string table_html(const ReportTable& table);
std::string table_markdown(const ReportTable& table);

}  // namespace longhaul
