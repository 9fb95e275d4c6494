#include "policy/recent_writes.h"

namespace longhaul {

const SessionToken& RecentWrites::token_of(std::uint64_t row) const {
  for (std::size_t i = 0; i < count_; ++i) {
    if (entries_[i].row == row) return entries_[i].token;
  }
  return others_;
}

void RecentWrites::put(std::uint64_t row, const SessionToken& written) {
  std::size_t at = 0;
  while (at < count_ && entries_[at].row != row) ++at;
  if (at == rows_max) {
    at = 0;
    for (std::size_t i = 1; i < rows_max; ++i) {
      if (entries_[i].token.wrote_at < entries_[at].token.wrote_at) at = i;
    }
    others_ = merge(others_, entries_[at].token);
  }
  if (at == count_) ++count_;
  // A row that comes back may have been among the others.
  if (entries_[at].row != row || !entries_[at].token.has_written) entries_[at] = {row, others_};
  entries_[at].token = merge(entries_[at].token, written);
}

}  // namespace longhaul
