// The mistakes in one document, each at its place, whoever finds them: the reader, the loader, or
// the validation that comes after it and knows the configuration by paths only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "run/json_text.h"

namespace longhaul {

// Collects the mistakes of one document, beginning with those that reading it has found.
// The document outlives the context.
class LoadContext {
 public:
  explicit LoadContext(const JsonDocument& document);

  void add(Error error);
  void add(const Span& span, std::string path, std::string value, std::string expected,
           std::string nearest = {});

  // A mistake in what stands at `path`, found after loading. What is not in the file has the place
  // of the innermost thing around it that is. `value` empty: as written in the file.
  Error at(std::string_view path, std::string expected, std::string nearest = {},
           std::string value = {}) const;

  bool ok() const { return errors_.empty(); }
  std::size_t count() const { return errors_.size() + left_out_; }

  // In the order of the files and of the places in each. When there are very many, the last one
  // says how many are not shown.
  std::vector<Error> errors() const;

 private:
  const JsonDocument& document_;
  std::vector<Error> errors_;
  std::size_t left_out_ = 0;
};

}  // namespace longhaul
