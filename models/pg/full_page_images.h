// Which pages of a data set are logged whole, and what the records of a written row weigh.
//
// The first change of a page after a checkpoint's redo point carries an image of the page, 8 KiB
// without its hole; later changes do not. So n changes spread over P pages log P * (1 - exp(-n/P))
// images: a burst after each checkpoint that decays as the pages in use are covered.
//
// A data set is laid out as PostgreSQL loads it: a row is a tuple of a 24-byte header and its
// bytes, rounded up to 8, behind a 4-byte line pointer; as many as fit fill a heap page, in the
// order of the rows. Each index has leaf pages of 365 entries of 20 bytes (a bigint key, 90 %
// full), in the order of the rows for the first index, the primary key, and of a hash for any
// other. A write is
//   an insert: a tuple on the last heap page, an entry on the last leaf of the primary key and on
//     some leaf of each other index; a page that is begun anew needs no image;
//   a HOT update: a new version on the same page, no index touched;
//   another update: a mark on the old page, a tuple on the last page, an entry in every index.
//
// Sources: PostgreSQL xloginsert.c (XLogRecordAssemble), heapam.c
// (log_heap_update) and nbtinsert.c, README.HOT; measured figures in tests/models/wal_volume_test.
// Left out: split pages and inner pages of indexes, TOAST (a row larger than a page counts as one
// page), rows that move within the table (a row's page is that of its number), room on old pages
// that a vacuum made, fillfactor.
//
// Memory: one bit a page, and at most 8 MiB a data set; beyond 2^26 pages (512 GiB) neighbours
// share a bit.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "models/data_config.h"
#include "models/pg/config.h"
#include "models/pg/wal.h"

namespace longhaul {

constexpr Bytes page_size = kibibytes(8);

// A set of pages.
class PageSet {
 public:
  PageSet() = default;
  explicit PageSet(std::int64_t pages);

  bool insert(std::int64_t page) {  // whether it was not in
    const std::uint64_t bit = shared_ ? shared_bit(page) : static_cast<std::uint64_t>(page);
    std::uint64_t& word = words_[static_cast<std::size_t>(bit >> 6)];
    const std::uint64_t mask = std::uint64_t{1} << (bit & 63);
    const bool fresh = (word & mask) == 0;
    word |= mask;
    count_ += fresh ? 1 : 0;
    return fresh;
  }
  void clear();
  // Takes all pages of a set of the first so many pages of this one; how many were not in.
  std::int64_t insert_all(const PageSet& others);
  std::int64_t count() const { return count_; }

 private:
  std::uint64_t shared_bit(std::int64_t page) const;

  std::vector<std::uint64_t> words_;
  std::int64_t pages_ = 0;
  std::int64_t count_ = 0;
  bool shared_ = false;
};

// Where the rows of a data set lie.
struct PageLayout {
  std::int64_t rows_per_page = 1;
  std::int64_t heap_pages = 1;
  std::int64_t leaf_pages = 1;  // of each index
  Bytes tuple;                  // with its line pointer
  Bytes heap_image;             // of a full page
  Bytes leaf_image;
};

PageLayout page_layout(const DataSetConfig& set);

// The pages of one data set on the primary.
struct DataPages {
  PageLayout layout;
  PageSet logged;                 // since the redo point: heap pages, then the leaves of each index
  std::int64_t appended = 0;      // tuples behind the rows that were loaded
  std::int64_t inserted = 0;      // rows behind those that were loaded
  bool tail_logged = false;       // the last heap page
  bool tail_leaf_logged = false;  // the last leaf of the primary key

  // For autovacuum: what changed since the last vacuum.
  PageSet changed;        // heap pages with dead rows
  std::int64_t dead = 0;  // rows
  std::int64_t appended_before = 0;
  std::int64_t inserted_before = 0;
  std::int64_t rows = 0;  // as loaded

  explicit DataPages(const DataSetConfig& set);
  DataPages() = default;

  // A checkpoint's redo point: every page needs an image again.
  void forget_images();

  // More than the thresholds of autovacuum: 50 + 20 % dead, 1000 + 20 % inserted.
  bool wants_vacuum() const {
    const std::int64_t fifth = (rows + inserted_before) / 5;
    return dead > 50 + fifth || inserted - inserted_before > 1000 + fifth;
  }
  std::int64_t new_pages() const {
    return div_ceil(appended - appended_before, layout.rows_per_page);
  }
  void begin_vacuum();
};

// Images as wal_compression leaves them.
Bytes compressed(Bytes images, const PostgresConfig& postgres);

// How one row is written.
enum class RowWrite : std::uint8_t { insert, hot_update, update };

// The records of writing row `row` of its data set.
WalRecords write_row(DataPages& pages, const DataSetConfig& set, const PostgresConfig& postgres,
                     const WalConfig& wal, std::uint64_t row, RowWrite how);

}  // namespace longhaul
