#include "models/pg/sync_standbys.h"

#include <algorithm>
#include <charconv>

namespace longhaul {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t'; }

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == ':' || c == '*';
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::string_view word() {
    skip_space();
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool at_end() {
    skip_space();
    return at_ == text_.size();
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool equals_ignoring_case(std::string_view text, std::string_view upper) {
  return std::equal(text.begin(), text.end(), upper.begin(), upper.end(), [](char a, char b) {
    return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
  });
}

std::optional<std::uint32_t> to_count(std::string_view word) {
  std::uint32_t count = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, count);
  if (error != std::errc() || stop != end || count == 0) return std::nullopt;
  return count;
}

// "a, b, c", up to the end or to a closing parenthesis.
bool read_names(Reader& reader, std::vector<std::string>& names) {
  do {
    const std::string_view name = reader.word();
    if (name.empty()) return false;
    if (std::find(names.begin(), names.end(), name) != names.end()) return false;
    names.emplace_back(name);
  } while (reader.take(','));
  return true;
}

bool comes_before(const SyncCandidate& a, const SyncCandidate& b) {
  return a.priority != b.priority ? a.priority < b.priority : a.order < b.order;
}

}  // namespace

std::optional<SyncStandbys> parse_sync_standbys(std::string_view text) {
  SyncStandbys result;
  Reader reader(text);
  if (reader.at_end()) return result;
  Reader ahead = reader;
  const std::string_view first = ahead.word();
  const bool any = equals_ignoring_case(first, "ANY");
  result.method = any ? SyncMethod::any : SyncMethod::first;
  if (any || equals_ignoring_case(first, "FIRST")) {
    const std::optional<std::uint32_t> count = to_count(ahead.word());
    if (!count || !ahead.take('(') || !read_names(ahead, result.names)) return std::nullopt;
    if (!ahead.take(')') || !ahead.at_end()) return std::nullopt;
    result.count = *count;
    return result;
  }
  result.count = 1;
  if (!read_names(reader, result.names) || !reader.at_end()) return std::nullopt;
  return result;
}

std::optional<Lsn> confirmed_position(SyncMethod method, std::uint32_t count,
                                      std::vector<SyncCandidate>& candidates) {
  const auto end = std::partition(candidates.begin(), candidates.end(),
                                  [](const SyncCandidate& c) { return c.eligible; });
  const auto eligible = static_cast<std::size_t>(end - candidates.begin());
  if (count == 0 || eligible < count) return std::nullopt;
  if (method == SyncMethod::any) {
    std::sort(candidates.begin(), end, [](const SyncCandidate& a, const SyncCandidate& b) {
      return a.position > b.position;  // equal positions are the same answer
    });
    return candidates[count - 1].position;
  }
  std::sort(candidates.begin(), end, comes_before);
  Lsn slowest = candidates[0].position;
  for (std::uint32_t i = 1; i < count; ++i) slowest = std::min(slowest, candidates[i].position);
  return slowest;
}

bool decides(SyncMethod method, std::uint32_t count, const std::vector<SyncCandidate>& candidates,
             std::uint32_t order) {
  const auto self =
      std::find_if(candidates.begin(), candidates.end(),
                   [order](const SyncCandidate& c) { return c.eligible && c.order == order; });
  if (self == candidates.end()) return false;
  if (method == SyncMethod::any) return true;
  const auto in_front = std::count_if(
      candidates.begin(), candidates.end(),
      [&self](const SyncCandidate& c) { return c.eligible && comes_before(c, *self); });
  return static_cast<std::uint32_t>(in_front) < count;
}

}  // namespace longhaul
