// A service that reads from the nearest replica that is fresh enough, and writes to the primary.
#pragma once

#include <thread>
#include <vector>

#include "base/digest.h"
#include "policy/router.h"
#include "sql/classify.h"
#include "tests/embedding/probe.h"

// What stays with one user between statements; the token travels in a cookie or a session store.
struct Session {
  longhaul::SessionToken token;
  longhaul::TransactionState transaction;
  longhaul::Decision decision;  // the last one; an open transaction stays where it began
};

class Service {
 public:
  Service(const longhaul::PolicyConfig& config, const std::vector<std::string>& conninfos)
      : router_(config, std::vector<longhaul::Candidate>(conninfos.size())) {
    for (const std::string& conninfo : conninfos) {
      databases_.emplace_back(PQconnectdb(conninfo.c_str()), PQfinish);
    }
  }

  // Every lag_breaker.probe_interval. A database that hangs needs a time-out, and a thread.
  void probe() {
    for (std::uint32_t i = 0; i < databases_.size(); ++i) observe_and_tell({i});
    router_.on_timer(now());
    drain();
  }

  // The answer; null when the policy refuses, for the reason in session.decision.
  Rows query(const std::string& sql, Session& session) {
    const bool was_open = session.transaction.is_open();
    longhaul::StatementRequest request = session.transaction.next(texts_.classify(sql));
    request.number = longhaul::mix64(++requests_);
    if (!was_open) session.decision = decide(request, session.token);
    if (session.decision.kind != longhaul::DecisionKind::serve) return {nullptr, PQclear};
    Rows rows(PQexec(connection(session.decision.database), sql.c_str()), PQclear);
    const bool writes =
        request.in_writing_transaction || request.statement == longhaul::StatementClass::write;
    if (!writes || session.transaction.is_open()) return rows;
    if (const auto seen = observe_and_tell(session.decision.database)) {  // after COMMIT
      note_write(session.token, seen->timeline, seen->replay_lsn, now());
    }
    return rows;
  }

  PGconn* connection(longhaul::DatabaseIndex database) { return databases_[database.value].get(); }

 private:
  longhaul::Decision decide(longhaul::StatementRequest request, longhaul::SessionToken& token) {
    longhaul::Decision decision = router_.decide(now(), request, token);
    while (decision.kind == longhaul::DecisionKind::queue) {
      std::this_thread::sleep_for(std::chrono::nanoseconds(decision.wait.ns));
      request.queued_for = request.queued_for + decision.wait;
      decision = router_.decide(now(), request, token);
    }
    const longhaul::TimePoint until = now() + decision.wait;
    while (decision.kind == longhaul::DecisionKind::wait_then_serve) {
      const auto seen = observe_and_tell(decision.database);
      const auto verdict = seen ? judge_wait(decision, *seen) : longhaul::WaitVerdict::give_up;
      if (verdict == longhaul::WaitVerdict::keep_waiting && now() < until) continue;
      decision = router_.after_wait(now(), request, decision, verdict);
    }
    return decision;
  }

  std::optional<longhaul::Observation> observe_and_tell(longhaul::DatabaseIndex database) {
    const longhaul::TimePoint sent_at = now();
    const std::optional<longhaul::Observation> seen = observe(connection(database));
    if (seen) router_.handle(now(), database, *seen);
    if (!seen) router_.handle(now(), database, longhaul::ProbeFailed{sent_at});
    drain();
    return seen;
  }

  // Breakers that moved, a new primary: news for the log, each with its reason.
  void drain() {
    while (router_.poll()) continue;
  }

  longhaul::Router router_;
  longhaul::ClassifiedTexts texts_;
  std::vector<Connection> databases_;
  std::uint64_t requests_ = 0;
};
