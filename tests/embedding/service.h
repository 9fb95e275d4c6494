// A service that reads from the nearest replica that is fresh enough, and writes to the primary.
#pragma once

#include <thread>
#include <vector>

#include "base/digest.h"
#include "policy/router.h"
#include "sql/classify.h"
#include "tests/embedding/guards.h"
#include "tests/embedding/probe.h"

// What stays with one user between statements; the token travels in a cookie or a session store.
struct Session {
  longhaul::SessionToken token;
  longhaul::TransactionState transaction;
  longhaul::Decision decision;  // the last one; an open transaction stays where it began
  bool writes = false;          // the last statement did, or its transaction does
};

class Service {
 public:
  Service(const longhaul::PolicyConfig& config, const std::vector<std::string>& conninfos)
      : router_(config, std::vector<longhaul::Candidate>(conninfos.size())),
        guards_(config, conninfos.size()) {
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

  // One statement, or a transaction from BEGIN to COMMIT, tried again as a whole as far as
  // policy.retries allows. The answer to the last statement that was sent.
  Rows run(const std::vector<std::string>& transaction, Session& session) {
    guards_.note_request();
    for (longhaul::FailedTry failed;; ++failed.attempts) {
      Rows rows{nullptr, PQclear};
      std::optional<longhaul::Failure> failure;
      for (const std::string& sql : transaction) {
        rows = query(sql, session);
        failure = rows ? failure_of(rows.get()) : longhaul::Failure::no_database;
        failed.commit_sent = &sql == &transaction.back();
        if (!rows || PQresultStatus(rows.get()) == PGRES_FATAL_ERROR) break;
      }
      if (session.transaction.is_open()) {
        PQclear(PQexec(connection(session.decision.database), "ROLLBACK"));
        session.transaction = {};
      }
      if (!failure) return rows;
      failed.failure = *failure;
      failed.statement =
          session.writes ? longhaul::StatementClass::write : longhaul::StatementClass::read;
      const auto pause = guards_.pause_after(failed, longhaul::mix64(++requests_));
      if (!pause) return rows;
      std::this_thread::sleep_for(std::chrono::nanoseconds(pause->ns));
    }
  }

  // One try of one statement: its answer, null when the policy refuses, for the reason in
  // session.decision.
  Rows query(const std::string& sql, Session& session) {
    const bool was_open = session.transaction.is_open();
    longhaul::StatementRequest request = session.transaction.next(texts_.classify(sql));
    request.number = longhaul::mix64(++requests_);
    session.writes =
        request.in_writing_transaction || request.statement == longhaul::StatementClass::write;
    if (!was_open) session.decision = decide(request, session.token);
    if (session.decision.kind != longhaul::DecisionKind::serve) return {nullptr, PQclear};
    Rows rows = guards_.call(session.decision.database, was_open, [&]() -> Rows {
      return {PQexec(connection(session.decision.database), sql.c_str()), PQclear};
    });
    if (!rows || !session.writes || session.transaction.is_open()) return rows;
    if (const auto seen = observe_and_tell(session.decision.database)) {  // after COMMIT
      note_write(session.token, seen->timeline, seen->replay_lsn, now());
    }
    return rows;
  }

  PGconn* connection(longhaul::DatabaseIndex database) { return databases_[database.value].get(); }

 private:
  longhaul::Decision decide(longhaul::StatementRequest request, longhaul::SessionToken& token) {
    guards_.mark(request);
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
  Guards guards_;
  longhaul::ClassifiedTexts texts_;
  std::vector<Connection> databases_;
  std::uint64_t requests_ = 0;
};
