#include "run/sql_statements.h"

#include "tests/catch.h"

namespace longhaul {
namespace {

// A scenario whose one page makes these calls.
std::string with_calls(const std::string& calls) {
  return R"({"format": 1, "name": "x", "purpose": "Calls given as SQL.",
    "duration": "10s", "warmup": "0s",
    "topology": {"regions": ["aws:us-east-1"],
                 "nodes": [{"name": "db", "region": "aws:us-east-1", "role": "primary"}],
                 "apps": [{"name": "app", "region": "aws:us-east-1"}]},
    "data": [{"name": "profile"}, {"name": "orders"}],
    "sql": {"read_only_functions": ["totals"]},
    "workload": [{"name": "eu", "from": "aws:us-east-1", "rate": "1/s",
                  "pages": [{"name": "home", "calls": [)" +
         calls + "]}]}]}";
}

Scenario loaded(const std::string& calls) {
  const std::string text = with_calls(calls);
  const Result<Scenario> scenario =
      load_scenario("x.json", {}, [&](const std::string&) -> Result<std::string> { return text; });
  REQUIRE(scenario.ok());
  return scenario.value();
}

std::string call(const std::string& sql, const std::string& more = "") {
  return "{\"sql\": \"" + sql + "\"" + more + "}";
}

CallConfig call_of(const std::string& calls) {
  return loaded(calls).cluster.workload.at(0).pages.at(0).calls.at(0);
}

}  // namespace

TEST_CASE("sql statements: each becomes what it does to its data set", "[run][sql]") {
  REQUIRE(call_of(call("SELECT * FROM profile WHERE id = $1")).read == "profile");
  REQUIRE(call_of(call("SELECT * FROM orders FOR UPDATE")).locking_read == "orders");
  REQUIRE(call_of(call("UPDATE profile SET name = $1")).write == "profile");
  // What changes comes before what is read first; a table that is no data set is passed over.
  const std::string moving = "WITH o AS (SELECT id FROM orders) DELETE FROM profile USING o";
  REQUIRE(call_of(call(moving)).write == "profile");
  REQUIRE(call_of(call("SELECT * FROM regions JOIN orders USING (id)")).read == "orders");
}

TEST_CASE("sql statements: \"data\" names the data set of what has no table", "[run][sql]") {
  const std::string orders = ", \"data\": \"orders\"";
  REQUIRE(call_of(call("SELECT totals($1)", orders)).read == "orders");
  REQUIRE(call_of(call("SELECT * FROM profile", orders)).read == "orders");
}

TEST_CASE("sql statements: a function that nobody vouches for goes to the primary", "[run][sql]") {
  const std::string sql = "SELECT app.refresh(id) FROM orders";
  const Scenario scenario = loaded(call(sql));
  const CallConfig call_made = scenario.cluster.workload[0].pages[0].calls[0];
  REQUIRE(call_made.read == "orders");
  REQUIRE(call_made.max_staleness == Duration{});  // never stale: the primary
  REQUIRE(scenario.warnings.size() == 1);
  REQUIRE_THAT(scenario.warnings[0], Catch::StartsWith("workload.eu.pages.home.calls[0].sql: ") &&
                                         Catch::EndsWith("(app.refresh)"));
  // What a person wrote stays as it is: in the effective configuration, and in the digest.
  REQUIRE(scenario.config.workload[0].pages[0].calls[0].sql == sql);
}

TEST_CASE("sql statements: those of a transaction are classified one by one", "[run][sql]") {
  const CallConfig transaction =
      call_of("{\"transaction\": [" + call("SELECT * FROM orders FOR SHARE") + ", " +
              call("DELETE FROM profile") + "]}");
  REQUIRE(transaction.transaction->at(0).locking_read == "orders");
  REQUIRE(transaction.transaction->at(1).write == "profile");
}

}  // namespace longhaul
