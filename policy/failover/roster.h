// The members of a cluster as their manager knows them from the start.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "policy/failover/types.h"

namespace longhaul {

class Roster {
 public:
  explicit Roster(std::span<const MemberInfo> members) : size_(members.size()) {
    CHECK(members.size() <= members_max);
    for (std::size_t i = 0; i < size_; ++i) members_[i] = members[i];
  }

  const MemberInfo& operator[](MemberIndex member) const {
    CHECK(member.valid() && member.value < size_);
    return members_[member.value];
  }
  bool has(MemberIndex member) const { return member.valid() && member.value < size_; }
  std::span<const MemberInfo> members() const { return {members_.data(), size_}; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(size_); }

  // Those with data: all but witnesses.
  MemberSet servers() const {
    MemberSet set = 0;
    for (std::uint32_t i = 0; i < size_; ++i) {
      if (!members_[i].is_witness) set |= set_of(MemberIndex{i});
    }
    return set;
  }
  MemberIndex first_primary() const {
    for (std::uint32_t i = 0; i < size_; ++i) {
      if (members_[i].starts_as_primary) return MemberIndex{i};
    }
    return MemberIndex{};
  }
  bool same_region(MemberIndex a, MemberIndex b) const {
    return (*this)[a].region == (*this)[b].region;
  }

 private:
  std::array<MemberInfo, members_max> members_{};
  std::size_t size_ = 0;
};

constexpr MemberSet without(MemberSet set, MemberIndex member) {
  return static_cast<MemberSet>(set & ~set_of(member));
}

// Calls visit(member) for each of the set, in the order of their numbers.
template <class Visit>
void for_each_member(MemberSet set, Visit visit) {
  for (std::uint32_t i = 0; i < members_max; ++i) {
    if (contains(set, MemberIndex{i})) visit(MemberIndex{i});
  }
}

}  // namespace longhaul
