#include <fmt/format.h>

#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "run/text_table.h"
#include "sql/classify.h"

namespace longhaul {
namespace {

using json = nlohmann::ordered_json;

struct Classified {
  std::string sql;
  Result<SqlVerdict> verdict;
};

std::string one_line(const std::string& sql) {
  std::string line;
  for (const char c : sql) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  return line;
}

std::string sentence(SqlReason reason) {
  return std::string(enum_names<SqlReason>().docs.at(static_cast<std::size_t>(reason)));
}

json json_of(const Classified& row) {
  if (!row.verdict) {
    const Error& error = row.verdict.errors().front();
    return {{"sql", row.sql},
            {"error", error.expected},
            {"line", error.line},
            {"column", error.column}};
  }
  const SqlVerdict& verdict = row.verdict.value();
  json object{{"sql", row.sql},
              {"class", enum_text(verdict.sql_class)},
              {"asks_router_for", to_text(statement_class(verdict.sql_class))},
              {"reason", enum_text(verdict.reason)},
              {"explanation", sentence(verdict.reason)}};
  if (!verdict.what.empty()) object["function"] = verdict.what;
  if (verdict.transaction != TransactionEffect::none) {
    object["transaction"] = enum_text(verdict.transaction);
  }
  if (!verdict.changed.empty()) object["changes"] = verdict.changed;
  object["tables"] = verdict.tables;
  return object;
}

std::string text_of(const Classified& row, bool colour) {
  if (!row.verdict) {
    const Error& error = row.verdict.errors().front();
    const std::string place =
        error.line == 0 ? "" : fmt::format(" (line {}, column {})", error.line, error.column);
    return toned("error", Tone::bad, colour) + "         " + one_line(row.sql) + "\n    expected " +
           error.expected + place + "\n";
  }
  const SqlVerdict& verdict = row.verdict.value();
  const bool anywhere = statement_class(verdict.sql_class) == StatementClass::read;
  std::string why = sentence(verdict.reason);
  if (!verdict.what.empty()) why += ": " + verdict.what + "()";
  return toned(fmt::format("{:<12}", enum_text(verdict.sql_class)),
               anywhere ? Tone::good : Tone::warning, colour) +
         "  " + one_line(row.sql) + "\n    " + why + "\n";
}

}  // namespace

int cmd_classify(const ClassifyArgs& args, Terminal& terminal) {
  std::vector<std::string> texts = args.statements;
  if (texts.empty()) {
    const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
    texts = split_statements(input);
  }
  const SqlRules rules{args.read_only_functions};
  int code = exit_code::ok;
  json list = json::array();
  for (const std::string& sql : texts) {
    const Classified row{sql, classify(sql, rules)};
    if (!row.verdict) code = exit_code::bad_input;
    if (args.json) {
      list.push_back(json_of(row));
    } else {
      terminal.out(text_of(row, terminal.out_colour()));
    }
  }
  if (args.json) {
    const auto text = json{{"format", 1}, {"statements", list}}.dump(
        2, ' ', false, json::error_handler_t::replace);
    terminal.out(text + "\n");
  }
  return code;
}

}  // namespace longhaul
