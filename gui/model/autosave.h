// Keeps the text of documents that are not saved, so that a crash loses no more than seconds.
//
// What is kept is forgotten when the document is saved, undone to what its file has, or closed.
// Texts of programs that have ended without doing so are found by unsaved().
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gui/model/workspace.h"

namespace longhaul {

class Autosave {
 public:
  explicit Autosave(std::string folder) : folder_(std::move(folder)) {}

  // Once in a while, at best a frame; `now_s` counts from anywhere.
  void update(const Workspace& work, double now_s);
  // How long it may wait until there is something to keep; negative: there is nothing.
  double due_in(double now_s) const;

 private:
  struct Kept {
    std::string path;
    std::uint64_t seen = 0;     // revision, and when it was first seen
    std::uint64_t on_disk = 0;  // 0: none
    double changed_at = 0;
    double waits_since = 0;  // the oldest edit that is not kept
  };
  Kept& entry(const std::string& path);

  std::string folder_;
  std::vector<Kept> kept_;
};

// Whether closing it would lose something: it has edits, or no file, and no other open design has
// the same text in a file.
bool would_lose(const Workspace& work, std::size_t design);
std::vector<std::size_t> designs_that_would_lose(const Workspace& work);

}  // namespace longhaul
