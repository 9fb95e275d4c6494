#include "sql/classify.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/digest.h"
#include "sql/functions.h"
#include "sql/parse_tree.h"

namespace longhaul {
namespace {

// A statement whose kind alone decides. All others that are not handled below define or maintain
// things: changes_schema.
struct KindRule {
  std::string_view node;
  SqlClass sql_class;
  SqlReason reason;
};

// clang-format off
constexpr KindRule kind_rules[] = {
    {"SelectStmt",         SqlClass::read,       SqlReason::only_reads},
    {"InsertStmt",         SqlClass::write,      SqlReason::changes_rows},
    {"UpdateStmt",         SqlClass::write,      SqlReason::changes_rows},
    {"DeleteStmt",         SqlClass::write,      SqlReason::changes_rows},
    {"MergeStmt",          SqlClass::write,      SqlReason::changes_rows},
    {"TruncateStmt",       SqlClass::write,      SqlReason::changes_rows},
    {"CreateTableAsStmt",  SqlClass::write,      SqlReason::creates_table},
    {"LockStmt",           SqlClass::write,      SqlReason::table_lock},
    {"ListenStmt",         SqlClass::write,      SqlReason::notification},
    {"NotifyStmt",         SqlClass::write,      SqlReason::notification},
    {"CallStmt",           SqlClass::read,       SqlReason::only_reads},  // its function decides
    {"DoStmt",             SqlClass::borderline, SqlReason::code_block},
    {"ExecuteStmt",        SqlClass::borderline, SqlReason::prepared_elsewhere},
    {"CheckPointStmt",     SqlClass::borderline, SqlReason::acts_on_its_server},
    {"AlterSystemStmt",    SqlClass::borderline, SqlReason::acts_on_its_server},
    {"UnlistenStmt",       SqlClass::session,    SqlReason::session_state},
    {"VariableShowStmt",   SqlClass::session,    SqlReason::session_state},
    {"FetchStmt",          SqlClass::session,    SqlReason::session_state},
    {"ClosePortalStmt",    SqlClass::session,    SqlReason::session_state},
    {"DeallocateStmt",     SqlClass::session,    SqlReason::session_state},
    {"DiscardStmt",        SqlClass::session,    SqlReason::session_state},
    {"LoadStmt",           SqlClass::session,    SqlReason::session_state},
    {"ConstraintsSetStmt", SqlClass::session,    SqlReason::session_state},
};
// clang-format on

bool writes_rows(std::string_view node) {
  return node == "InsertStmt" || node == "UpdateStmt" || node == "DeleteStmt" ||
         node == "MergeStmt";
}

bool has_schema(std::string_view name) { return name.find('.') != name.npos; }

class Classifier {
 public:
  Classifier(const ParseTree& tree, const SqlRules& rules) : tree_(tree), rules_(rules) {}

  SqlVerdict verdict() {
    const std::vector<ParseNode>& nodes = tree_.nodes();
    const std::uint32_t list = tree_.child(0, "stmts");
    for (std::uint32_t i = list + 1; list != 0 && i < nodes[list].end; i = nodes[i].end) {
      verdict_.statements += 1;
      statement(tree_.child(i, "stmt") + 1);
      tables_of(i);
    }
    return std::move(verdict_);
  }

 private:
  struct Table {
    int location = 0;
    std::string name;
  };

  std::string_view key(std::uint32_t node) const { return tree_.nodes()[node].key; }
  std::uint32_t end(std::uint32_t node) const { return tree_.nodes()[node].end; }

  // The stronger class wins; of one class, the first reason.
  void add(SqlClass sql_class, SqlReason reason, std::string what = {}) {
    if (verdict_.reason != SqlReason::no_statement && sql_class <= verdict_.sql_class) return;
    verdict_.sql_class = sql_class;
    verdict_.reason = reason;
    verdict_.what = std::move(what);
  }

  void statement(std::uint32_t node) {
    const std::string_view kind = key(node);
    if (kind == "TransactionStmt") return transaction(node);
    if (kind == "VariableSetStmt") return setting(node);
    if (kind == "ExplainStmt" && !analyzes(node)) {
      return add(SqlClass::read, SqlReason::only_explains);
    }
    if (kind == "ExplainStmt" || kind == "PrepareStmt" || kind == "DeclareCursorStmt") {
      return statement(tree_.child(node, "query") + 1);
    }
    if (kind == "CopyStmt") return copy(node);
    const auto rule = std::find_if(std::begin(kind_rules), std::end(kind_rules),
                                   [kind](const KindRule& row) { return row.node == kind; });
    if (rule == std::end(kind_rules)) return add(SqlClass::write, SqlReason::changes_schema);
    if (kind == "SelectStmt" || kind == "CallStmt") inside(node);
    add(rule->sql_class, rule->reason);
  }

  // What a query does besides reading, at every nesting.
  void inside(std::uint32_t query) {
    for (std::uint32_t i = query; i < end(query); ++i) {
      const std::string_view kind = key(i);
      if (kind == "intoClause") add(SqlClass::write, SqlReason::creates_table);
      if (kind == "lockingClause") add(SqlClass::locking_read, SqlReason::row_lock);
      if (kind == "FuncCall" || kind == "funccall") function(i);
      if (writes_rows(kind)) add(SqlClass::write, SqlReason::writing_with);
    }
  }

  void function(std::uint32_t call) {
    const std::uint32_t parts = tree_.child(call, "funcname");
    std::string name;
    for (std::uint32_t i = parts + 1; i < end(parts); i = end(i)) {
      if (!name.empty()) name += '.';
      name += tree_.text(tree_.child(i, "String"), "sval");
    }
    const std::string bare = name.substr(name.rfind('.') + 1);
    for (const std::string& known : rules_.read_only_functions) {
      if (known == (has_schema(known) ? name : bare)) return;
    }
    const bool is_builtin = !has_schema(name) || name == "pg_catalog." + bare;
    switch (is_builtin ? builtin_effect(bare) : FunctionEffect::unknown) {
      case FunctionEffect::reads:
      case FunctionEffect::session:
        return;
      case FunctionEffect::primary:
        return add(SqlClass::write, SqlReason::primary_function, name);
      case FunctionEffect::server:
        return add(SqlClass::borderline, SqlReason::acts_on_its_server, name);
      case FunctionEffect::unknown:
        return add(SqlClass::borderline, SqlReason::unknown_function, name);
    }
  }

  // The last ANALYZE of EXPLAIN's options counts.
  bool analyzes(std::uint32_t explain) const {
    bool is_on = false;
    for_options(explain, "options", [&](const std::string& name, std::uint32_t option) {
      if (name == "analyze") is_on = is_true(option);
    });
    return is_on;
  }

  void copy(std::uint32_t node) {
    const std::uint32_t query = tree_.child(node, "query");
    if (tree_.child(node, "is_from") != 0) return add(SqlClass::write, SqlReason::changes_rows);
    if (query != 0) statement(query + 1);
    if (tree_.child(node, "filename") != 0) add(SqlClass::write, SqlReason::server_file);
    add(SqlClass::read, SqlReason::only_reads);
  }

  // ---- Transactions and settings ---------------------------------------------------------------

  void transaction(std::uint32_t node) {
    const std::string kind = tree_.text(node, "kind");
    if (kind == "TRANS_STMT_BEGIN" || kind == "TRANS_STMT_START") {
      verdict_.transaction = TransactionEffect::begins;
      modes(node, "options", TransactionEffect::begins_read_only,
            TransactionEffect::begins_read_write);
    }
    if (kind == "TRANS_STMT_PREPARE" || kind.ends_with("_PREPARED")) {
      add(SqlClass::write, SqlReason::two_phase_commit);
    }
    const bool chains = tree_.child(node, "chain") != 0;  // the next begins, of the same modes
    if ((kind == "TRANS_STMT_COMMIT" || kind == "TRANS_STMT_ROLLBACK" ||
         kind == "TRANS_STMT_PREPARE") &&
        !chains) {
      verdict_.transaction = TransactionEffect::ends;
    }
    add(SqlClass::transaction, SqlReason::transaction_control);
  }

  // SET SESSION CHARACTERISTICS and default_transaction_... are settings of later transactions.
  void setting(std::uint32_t node) {
    const std::string name = tree_.text(node, "name");
    if (name == "TRANSACTION") {
      modes(node, "args", TransactionEffect::becomes_read_only,
            TransactionEffect::becomes_read_write);
      return add(SqlClass::transaction, SqlReason::transaction_control);
    }
    const std::uint32_t args = tree_.child(node, "args");
    if (args != 0) {
      mode(name, args + 1, TransactionEffect::becomes_read_only,
           TransactionEffect::becomes_read_write);
    }
    add(SqlClass::session, SqlReason::session_state);
  }

  void modes(std::uint32_t node, std::string_view list, TransactionEffect read_only,
             TransactionEffect read_write) {
    for_options(node, list, [&](const std::string& name, std::uint32_t option) {
      mode(name, option, read_only, read_write);
    });
  }

  void mode(const std::string& name, std::uint32_t value, TransactionEffect read_only,
            TransactionEffect read_write) {
    if (name == "transaction_read_only") {
      const bool is_read_only = is_true(value);
      verdict_.transaction = is_read_only ? read_only : read_write;
      if (!is_read_only) add(SqlClass::write, SqlReason::read_write_transaction);
    }
    if (name == "transaction_isolation" && contains(value, "serializable")) {
      add(SqlClass::write, SqlReason::serializable_transaction);
    }
  }

  template <class Visit>
  void for_options(std::uint32_t node, std::string_view list, Visit visit) const {
    const std::uint32_t options = tree_.child(node, list);
    for (std::uint32_t i = options + 1; options != 0 && i < end(options); i = end(i)) {
      const std::uint32_t option = tree_.child(i, "DefElem");
      if (option != 0) visit(tree_.text(option, "defname"), option);
    }
  }

  bool contains(std::uint32_t node, std::string_view value) const {
    const auto& nodes = tree_.nodes();
    return std::any_of(nodes.begin() + node, nodes.begin() + end(node),
                       [value](const ParseNode& inner) { return inner.value == value; });
  }

  // A Boolean option: true unless it says otherwise. A zero is an integer without its value.
  bool is_true(std::uint32_t option) const {
    for (std::uint32_t i = option; i < end(option); ++i) {
      const std::string_view value = tree_.nodes()[i].value;
      if (value == "off" || value == "false" || value == "no") return false;
      if (key(i) == "Integer" || (key(i) == "ival" && value.empty())) return end(i) > i + 1;
    }
    return true;
  }

  // ---- Tables ----------------------------------------------------------------------------------

  void tables_of(std::uint32_t statement) {
    std::vector<Table> tables;
    std::vector<std::string> names_of_with;
    for (std::uint32_t i = statement; i < end(statement); ++i) {
      changed_by(i);
      const std::string with = tree_.text(i, "ctename");
      if (!with.empty()) names_of_with.push_back(with);
      if (key(i) == "lockedRels") {  // FOR UPDATE OF these, which FROM has named
        i = end(i) - 1;
        continue;
      }
      const std::string name = tree_.text(i, "relname");
      if (name.empty()) continue;
      const std::string location = tree_.text(i, "location");
      tables.push_back({location.empty() ? 0 : std::stoi(location), name});
    }
    std::stable_sort(tables.begin(), tables.end(),
                     [](const Table& a, const Table& b) { return a.location < b.location; });
    for (Table& table : tables) {
      auto has = [&](const std::vector<std::string>& list) {
        return std::find(list.begin(), list.end(), table.name) != list.end();
      };
      if (!has(names_of_with) && !has(verdict_.tables)) {
        verdict_.tables.push_back(std::move(table.name));
      }
    }
  }

  void changed_by(std::uint32_t node) {
    const bool copies_in = key(node) == "CopyStmt" && tree_.child(node, "is_from") != 0;
    if (!verdict_.changed.empty() || !(writes_rows(key(node)) || copies_in)) return;
    verdict_.changed = tree_.text(tree_.child(node, "relation"), "relname");
  }

  const ParseTree& tree_;
  const SqlRules& rules_;
  SqlVerdict verdict_;
};

}  // namespace

Result<SqlVerdict> classify(const std::string& sql, const SqlRules& rules) {
  const Result<ParseTree> tree = ParseTree::parse(sql);
  if (!tree) return tree.errors();
  return Classifier(tree.value(), rules).verdict();
}

StatementClass statement_class(SqlClass sql_class) {
  switch (sql_class) {
    case SqlClass::session:
    case SqlClass::transaction:
    case SqlClass::read:
      return StatementClass::read;
    case SqlClass::locking_read:
      return StatementClass::locking_read;
    case SqlClass::borderline:
    case SqlClass::write:
      break;
  }
  return StatementClass::write;
}

StatementRequest TransactionState::next(const SqlVerdict& verdict) {
  const bool was_open = is_open_;
  switch (verdict.transaction) {
    case TransactionEffect::none:
      break;
    case TransactionEffect::begins:
    case TransactionEffect::begins_read_write:
    case TransactionEffect::begins_read_only:
      is_open_ = true;
      is_read_only_ = verdict.transaction == TransactionEffect::begins_read_only;
      break;
    case TransactionEffect::becomes_read_only:
      is_read_only_ = true;
      break;
    case TransactionEffect::becomes_read_write:
      is_read_only_ = false;
      break;
    case TransactionEffect::ends:
      is_open_ = false;
      break;
  }
  const bool is_within = was_open || is_open_;
  return {.statement = statement_class(verdict.sql_class),
          .in_writing_transaction = is_within && !is_read_only_};
}

ClassifiedTexts::ClassifiedTexts(std::size_t slots, SqlRules rules)
    : rules_(std::move(rules)), slots_(slots) {
  CHECK(slots > 0);
}

const SqlVerdict& ClassifiedTexts::classify(std::string_view sql) {
  Slot& slot = slots_[digest_of(sql) % slots_.size()];
  if (slot.is_taken && slot.text == sql) {
    hits_ += 1;
    return slot.verdict;
  }
  slot.text = sql;
  slot.is_taken = true;
  const Result<SqlVerdict> verdict = longhaul::classify(slot.text, rules_);
  slot.verdict =
      verdict ? verdict.value()
              : SqlVerdict{.sql_class = SqlClass::borderline, .reason = SqlReason::does_not_parse};
  return slot.verdict;
}

}  // namespace longhaul
