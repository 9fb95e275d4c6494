#include "run/json_edit.h"

namespace longhaul {

Result<std::string> with_value(std::string_view, const FieldTable&, std::string_view,
                               std::string_view) {
  return Error{};
}
Result<std::string> with_element(std::string_view, const FieldTable&, std::string_view,
                                 std::string_view) {
  return Error{};
}
Result<std::string> without(std::string_view, const FieldTable&, std::string_view) {
  return Error{};
}

}  // namespace longhaul
