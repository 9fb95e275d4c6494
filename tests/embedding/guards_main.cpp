// The guards of docs/embedding.md around calls that answer and calls that do not, without a server.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/embedding/guards.h"

namespace {

using longhaul::milliseconds;
using longhaul::percent;
using longhaul::seconds;

void expect(bool holds, const char* what) {
  if (holds) return;
  std::printf("not so: %s\n", what);
  std::exit(1);
}

// libpq makes such a result itself when the connection is gone: without a code of the server's.
Rows result_of(ExecStatusType status) { return {PQmakeEmptyPGresult(nullptr, status), PQclear}; }

longhaul::PolicyConfig policy() {
  longhaul::PolicyConfig config;
  config.call_breaker.mode = longhaul::CallBreakerMode::automatic;
  config.call_breaker.window_calls = config.call_breaker.minimum_calls = 4;
  config.call_breaker.wait_in_open = milliseconds(20);
  config.call_breaker.half_open_calls = 1;
  config.outlier_ejection.enabled = true;
  config.outlier_ejection.consecutive_failures = 3;
  config.retries.attempts = 10;
  config.retries.base = milliseconds(1);
  config.retries.budget = {.share = percent(0), .minimum = {}, .burst = 2};
  return config;
}

struct Host {
  Guards guards{policy(), 2};

  bool answers(std::uint32_t database, ExecStatusType status, bool in_transaction = false) {
    return guards.call({database}, in_transaction, [&] { return result_of(status); }) != nullptr;
  }
  longhaul::StatementRequest marked() {
    longhaul::StatementRequest request;
    guards.mark(request);
    return request;
  }
};

void a_database_that_fails() {
  Host host;
  expect(host.marked().rejected == 0 && host.marked().ejected == 0, "at first all get calls");
  for (int i = 0; i < 3; ++i) expect(host.answers(1, PGRES_FATAL_ERROR), "the call is made");
  expect(host.marked().ejected == 2, "three failures in a row eject it");
  expect(host.marked().rejected == 0, "three of four calls do not fill its window");
  expect(host.answers(1, PGRES_FATAL_ERROR), "ejection is the router's business");
  expect(host.marked().rejected == 2, "four failures of four open its breaker");
  expect(!host.answers(1, PGRES_TUPLES_OK), "an open breaker lets no call through");
  expect(host.answers(1, PGRES_COMMAND_OK, true), "an open transaction goes on");
  expect(host.answers(0, PGRES_TUPLES_OK), "the other database gets its calls");
  const longhaul::TimePoint until = now() + milliseconds(25);
  while (now() < until) continue;
  expect(host.answers(1, PGRES_TUPLES_OK), "a trial after wait_in_open");
  expect(host.marked().rejected == 0, "one good trial closes it");
}

void what_is_tried_again() {
  Host host;
  host.guards.note_request();
  longhaul::FailedTry failed{.failure = longhaul::Failure::connection_lost,
                             .statement = longhaul::StatementClass::write,
                             .commit_sent = true};
  expect(!host.guards.pause_after(failed, 0), "a COMMIT that may have been done");
  failed.commit_sent = false;
  expect(host.guards.pause_after(failed, 0) == milliseconds(1), "a statement before it");
  expect(host.guards.pause_after(failed, 0).has_value(), "the budget holds two retries");
  expect(!host.guards.pause_after(failed, 0), "and no third");
}

void what_an_error_means() {
  expect(!failure_of(result_of(PGRES_TUPLES_OK).get()), "rows are no failure");
  expect(failure_of(result_of(PGRES_FATAL_ERROR).get()) == longhaul::Failure::connection_lost,
         "an error that no server sent");
}

}  // namespace

int main() {
  a_database_that_fails();
  what_is_tried_again();
  what_an_error_means();
}
