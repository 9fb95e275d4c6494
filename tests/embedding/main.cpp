// Sends the statements of standard input, a line each, through the service of docs/embedding.md to
// the databases that the arguments name, and prints what answered and why. Exit code 1 when the
// policy refuses or a database answers with an error. A line of several statements, between
// semicolons, is one transaction that is tried again as a whole.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "tests/embedding/service.h"

std::vector<std::string> statements_of(const std::string& line) {
  std::vector<std::string> result;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find(';', at), line.size());
    result.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return result;
}

int main(int argc, char** argv) {
  longhaul::PolicyConfig config;
  config.freshness.rule = longhaul::FreshnessRule::lsn_token;
  config.retries.attempts = 2;
  config.retries.base = longhaul::milliseconds(10);
  config.call_breaker.mode = longhaul::CallBreakerMode::automatic;
  config.outlier_ejection.enabled = true;
  config.router.primary_reads = longhaul::PrimaryReads::fallback_only;  // both are equally near
  const std::vector<std::string> conninfos(argv + 1, argv + argc);
  Service service(config, conninfos);
  Session session;
  int code = 0;
  for (std::string sql; std::getline(std::cin, sql);) {
    service.probe();
    const std::vector<std::string> transaction = statements_of(sql);
    const bool is_whole = transaction.size() > 1;
    const Rows rows = is_whole ? service.run(transaction, session) : service.query(sql, session);
    const longhaul::Decision& decision = session.decision;
    const std::string reason(to_text(decision.reason));
    if (!rows) {
      std::printf("refused, %s: %s\n", reason.c_str(), sql.c_str());
      for (std::uint32_t i = 0; i < conninfos.size(); ++i) {
        std::fputs(PQerrorMessage(service.connection({i})), stderr);
      }
      code = 1;
      continue;
    }
    const ExecStatusType status = PQresultStatus(rows.get());
    const bool answered = status == PGRES_TUPLES_OK && PQntuples(rows.get()) > 0;
    std::printf("database %u, %s: %s: %s\n", decision.database.value, reason.c_str(), sql.c_str(),
                answered ? PQgetvalue(rows.get(), 0, 0) : PQresStatus(status));
    if (status == PGRES_FATAL_ERROR) code = 1;
  }
  return code;
}
