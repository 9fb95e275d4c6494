// What bad input turns into: every error of a file at once, each with the place and the way out.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"

namespace longhaul {

// One mistake in something a person wrote. `expected` completes the sentence "expected ...".
// Lines and columns count from 1; 0 means that the place is not known (a value from --set).
struct Error {
  std::string file;
  int line = 0;
  int column = 0;
  std::string path;      // topology.nodes.db-eu.follows
  std::string value;     // as written
  std::string expected;  // the name of another node
  std::string nearest;   // db-us, when something similar exists

  friend bool operator==(const Error&, const Error&) = default;
};

// file:line:column: path: value; expected ...; did you mean "nearest"?
std::string to_text(const Error& error);

// A value or the reasons why there is none.
template <class T>
class Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Error error) { errors_.push_back(std::move(error)); }
  Result(std::vector<Error> errors) : errors_(std::move(errors)) { CHECK(!errors_.empty()); }

  bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }
  const T& value() const& {
    CHECK(ok());
    return *value_;
  }
  T& value() & {
    CHECK(ok());
    return *value_;
  }
  T&& value() && {
    CHECK(ok());
    return std::move(*value_);
  }
  const std::vector<Error>& errors() const { return errors_; }

 private:
  std::optional<T> value_;
  std::vector<Error> errors_;
};

// The candidate within a small edit distance of `word`, or empty. Ties go to the first.
std::string nearest_of(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace longhaul
