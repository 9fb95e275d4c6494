// The names of the enumerations and the parameters of the classifier.
#include "sql/classify.h"

namespace longhaul {

template <>
const EnumNames& enum_names<SqlClass>() {
  static const EnumNames names{
      {"session", "transaction", "read", "borderline", "locking_read", "write"},
      {"Touches no data: goes where the session is.", "Begins, marks or ends a transaction.",
       "Any server.", "May write: the primary, unless the rules know better.",
       "Takes row locks: the primary.", "The primary."}};
  return names;
}

template <>
const EnumNames& enum_names<SqlReason>() {
  static const EnumNames names{
      {"no_statement",
       "session_state",
       "transaction_control",
       "only_reads",
       "only_explains",
       "unknown_function",
       "code_block",
       "prepared_elsewhere",
       "acts_on_its_server",
       "does_not_parse",
       "row_lock",
       "changes_rows",
       "writing_with",
       "creates_table",
       "changes_schema",
       "primary_function",
       "table_lock",
       "notification",
       "server_file",
       "two_phase_commit",
       "read_write_transaction",
       "serializable_transaction"},
      {"there is no statement",
       "it concerns the session that sends it, and no data",
       "it begins, marks or ends a transaction",
       "it reads, and every function in it is known to only read",
       "EXPLAIN without ANALYZE plans and does not run",
       "it calls a function that may write; name it in read_only_functions if it does not",
       "what an anonymous code block does is not known",
       "it runs a statement that was prepared elsewhere",
       "it acts on the server that it is sent to, so somebody must say which",
       "it does not parse, so the primary is to say what is wrong with it",
       "it takes row locks, which a standby refuses",
       "it changes rows",
       "it changes rows inside a WITH",
       "it creates a table from a query",
       "it changes or maintains the schema, which a standby refuses",
       "it calls a function that writes or that has a meaning on the primary only",
       "it locks a table, which locks nobody out unless on the primary",
       "a standby neither listens nor notifies",
       "it writes a file or feeds a program on the server",
       "two-phase commit writes the log even for a transaction that only read",
       "the transaction asks to be READ WRITE, which a standby refuses",
       "a standby has no SERIALIZABLE, not even for a transaction that only reads"}};
  return names;
}

template <>
const EnumNames& enum_names<TransactionEffect>() {
  static const EnumNames names{{"none", "begins", "begins_read_only", "begins_read_write",
                                "becomes_read_only", "becomes_read_write", "ends"},
                               {}};
  return names;
}

const FieldTable& SqlRules::fields() {
  static const FieldTable table = field_table<SqlRules>(
      "sql", {
                 field<&SqlRules::read_only_functions>("read_only_functions")
                     .about("Functions and procedures of the team's own that only read, as "
                            "\"name\" (of any schema) or \"schema.name\". A statement that calls "
                            "any other goes to the primary.")
                     .source("none: a function that nobody vouches for may write")
                     .items(0, 10'000),
             });
  return table;
}

}  // namespace longhaul
