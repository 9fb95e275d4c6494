#include "run/drill/consistent.h"

#include <algorithm>

namespace longhaul {
namespace {

bool near(Level a, Level b) { return std::abs(static_cast<int>(a) - static_cast<int>(b)) <= 1; }

// An answer without its figures: names keep theirs.
std::string gist(const std::string& answer) {
  std::string text;
  bool figure = false;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const char c = answer[i];
    const bool digit = c >= '0' && c <= '9';
    if (digit && (i == 0 || answer[i - 1] == ' ')) figure = true;
    if (c == ' ' || c == ',' || c == ';') figure = false;
    if (!figure) text += c;
  }
  return text;
}

template <class T, class Same>
std::size_t unmatched(const std::vector<Impression>& a, const std::vector<Impression>& b,
                      std::size_t at, std::vector<T> Impression::*member, const Same& same) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < (a[at].*member).size(); ++i) {
    bool found = false;
    for (std::size_t j = at == 0 ? 0 : at - 1; j < std::min(at + 2, b.size()); ++j) {
      found = found || same((a[at].*member)[i], (b[j].*member)[i]);
    }
    count += found ? 0 : 1;
  }
  return count;
}

std::vector<Impression> impressions(const DrillSession& session) {
  std::vector<Impression> list;
  for (const Frame& frame : session.frames()) {
    list.push_back(impression(frame, session.setup().drill().signals));
  }
  return list;
}

}  // namespace

std::size_t differences_between(const DrillSession& a, const DrillSession& b) {
  const std::vector<Impression> ours = impressions(a);
  const std::vector<Impression> theirs = impressions(b);
  const auto equal = [](auto x, auto y) { return x == y; };
  std::size_t count = 0;
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    count += unmatched(ours, theirs, i, &Impression::seen, equal);
    count += unmatched(ours, theirs, i, &Impression::primary, equal);
    count += unmatched(ours, theirs, i, &Impression::data, equal);
    if (i + 1 == std::min(ours.size(), theirs.size())) continue;
    count += unmatched(ours, theirs, i, &Impression::lag, near);
    count += unmatched(ours, theirs, i, &Impression::errors, near);
  }
  for (std::size_t i = 0; i < std::min(a.works().size(), b.works().size()); ++i) {
    const Work& mine = a.works()[i];
    const Work& other = b.works()[i];
    count += mine.state != other.state || gist(mine.answer) != gist(other.answer) ? 1 : 0;
  }
  return count;
}

std::string seen_since(const DrillSession& session, std::size_t works) {
  std::string key;
  if (!session.frames().empty()) {
    key = key_of(impression(session.frames().back(), session.setup().drill().signals));
  }
  for (std::size_t i = 0; i < session.works().size(); ++i) {
    const Work& work = session.works()[i];
    // Works of the past that are still open may end until then.
    if (i < works && work.ended == TimePoint::never()) continue;
    key += "|" + std::to_string(static_cast<int>(work.state)) + gist(work.answer);
  }
  return key;
}

}  // namespace longhaul
