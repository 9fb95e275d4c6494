#include "run/load_context.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace longhaul {
namespace {

constexpr std::size_t errors_max = 500;

// How far a path can be followed: the place reached and the bytes of the path that lead there.
struct Reached {
  const JsonNode* node = nullptr;
  std::size_t used = 0;
};

bool ends_segment(std::string_view rest) {
  return rest.empty() || rest[0] == '.' || rest[0] == '[';
}

// Names and keys may contain dots, so every child that fits is tried and the longest way wins.
Reached follow(const JsonNode& node, std::string_view path, std::size_t used) {
  Reached best{&node, used};
  const auto try_child = [&](const JsonNode& child, std::string_view segment, std::size_t begin) {
    if (path.substr(begin, segment.size()) != segment) return;
    if (!ends_segment(path.substr(begin + segment.size()))) return;
    const Reached reached = follow(child, path, begin + segment.size());
    if (reached.used > best.used) best = reached;
  };
  if (used >= path.size()) return best;
  const std::size_t begin = used + (path[used] == '.' ? 1 : 0);
  for (const JsonMember& member : node.members) {
    if (!member.key.empty()) try_child(member.value, clipped(member.key, 100), begin);
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    try_child(node.items[i], element_segment(node.items[i], i), used);
  }
  return best;
}

}  // namespace

LoadContext::LoadContext(const JsonDocument& document)
    : document_(document), errors_(document.errors) {}

void LoadContext::add(Error error) {
  if (errors_.size() < errors_max) {
    errors_.push_back(std::move(error));
  } else {
    ++left_out_;
  }
}

void LoadContext::add(const Span& span, std::string path, std::string value, std::string expected,
                      std::string nearest) {
  add({document_.files.at(span.file), static_cast<int>(span.line), static_cast<int>(span.column),
       std::move(path), std::move(value), std::move(expected), std::move(nearest)});
}

Error LoadContext::at(std::string_view path, std::string expected, std::string nearest,
                      std::string value) const {
  const Reached reached = follow(document_.root, path, 0);
  const Span& span = reached.node->span;
  if (value.empty()) value = reached.used == path.size() ? shown(*reached.node) : "missing";
  return {document_.files.at(span.file),
          static_cast<int>(span.line),
          static_cast<int>(span.column),
          std::string(path),
          std::move(value),
          std::move(expected),
          std::move(nearest)};
}

std::vector<Error> LoadContext::errors() const {
  std::vector<Error> sorted = errors_;
  const auto place = [&](const Error& error) {
    const auto file = std::find(document_.files.begin(), document_.files.end(), error.file);
    return std::tuple(file, error.line, error.column);
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Error& a, const Error& b) { return place(a) < place(b); });
  if (left_out_ > 0) {
    sorted.push_back(
        {document_.files.front(), 0, 0, "",
         std::to_string(left_out_) + (left_out_ == 1 ? " more mistake" : " more mistakes"), "",
         ""});
  }
  return sorted;
}

}  // namespace longhaul
