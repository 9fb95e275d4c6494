// What SQL text does, as far as it decides where it may run: the reads for a replica, the rest for
// the primary. The same code for a production process and for scenarios that give statements as
// SQL.
//
// The text is parsed by PostgreSQL 15's grammar (libpg_query) and every nesting is looked at: a
// FOR UPDATE in a sub-select, an INSERT in a WITH, a nextval() in a default argument. Several
// statements in one text run on one server, so the strongest class counts.
//
// A hot standby (PostgreSQL manual, "Hot Standby", User's Overview; facts of 15.18 measured)
//   takes    SELECT, VALUES, TABLE, COPY TO, EXPLAIN of anything (EXPLAIN ANALYZE runs it), SHOW,
//            SET, cursors, PREPARE, BEGIN, SAVEPOINT, COMMIT, DISCARD, LOAD, UNLISTEN, CHECKPOINT;
//   refuses  with 25006: INSERT, UPDATE, DELETE, MERGE, COPY FROM, TRUNCATE, also inside a WITH;
//            SELECT FOR UPDATE, NO KEY UPDATE, SHARE, KEY SHARE; SELECT INTO and all DDL,
//            temporary tables too; nextval, setval, pg_current_xact_id; LOCK above ROW EXCLUSIVE;
//            LISTEN, NOTIFY; VACUUM, ANALYZE, REINDEX; PREPARE TRANSACTION and its kin;
//            with 0A000: READ WRITE and SERIALIZABLE, even SERIALIZABLE READ ONLY;
//            with 55000: pg_current_wal_lsn, pg_switch_wal;
//   takes what is pointless there: advisory locks and weak LOCKs that lock nobody out on the
//            primary, currval of a sequence that it cannot advance. They are writes here.
// "Takes" is not "is right": a session's settings, cursors and prepared statements live on the
// connection that made them.
//
// A function that is not PostgreSQL's own may write. Such a statement is `borderline` and goes to
// the primary, unless the rules name the function. So does what only another text could tell: DO,
// EXECUTE, query_to_xml().
//
// Left out: views, rules, operators and casts whose functions write (name the view's reads as
// usual, the standby refuses the rest); overloads of PostgreSQL's own names; syntax newer than 15,
// which is an error; text above 32 KiB, likewise. A host sends what is an error to the primary.
//
// Caching. A parse costs 7 us for a short statement and 40 us for a join of three tables, a good
// part of what running it costs, so a host classifies each text once: by ClassifiedTexts (0.1 to
// 0.5 us), or beside its prepared statements. The key is the text itself, which repeats when values
// travel as parameters ($1). libpg_query's fingerprint or normalised text as a key saves nothing:
// each parses the statement first. Text with values written into it, different each time, misses;
// parameters are the cure for that too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/result.h"
#include "policy/types.h"

namespace longhaul {

// In the order of strength.
enum class SqlClass : std::uint8_t {
  session,       // touches no data: SET, SHOW, CLOSE; goes where the session is
  transaction,   // BEGIN, SAVEPOINT, COMMIT; see TransactionEffect
  read,          // any server
  borderline,    // calls what may write: the primary, unless the rules know better
  locking_read,  // takes row locks: the primary
  write,         // the primary
};

enum class SqlReason : std::uint8_t {
  no_statement,
  session_state,
  transaction_control,
  only_reads,
  only_explains,
  unknown_function,
  code_block,
  prepared_elsewhere,
  acts_on_its_server,
  does_not_parse,  // ClassifiedTexts only
  row_lock,
  changes_rows,
  writing_with,
  creates_table,
  changes_schema,
  primary_function,
  table_lock,
  notification,
  server_file,
  two_phase_commit,
  read_write_transaction,
  serializable_transaction,
};
constexpr std::size_t sql_reason_count =
    static_cast<std::size_t>(SqlReason::serializable_transaction) + 1;

// What the text leaves behind: the last of its statements that says something about it.
enum class TransactionEffect : std::uint8_t {
  none,
  begins,  // by the session's default, so nobody knows yet whether it writes
  begins_read_only,
  begins_read_write,
  becomes_read_only,  // SET TRANSACTION READ ONLY, within one
  becomes_read_write,
  ends,
};

template <>
const EnumNames& enum_names<SqlClass>();
template <>
const EnumNames& enum_names<SqlReason>();  // with a sentence for people each
template <>
const EnumNames& enum_names<TransactionEffect>();

// What a team knows about its own functions and procedures.
struct SqlRules {
  // "totals" means a function of that name in any schema, "app.totals" only that one.
  std::vector<std::string> read_only_functions;

  static const FieldTable& fields();
  friend bool operator==(const SqlRules&, const SqlRules&) = default;
};

struct SqlVerdict {
  SqlClass sql_class = SqlClass::session;
  SqlReason reason = SqlReason::no_statement;  // why it is of that class
  std::string what;                            // the function that decided, or empty
  TransactionEffect transaction = TransactionEffect::none;
  std::int64_t statements = 0;
  std::string changed;              // the first table whose rows it changes
  std::vector<std::string> tables;  // in the order of the text, without the names of WITH

  friend bool operator==(const SqlVerdict&, const SqlVerdict&) = default;
};

// Fails on a syntax error, with its place.
Result<SqlVerdict> classify(const std::string& sql, const SqlRules& rules = {});

// The statements of a text, right or wrong, without the semicolons between them. Semicolons in
// quotes and comments part nothing; those of a BEGIN ATOMIC body do.
std::vector<std::string> split_statements(std::string_view sql);

// What the router is asked for it: borderline counts as a write.
StatementClass statement_class(SqlClass sql_class);

// Follows the transactions of one session, statement by statement. A transaction that may write
// is asked for as a writing one, so its reads stay with its writes; one that is READ ONLY is asked
// for as one read, at its first statement, and stays where that went.
class TransactionState {
 public:
  // The request for this text, and the state behind it.
  StatementRequest next(const SqlVerdict& verdict);

  bool is_open() const { return is_open_; }
  bool is_read_only() const { return is_open_ && is_read_only_; }

 private:
  bool is_open_ = false;
  bool is_read_only_ = false;
};

// Remembers the verdicts of the texts classified last, at most `slots` of them: each text has one
// slot, by its hash, and a newcomer takes it over. One thread.
class ClassifiedTexts {
 public:
  explicit ClassifiedTexts(std::size_t slots = 1024, SqlRules rules = {});

  // Text that does not parse is borderline: the primary says what is wrong with it. Valid until
  // the next call.
  const SqlVerdict& classify(std::string_view sql);

  std::uint64_t hits() const { return hits_; }

 private:
  struct Slot {
    std::string text;
    SqlVerdict verdict;
    bool is_taken = false;
  };

  SqlRules rules_;
  std::vector<Slot> slots_;
  std::uint64_t hits_ = 0;
};

}  // namespace longhaul
