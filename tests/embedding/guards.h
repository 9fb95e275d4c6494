// Which databases get no calls for now, and whether a transaction that failed is tried again.
#pragma once

#include <libpq-fe.h>

#include <optional>
#include <string_view>
#include <vector>

#include "policy/config.h"
#include "tests/embedding/probe.h"

// What went wrong with a call, if it speaks against the database or the try; a unique violation,
// say, does neither. A result that has no code comes from libpq: the connection is gone.
inline std::optional<longhaul::Failure> failure_of(const PGresult* result) {
  if (PQresultStatus(result) != PGRES_FATAL_ERROR) return std::nullopt;
  const char* code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string_view state = code ? code : "";
  if (state == "40001" || state == "40P01") return longhaul::Failure::rolled_back;
  if (state == "57014" || state == "55P03") return longhaul::Failure::rejected;  // time-outs
  if (state == "53300" || state == "57P03") return longhaul::Failure::no_connection;
  if (state.empty() || state.starts_with("57P")) return longhaul::Failure::connection_lost;
  return std::nullopt;
}

class Guards {
 public:
  Guards(const longhaul::PolicyConfig& config, std::size_t databases)
      : retries_(config.retries),
        budget_(config.retries.budget),
        breakers_(databases, longhaul::CallBreaker(config.call_breaker)),
        outliers_(config.outlier_ejection, databases, now()) {}

  // Before Router::decide(): whom it must not choose.
  void mark(longhaul::StatementRequest& request) {
    outliers_.on_timer(now());
    drain();
    request.ejected = outliers_.ejected_set();
    for (std::size_t i = 0; i < breakers_.size(); ++i) {
      breakers_[i].on_timer(now());
      drain();
      if (!breakers_[i].permits(now())) request.rejected |= 1u << i;
    }
  }

  // Around each call, which send() makes. Null: the breaker lets nothing through, and the database
  // was the only choice. What is open is not held up: its locks would stay.
  template <class Send>
  Rows call(longhaul::DatabaseIndex database, bool in_transaction, Send send) {
    longhaul::CallBreaker& breaker = breakers_[database.value];
    const longhaul::TimePoint sent_at = now();
    if (!in_transaction) {
      if (!breaker.permits(sent_at)) return {nullptr, PQclear};
      breaker.take_call(sent_at);
      drain();
    }
    Rows rows = send();
    const std::optional<longhaul::Failure> failure = failure_of(rows.get());
    const bool failed = failure && *failure != longhaul::Failure::rolled_back;
    breaker.handle(now(), {.failed = failed, .took = now() - sent_at});
    outliers_.handle(now(), database, failed);
    drain();
    return rows;
  }

  // Once for each transaction, before its first try.
  void note_request() { budget_.note_request(now()); }

  // After a try that failed: how long to wait before the next one, if there is one.
  std::optional<longhaul::Duration> pause_after(const longhaul::FailedTry& failed,
                                                std::uint64_t luck) {
    const longhaul::RetryVerdict verdict = judge_retry(retries_, budget_, now(), failed, luck);
    return verdict.again() ? std::optional(verdict.after) : std::nullopt;
  }

 private:
  // Moves with their reasons: news for the log.
  void drain() {
    for (longhaul::CallBreaker& breaker : breakers_) {
      while (breaker.poll()) continue;
    }
    while (outliers_.poll()) continue;
  }

  longhaul::RetryConfig retries_;
  longhaul::RetryBudget budget_;
  std::vector<longhaul::CallBreaker> breakers_;
  longhaul::OutlierEjection outliers_;
};
