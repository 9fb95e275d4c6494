// What statements do, judged against the manual's chapter "Hot Standby" and a standby of 15.18.
#include "sql/classify.h"

#include <map>

#include "sql/functions.h"
#include "sql/parse_tree.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

// What a standby of PostgreSQL 15.18 answered to the statement, where it was asked.
enum class Standby { takes, refuses, not_asked };

struct Case {
  const char* sql;
  const char* sql_class;
  const char* reason;
  Standby standby = Standby::not_asked;
};

using enum Standby;

// clang-format off
constexpr Case cases[] = {
    // Reads, and what looks like more.
    {"SELECT 1",                                              "read", "only_reads", takes},
    {"VALUES (1)",                                            "read", "only_reads", takes},
    {"TABLE t",                                               "read", "only_reads", takes},
    {"SELECT 'DELETE FROM t; nextval(1)'",                    "read", "only_reads"},
    {"SELECT \"nextval\" FROM t -- FOR UPDATE",               "read", "only_reads"},
    {"SELECT $$INSERT$$ FROM t /* FOR UPDATE */",             "read", "only_reads"},
    {"SELECT count(*), max(a), now(), random() FROM t",       "read", "only_reads"},
    {"SELECT extract(year FROM a), trim(b), a::text FROM t",  "read", "only_reads"},
    {"SELECT row_number() OVER (PARTITION BY a) FROM t",      "read", "only_reads"},
    {"SELECT * FROM generate_series(1, 3) g",                 "read", "only_reads"},
    {"SELECT a FROM t TABLESAMPLE system (10)",               "read", "only_reads", takes},
    {"WITH x AS (SELECT a FROM t) SELECT * FROM x",           "read", "only_reads"},
    {"SELECT a FROM t UNION ALL SELECT a FROM u",             "read", "only_reads"},
    {"SELECT pg_catalog.lower('A')",                          "read", "only_reads"},
    {"SELECT hashtext('a'), version()",                       "read", "only_reads", takes},
    {"SELECT pg_is_in_recovery()",                            "read", "only_reads", takes},
    {"SELECT set_config('app.tenant', '7', true)",            "read", "only_reads", takes},
    {"COPY t TO STDOUT",                                      "read", "only_reads", takes},
    {"COPY (SELECT 1) TO STDOUT",                             "read", "only_reads", takes},
    {"DECLARE c CURSOR FOR SELECT * FROM t",                  "read", "only_reads", takes},
    {"PREPARE q AS SELECT * FROM t WHERE a = $1",             "read", "only_reads", takes},
    {"EXPLAIN INSERT INTO t VALUES (1)",                      "read", "only_explains", takes},
    {"EXPLAIN (ANALYZE off) DELETE FROM t",                   "read", "only_explains", takes},
    {"EXPLAIN (ANALYZE 0) DELETE FROM t",                     "read", "only_explains", takes},
    {"EXPLAIN SELECT * FROM t FOR UPDATE",                    "read", "only_explains", takes},
    {"EXPLAIN CREATE TABLE x AS SELECT 1",                    "read", "only_explains", takes},
    {"EXPLAIN ANALYZE SELECT * FROM t",                       "read", "only_reads", takes},
    // Row locks, at every nesting.
    {"SELECT * FROM t FOR UPDATE",                            "locking_read", "row_lock", refuses},
    {"SELECT * FROM t FOR NO KEY UPDATE SKIP LOCKED",         "locking_read", "row_lock", refuses},
    {"SELECT * FROM t FOR SHARE",                             "locking_read", "row_lock", refuses},
    {"SELECT * FROM t FOR KEY SHARE",                         "locking_read", "row_lock", refuses},
    {"SELECT * FROM t JOIN u USING (a) FOR UPDATE OF u",      "locking_read", "row_lock", refuses},
    {"SELECT * FROM (SELECT * FROM t FOR UPDATE) x",          "locking_read", "row_lock", refuses},
    {"WITH x AS (SELECT * FROM t FOR UPDATE) SELECT * FROM x", "locking_read", "row_lock", refuses},
    {"SELECT (SELECT a FROM t LIMIT 1 FOR SHARE)",            "locking_read", "row_lock", refuses},
    {"DECLARE c CURSOR FOR SELECT * FROM t FOR UPDATE",       "locking_read", "row_lock", refuses},
    {"EXPLAIN ANALYZE SELECT * FROM t FOR UPDATE",            "locking_read", "row_lock", refuses},
    {"PREPARE q AS SELECT * FROM t FOR UPDATE",               "locking_read", "row_lock", takes},
    // Rows that change.
    {"INSERT INTO t VALUES (1)",                              "write", "changes_rows", refuses},
    {"INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING",       "write", "changes_rows", refuses},
    {"UPDATE t SET a = 1",                                    "write", "changes_rows", refuses},
    {"DELETE FROM t WHERE false",                             "write", "changes_rows", refuses},
    {"MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE",
     "write", "changes_rows", refuses},
    {"COPY t FROM STDIN",                                     "write", "changes_rows", refuses},
    {"COPY (DELETE FROM t RETURNING a) TO STDOUT",            "write", "changes_rows", refuses},
    {"TRUNCATE t",                                            "write", "changes_rows", refuses},
    {"EXPLAIN ANALYZE INSERT INTO t VALUES (1)",              "write", "changes_rows", refuses},
    {"EXPLAIN (VERBOSE, ANALYZE) UPDATE t SET a = 1",         "write", "changes_rows", refuses},
    {"PREPARE q AS INSERT INTO t VALUES (1)",                 "write", "changes_rows", takes},
    {"WITH x AS (INSERT INTO t VALUES (1) RETURNING a) SELECT * FROM x",
     "write", "writing_with", refuses},
    {"WITH x AS (DELETE FROM t RETURNING *) SELECT 1 UNION SELECT 2",
     "write", "writing_with", refuses},
    {"WITH x AS (SELECT 1) UPDATE t SET a = 2",               "write", "changes_rows", refuses},
    // Definitions and maintenance.
    {"SELECT 1 INTO x",                                       "write", "creates_table", refuses},
    {"SELECT 1 INTO TEMP x",                                  "write", "creates_table", refuses},
    {"SELECT 1 INTO x UNION SELECT 2",                        "write", "creates_table", refuses},
    {"CREATE TABLE x AS SELECT 1",                            "write", "creates_table", refuses},
    {"CREATE TEMP TABLE x (a int)",                           "write", "changes_schema", refuses},
    {"ALTER TABLE t ADD COLUMN c int",                        "write", "changes_schema", refuses},
    {"DROP TABLE IF EXISTS nosuch",                           "write", "changes_schema", refuses},
    {"CREATE INDEX CONCURRENTLY ON t (a)",                    "write", "changes_schema", refuses},
    {"REFRESH MATERIALIZED VIEW mv",                          "write", "changes_schema", refuses},
    {"COMMENT ON TABLE t IS 'x'",                             "write", "changes_schema", refuses},
    {"GRANT SELECT ON t TO public",                           "write", "changes_schema", refuses},
    {"VACUUM t",                                              "write", "changes_schema", refuses},
    {"ANALYZE t",                                             "write", "changes_schema", refuses},
    {"REINDEX TABLE t",                                       "write", "changes_schema", refuses},
    {"CLUSTER",                                               "write", "changes_schema", refuses},
    {"ALTER DATABASE postgres SET work_mem = '4MB'",          "write", "changes_schema", refuses},
    // Functions.
    {"SELECT nextval('s')",                                   "write", "primary_function", refuses},
    {"SELECT setval('s', 1)",                                 "write", "primary_function", refuses},
    {"SELECT pg_catalog.nextval('s')",                        "write", "primary_function", refuses},
    {"SELECT coalesce(a, nextval('s')) FROM t",               "write", "primary_function"},
    {"SELECT currval('s')",                                   "write", "primary_function", refuses},
    {"SELECT txid_current()",                                 "write", "primary_function", refuses},
    {"SELECT pg_current_wal_lsn()",                           "write", "primary_function", refuses},
    {"SELECT pg_notify('a', 'b')",                            "write", "primary_function", refuses},
    {"SELECT lo_create(0)",                                   "write", "primary_function", refuses},
    {"SELECT pg_advisory_lock(1)",                            "write", "primary_function", takes},
    {"SELECT pg_try_advisory_xact_lock(1)",                   "write", "primary_function", takes},
    {"SELECT dblink_exec('a', 'DELETE FROM t')",              "write", "primary_function"},
    {"SELECT f()", "borderline", "unknown_function", takes},
    {"SELECT * FROM f() x", "borderline", "unknown_function", takes},
    {"SELECT a FROM t WHERE a = app.f(b)",                    "borderline", "unknown_function"},
    {"SELECT public.lower('A')",                              "borderline", "unknown_function"},
    {"SELECT query_to_xml('DELETE FROM t', true, true, '')",  "borderline", "unknown_function"},
    {"SELECT f() FROM t FOR UPDATE",                          "locking_read", "row_lock"},
    {"SELECT f(), nextval('s')",                              "write", "primary_function"},
    {"CALL p()", "borderline", "unknown_function", takes},
    {"DO $$ BEGIN END $$",                                    "borderline", "code_block", takes},
    {"EXECUTE q (1)",                                         "borderline", "prepared_elsewhere"},
    {"SELECT pg_reload_conf()", "borderline", "acts_on_its_server", takes},
    {"SELECT pg_terminate_backend(1)", "borderline", "acts_on_its_server", takes},
    {"CHECKPOINT", "borderline", "acts_on_its_server", takes},
    {"ALTER SYSTEM SET work_mem = '4MB'", "borderline", "acts_on_its_server", takes},
    // Locks, messages, files.
    {"LOCK t",                                                "write", "table_lock", refuses},
    {"LOCK TABLE t IN SHARE MODE",                            "write", "table_lock", refuses},
    {"LOCK TABLE t IN ROW EXCLUSIVE MODE",                    "write", "table_lock", takes},
    {"LISTEN x",                                              "write", "notification", refuses},
    {"NOTIFY x, 'y'",                                         "write", "notification", refuses},
    {"COPY t TO '/tmp/x'",                                    "write", "server_file", takes},
    {"COPY t TO PROGRAM 'gzip'",                              "write", "server_file", takes},
    // Sessions.
    {"",                                                      "session", "no_statement"},
    {"-- nothing\n;;",                                        "session", "no_statement"},
    {"SHOW work_mem",                                         "session", "session_state", takes},
    {"SET work_mem = '64MB'",                                 "session", "session_state", takes},
    {"SET LOCAL app.tenant = '7'",                            "session", "session_state", takes},
    {"RESET ALL",                                             "session", "session_state", takes},
    {"SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", "session", "session_state", takes},
    {"SET default_transaction_read_only = on",                "session", "session_state", takes},
    {"DISCARD ALL",                                           "session", "session_state", takes},
    {"UNLISTEN x",                                            "session", "session_state", takes},
    {"FETCH 10 FROM c",                                       "session", "session_state", takes},
    {"CLOSE c",                                               "session", "session_state", takes},
    {"DEALLOCATE q",                                          "session", "session_state", takes},
    // Transactions.
    {"BEGIN", "transaction", "transaction_control", takes},
    {"START TRANSACTION READ ONLY", "transaction", "transaction_control", takes},
    {"BEGIN ISOLATION LEVEL REPEATABLE READ", "transaction", "transaction_control", takes},
    {"SAVEPOINT a", "transaction", "transaction_control", takes},
    {"ROLLBACK TO a", "transaction", "transaction_control", takes},
    {"COMMIT", "transaction", "transaction_control", takes},
    {"SET TRANSACTION READ ONLY", "transaction", "transaction_control", takes},
    {"BEGIN READ WRITE", "write", "read_write_transaction", refuses},
    {"SET TRANSACTION READ WRITE", "write", "read_write_transaction", refuses},
    {"SET transaction_read_only = off", "write", "read_write_transaction", refuses},
    {"BEGIN ISOLATION LEVEL SERIALIZABLE", "write", "serializable_transaction", refuses},
    {"BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY", "write", "serializable_transaction", refuses},
    {"PREPARE TRANSACTION 'x'",                               "write", "two_phase_commit", refuses},
    {"COMMIT PREPARED 'x'",                                   "write", "two_phase_commit", refuses},
    // The strongest of several.
    {"SELECT 1; SELECT 2",                                    "read", "only_reads"},
    {"SET a.b = 1; SELECT 1",                                 "read", "only_reads"},
    {"BEGIN READ ONLY; SELECT 1; COMMIT",                     "read", "only_reads"},
    {"SELECT 1; SELECT f()",                                  "borderline", "unknown_function"},
    {"SELECT f(); SELECT * FROM t FOR UPDATE",                "locking_read", "row_lock"},
    {"SELECT * FROM t FOR UPDATE; DELETE FROM t; SELECT 1",   "write", "changes_rows"},
};
// clang-format on

SqlVerdict verdict_of(const std::string& sql, const SqlRules& rules = {}) {
  const Result<SqlVerdict> verdict = classify(sql, rules);
  INFO(sql);
  REQUIRE(verdict);
  return verdict.value();
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("classify: every statement of the table has its class and its reason", "[sql]") {
  for (const Case& row : cases) {
    const SqlVerdict verdict = verdict_of(row.sql);
    INFO(row.sql);
    REQUIRE(enum_text(verdict.sql_class) == row.sql_class);
    REQUIRE(enum_text(verdict.reason) == row.reason);
  }
}

// The promise that a router lives on. The other way round there is room: an advisory lock is taken
// by a standby and means nothing there.
TEST_CASE("classify: nothing that a standby refuses may go to one", "[sql]") {
  for (const Case& row : cases) {
    if (row.standby != refuses) continue;
    INFO(row.sql);
    REQUIRE(statement_class(verdict_of(row.sql).sql_class) != StatementClass::read);
  }
}

TEST_CASE("classify: what a statement does does not change with letters and blanks", "[sql]") {
  REQUIRE(verdict_of("select NEXTVAL('s')").what == "nextval");
  REQUIRE(verdict_of("SELECT \"NEXTVAL\"('s')").reason == SqlReason::unknown_function);
  REQUIRE(verdict_of("/* x */ seLECt\n*\nfrom t\tfOr\nUPDATE").reason == SqlReason::row_lock);
}

TEST_CASE("classify: a function that somebody vouches for only reads", "[sql]") {
  const SqlRules rules{{"totals", "app.search"}};
  REQUIRE(verdict_of("SELECT totals(1)", rules).sql_class == SqlClass::read);
  REQUIRE(verdict_of("SELECT other.totals(1)", rules).sql_class == SqlClass::read);
  REQUIRE(verdict_of("SELECT app.search('x')", rules).sql_class == SqlClass::read);
  REQUIRE(verdict_of("SELECT other.search('x')", rules).what == "other.search");
  REQUIRE(verdict_of("SELECT search('x')", rules).sql_class == SqlClass::borderline);
  REQUIRE(verdict_of("SELECT totals(nextval('s'))", rules).sql_class == SqlClass::write);
  // Procedures are functions in this respect.
  REQUIRE(verdict_of("CALL totals()", rules).sql_class == SqlClass::read);
}

TEST_CASE("classify: tables come in the order of the text, without the names of WITH", "[sql]") {
  REQUIRE(verdict_of("SELECT (SELECT 1 FROM a) FROM b JOIN c USING (x), a").tables ==
          Names{"a", "b", "c"});
  REQUIRE(verdict_of("WITH w AS (SELECT * FROM t) SELECT * FROM w, app.u").tables ==
          Names{"t", "u"});
  REQUIRE(verdict_of("SELECT * FROM t AS x FOR UPDATE OF x").tables == Names{"t"});
  const SqlVerdict moved =
      verdict_of("WITH m AS (SELECT * FROM inbox) INSERT INTO archive SELECT * FROM m");
  REQUIRE(moved.tables == Names{"inbox", "archive"});
  REQUIRE(moved.changed == "archive");
  REQUIRE(verdict_of("SELECT * FROM \"a\\\"\"b\nc\"").tables == Names{"a\\\"b\nc"});
  REQUIRE(verdict_of("COPY t TO STDOUT").changed.empty());
}

TEST_CASE("classify: what is no SQL has the place of its mistake", "[sql]") {
  const Result<SqlVerdict> wrong = classify("SELECT a\nFROM t WHRE b = 'é' ORDR");
  REQUIRE(!wrong);
  // FROM t WHRE reads as an alias; "b" in line 2, behind "FROM t WHRE ", is what cannot be.
  REQUIRE(wrong.errors().front().line == 2);
  REQUIRE(wrong.errors().front().column == 13);
  REQUIRE(wrong.errors().front().expected.find("at or near \"b\"") != std::string::npos);
  REQUIRE(!classify("SELEC 1"));
  REQUIRE(!classify("SELECT 1; SELECT ("));
  REQUIRE(!classify("SELECT 'open"));
  REQUIRE(!classify(std::string("SELECT 1\0; DELETE FROM t", 24)));
  REQUIRE(!classify("WAIT FOR LSN '0/1'"));  // PostgreSQL 19; the grammar is 15's
}

TEST_CASE("classify: a text falls into statements, also into wrong ones", "[sql]") {
  REQUIRE(split_statements("SELECT ';'; SELEC 2 ;\n-- x;\nDELETE FROM t") ==
          Names{"SELECT ';'", "SELEC 2", "-- x;\nDELETE FROM t"});
  REQUIRE(split_statements("SELECT 1 /* ; /* ; */ ; */; SELECT \";\"\"\", 'it''s;'") ==
          Names{"SELECT 1 /* ; /* ; */ ; */", "SELECT \";\"\"\", 'it''s;'"});
  REQUIRE(split_statements("DO $x$ a; $y$; b; $x$; SELECT $1; SELECT E'\\';', a$b$c;2") ==
          Names{"DO $x$ a; $y$; b; $x$", "SELECT $1", "SELECT E'\\';', a$b$c", "2"});
  REQUIRE(split_statements("SELECT 'open; SELECT 1") == Names{"SELECT 'open; SELECT 1"});
  REQUIRE(split_statements("SELECT $open$; SELECT 1") == Names{"SELECT $open$; SELECT 1"});
  REQUIRE(split_statements(" ;\n; ").empty());
}

// One level for "+1": the deepest nesting that the limit admits. 9,000 brackets are below the
// parser's own limit of 10,000.
TEST_CASE("classify: deep and long text is classified or refused, never fatal", "[sql]") {
  std::string sum = "SELECT nextval('s')";
  while (sum.size() + 2 <= ParseTree::text_max) sum += "+1";
  REQUIRE(verdict_of(sum).sql_class == SqlClass::write);
  REQUIRE(!classify(sum + "+1"));
  const std::string brackets(9'000, '(');
  REQUIRE(verdict_of("SELECT " + brackets + "f()" + std::string(9'000, ')')).what == "f");
  REQUIRE(!classify("SELECT " + std::string(12'000, '(')));
}

TEST_CASE("classify: what a text leaves behind of a transaction", "[sql]") {
  auto effect = [](const std::string& sql) {
    return std::string(enum_text(verdict_of(sql).transaction));
  };
  REQUIRE(effect("BEGIN") == "begins");
  REQUIRE(effect("START TRANSACTION READ ONLY") == "begins_read_only");
  REQUIRE(effect("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY") == "begins_read_only");
  REQUIRE(effect("BEGIN READ WRITE") == "begins_read_write");
  REQUIRE(effect("SET TRANSACTION READ ONLY") == "becomes_read_only");
  REQUIRE(effect("SET transaction_read_only = off") == "becomes_read_write");
  REQUIRE(effect("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY") == "none");
  REQUIRE(effect("COMMIT") == "ends");
  REQUIRE(effect("ROLLBACK") == "ends");
  REQUIRE(effect("PREPARE TRANSACTION 'x'") == "ends");
  REQUIRE(effect("COMMIT AND CHAIN") == "none");
  REQUIRE(effect("ROLLBACK TO SAVEPOINT a") == "none");
  REQUIRE(effect("COMMIT PREPARED 'x'") == "none");
  REQUIRE(effect("BEGIN; UPDATE t SET a = 1; COMMIT") == "ends");
}

TEST_CASE("transaction state: reads stay with the writes of their transaction", "[sql]") {
  TransactionState session;
  auto writing = [&](const std::string& sql) {
    return session.next(verdict_of(sql)).in_writing_transaction;
  };
  REQUIRE(!writing("SELECT 1"));
  REQUIRE(writing("BEGIN"));
  REQUIRE(writing("SELECT 1"));
  REQUIRE(writing("COMMIT"));
  REQUIRE(!writing("SELECT 1"));
  // One that says at once that it only reads may go to a replica, whole.
  REQUIRE(!writing("BEGIN READ ONLY"));
  REQUIRE(session.is_read_only());
  REQUIRE(!writing("SELECT 1"));
  REQUIRE(!writing("ROLLBACK"));
  REQUIRE(!session.is_open());
  // Said later, it is where BEGIN went.
  REQUIRE(writing("BEGIN"));
  REQUIRE(!writing("SET TRANSACTION READ ONLY"));
  REQUIRE(writing("ROLLBACK; BEGIN"));
}

TEST_CASE("classified texts: a text is parsed once while its slot is its own", "[sql]") {
  ClassifiedTexts texts(1, SqlRules{{"totals"}});
  REQUIRE(texts.classify("SELECT totals($1)").sql_class == SqlClass::read);
  REQUIRE(texts.classify("SELECT totals($1)").sql_class == SqlClass::read);
  REQUIRE(texts.hits() == 1);
  REQUIRE(texts.classify("DELETE FROM t").sql_class == SqlClass::write);
  REQUIRE(texts.classify("SELECT totals($1)").sql_class == SqlClass::read);
  REQUIRE(texts.hits() == 1);
  REQUIRE(texts.classify("SELEC 1").reason == SqlReason::does_not_parse);
  REQUIRE(statement_class(texts.classify("SELEC 1").sql_class) == StatementClass::write);
}

TEST_CASE("functions: each has one effect, and an unknown name none", "[sql]") {
  REQUIRE(builtin_effect("abbrev") == FunctionEffect::reads);  // the first and the last of a list
  REQUIRE(builtin_effect("xpath_exists") == FunctionEffect::reads);
  REQUIRE(builtin_effect("setseed") == FunctionEffect::session);
  REQUIRE(builtin_effect("pg_stat_reset") == FunctionEffect::server);
  REQUIRE(builtin_effect("txid_current") == FunctionEffect::primary);
  REQUIRE(builtin_effect("") == FunctionEffect::unknown);
  REQUIRE(builtin_effect("query_to_xml") == FunctionEffect::unknown);
}

}  // namespace longhaul
