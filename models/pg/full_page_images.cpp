#include "models/pg/full_page_images.h"

#include <algorithm>
#include <bit>

#include "base/digest.h"

namespace longhaul {
namespace {

constexpr std::int64_t bits_max = std::int64_t{1} << 26;
constexpr Bytes page_header{24};
constexpr Bytes leaf_special{16};  // the links of a B-tree page
constexpr Bytes leaf_entry{20};    // header 8, key 8, line pointer 4
constexpr std::int64_t entries_per_leaf = 365;
constexpr Bytes update_extra{16};  // xl_heap_update over xl_heap_insert, prefix and suffix

// A tuple on the last heap page.
void append(DataPages& pages, std::int64_t rows, Bytes& images) {
  const std::int64_t used = (rows + pages.appended) % pages.layout.rows_per_page;
  if (used != 0 && !pages.tail_logged) images = images + page_header + pages.layout.tuple * used;
  pages.tail_logged = true;
  pages.appended += 1;
}

// An entry behind the last of the primary key.
void append_leaf(DataPages& pages, std::int64_t rows, Bytes& images) {
  const std::int64_t used = (rows + pages.inserted) % entries_per_leaf;
  if (used != 0 && !pages.tail_leaf_logged) {
    images = images + page_header + leaf_special + leaf_entry * used;
  }
  pages.tail_leaf_logged = true;
}

void touch_leaf(DataPages& pages, std::int64_t index, std::int64_t leaf, Bytes& images) {
  const PageLayout& layout = pages.layout;
  if (pages.logged.insert(layout.heap_pages + index * layout.leaf_pages + leaf)) {
    images = images + layout.leaf_image;
  }
}

}  // namespace

PageSet::PageSet(std::int64_t pages)
    : words_(static_cast<std::size_t>(div_ceil(std::min(pages, bits_max), 64))),
      pages_(pages),
      shared_(pages > bits_max) {}

void PageSet::clear() {
  std::fill(words_.begin(), words_.end(), 0);
  count_ = 0;
}

std::int64_t PageSet::insert_all(const PageSet& others) {
  std::int64_t added = 0;
  // Sets that share bits do so differently: too many pages to matter.
  if (shared_ != others.shared_) return added;
  for (std::size_t i = 0; i < others.words_.size(); ++i) {
    added += std::popcount(others.words_[i] & ~words_[i]);
    words_[i] |= others.words_[i];
  }
  count_ += added;
  return added;
}

std::uint64_t PageSet::shared_bit(std::int64_t page) const {
  return static_cast<std::uint64_t>(div_floor(static_cast<Int128>(page) * bits_max, pages_));
}

PageLayout page_layout(const DataSetConfig& set) {
  const Bytes room = page_size - page_header;
  const std::int64_t rows = set.rows.value;
  PageLayout layout;
  layout.tuple = {std::min((24 + set.row_bytes.value + 7) / 8 * 8 + 4, room.value)};
  layout.rows_per_page = room.value / layout.tuple.value;
  layout.heap_pages = div_ceil(rows, layout.rows_per_page);
  layout.leaf_pages = div_ceil(rows, entries_per_leaf);
  layout.heap_image = page_header + layout.tuple * std::min(rows, layout.rows_per_page);
  layout.leaf_image =
      page_header + leaf_special + leaf_entry * (std::min(rows, entries_per_leaf) + 1);
  return layout;
}

DataPages::DataPages(const DataSetConfig& set)
    : layout(page_layout(set)),
      logged(layout.heap_pages + layout.leaf_pages * set.indexes),
      changed(layout.heap_pages),
      rows(set.rows.value) {}

void DataPages::begin_vacuum() {
  changed.clear();
  dead = 0;
  appended_before = appended;
  inserted_before = inserted;
}

void DataPages::forget_images() {
  logged.clear();
  tail_logged = false;
  tail_leaf_logged = false;
}

Bytes compressed(Bytes images, const PostgresConfig& postgres) {
  // Typical for database pages; nobody's promise.
  constexpr std::int64_t left_percent[] = {100, 50, 50, 35};
  const auto method = static_cast<std::size_t>(postgres.wal_compression);
  return {div_floor(static_cast<Int128>(images.value) * left_percent[method], 100)};
}

WalRecords write_row(DataPages& pages, const DataSetConfig& set, const PostgresConfig& postgres,
                     const WalConfig& wal, std::uint64_t row, RowWrite how) {
  const PageLayout& layout = pages.layout;
  const std::int64_t rows = set.rows.value;
  const auto at = static_cast<std::int64_t>(row);
  WalRecords records{set.row_bytes + wal.record_overhead};
  Bytes images;
  if (how != RowWrite::insert) {
    if (how == RowWrite::hot_update && set.changed_bytes) {
      records.size = *set.changed_bytes + wal.record_overhead;
    }
    records.size = records.size + update_extra;
    const std::int64_t page = at / layout.rows_per_page;
    pages.changed.insert(page);
    pages.dead += 1;
    if (pages.logged.insert(page)) images = images + layout.heap_image;
  }
  if (how != RowWrite::hot_update) {
    append(pages, rows, images);
    records.size = records.size + wal.index_record * set.indexes;
    records.count += set.indexes;
    // Another index has its key from the row: new for an insert, changed by an update.
    const auto key = static_cast<std::uint64_t>(rows + pages.appended);
    for (std::int64_t index = 0; index < set.indexes; ++index) {
      if (index > 0) {
        const std::uint64_t hash = mix64(key * 64 + static_cast<std::uint64_t>(index));
        const auto leaf = static_cast<std::int64_t>(hash >> 1) % layout.leaf_pages;
        touch_leaf(pages, index, leaf, images);
      } else if (how == RowWrite::insert) {
        append_leaf(pages, rows, images);
      } else {
        touch_leaf(pages, 0, at / entries_per_leaf, images);
      }
    }
  }
  if (how == RowWrite::insert) pages.inserted += 1;
  if (!postgres.full_page_writes) return records;
  records.images = compressed(images, postgres);
  records.size = records.size + records.images;
  return records;
}

}  // namespace longhaul
