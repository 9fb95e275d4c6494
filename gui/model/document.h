// One scenario under edit: its text, which is the truth, what the text means, and the way back.
//
// Every edit is a splice of the text (run/json_edit.h), so order, comments and layout of what is
// not touched survive a save. After each, the text is loaded as the command line would load it;
// while it has mistakes, the last scenario that was sound stays beside the list of them. Edits that
// belong together (a slider that is dragged) are one step back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "run/scenario.h"

namespace longhaul {

class Document {
 public:
  // From disk; a file that cannot be read, or has no sound scenario, is refused with its errors.
  static Result<Document> open(const std::string& path);
  // A text that has no file yet, or that somebody else has; `path` is where it would be saved, and
  // where what it extends is looked for.
  static Document from_text(std::string path, std::string text);

  const std::string& path() const { return path_; }
  const std::string& text() const { return text_; }
  std::string title() const;  // the file's name

  // Null only while no text of this document was ever sound.
  const std::shared_ptr<const Scenario>& scenario() const { return scenario_; }
  // What the text extends, merged; null: nothing.
  const JsonNode* below() const { return below_.get(); }
  bool sound() const { return errors_.empty(); }
  const std::vector<Error>& errors() const { return errors_; }
  // Grows with every change of the text.
  std::uint64_t revision() const { return revision_; }
  bool dirty() const { return text_ != saved_; }
  bool has_file() const { return has_file_; }
  const std::string& saved_text() const { return saved_; }  // as it was read or last saved
  // The file has this text.
  bool saved() const { return has_file_ && !dirty(); }

  // `json` is a value as it stands in a file: "\"80ms\"", "17", "[...]". An edit that cannot be
  // made leaves everything as it is and says why. Edits in a row with the same `together` (not
  // empty) are one step.
  std::optional<Error> set(std::string_view path, std::string_view json,
                           std::string_view together = {});
  std::optional<Error> append(std::string_view list, std::string_view json);
  std::optional<Error> remove(std::string_view path);
  void replace_text(std::string text, std::string_view together = {});
  // Ends a row of edits.
  void settle() { together_.clear(); }

  // Several edits as one step: begin() ... end().
  void begin_step();
  void end_step();

  bool can_undo() const { return !undo_.empty(); }
  bool can_redo() const { return !redo_.empty(); }
  void undo();
  void redo();

  // To its file, or to another one, which it has from then on. The error of the system if any.
  std::optional<Error> save();
  std::optional<Error> save_as(const std::string& path);

 private:
  void take(std::string text, std::string_view together);
  void load();
  void load_below();

  std::string path_;
  bool has_file_ = false;
  std::string text_;
  std::string saved_;
  std::shared_ptr<const Scenario> scenario_;
  std::shared_ptr<const JsonNode> below_;  // what the text extends, merged; null: nothing
  std::vector<Error> errors_;
  std::uint64_t revision_ = 0;
  std::vector<std::string> undo_;
  std::vector<std::string> redo_;
  std::string together_;
  std::optional<std::string> step_;  // the text before it
};

}  // namespace longhaul
