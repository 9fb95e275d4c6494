// Comma-separated rows with the lines they stand on, for the catalogue and for figures that users
// bring along.
//
// A cell may stand in double quotes, inside which two of them mean one. Blank lines and lines that
// begin with # are skipped, spaces around unquoted cells too; CRLF and a byte order mark are taken
// as editors write them. A cell never spans lines, so one missing quote spoils one row only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace longhaul {

struct CsvRow {
  int line = 0;  // from 1
  std::vector<std::string> cells;
};

std::vector<CsvRow> read_csv(std::string_view text);

// A cell as it is written (RFC 4180), quoted where it has to be.
std::string csv_cell(std::string_view text);

}  // namespace longhaul
