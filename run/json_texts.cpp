#include "run/json_texts.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "run/config_brief.h"
#include "run/field_text.h"
#include "run/json_text.h"

namespace longhaul {
namespace {

struct Change {
  Span span;
  std::string json;
};

class Walk {
 public:
  explicit Walk(const NewText& new_text) : new_text_(new_text) {}

  void object(const JsonNode& node, const FieldTable& table, const std::string& path) {
    for (const JsonMember& member : node.members) {
      const Field* field = find_field(table, member.key);
      if (field == nullptr) continue;
      value(member.value, field->type,
            {path + (path.empty() ? "" : ".") + member.key, &table, field, "", false});
    }
  }

  std::vector<Change> changes() {
    std::sort(changes_.begin(), changes_.end(),
              [](const Change& a, const Change& b) { return a.span.offset > b.span.offset; });
    return std::move(changes_);
  }

 private:
  void value(const JsonNode& node, const ValueType& type, const TextPlace& place) {
    switch (type.kind) {
      case FieldKind::text:
        if (node.kind == JsonKind::text) offer(node.text, node.span, place);
        break;
      case FieldKind::object:
        object(node, type.table(), place.path);
        break;
      case FieldKind::list:
        for (std::size_t i = 0; i < node.items.size(); ++i) {
          TextPlace item = place;
          item.path += element_segment(node.items[i], i);
          value(node.items[i], *type.element(), item);
        }
        break;
      case FieldKind::text_lists:
        for (const JsonMember& member : node.members) {
          TextPlace key = place;
          key.is_key = true;
          offer(member.key, member.key_span, key);
        }
        break;
      default:
        break;
    }
  }

  void offer(const std::string& text, const Span& span, TextPlace place) {
    place.text = text;
    const std::optional<std::string> wanted = new_text_(place);
    if (wanted && *wanted != text) changes_.push_back({span, json_quoted(*wanted)});
  }

  const NewText& new_text_;
  std::vector<Change> changes_;
};

}  // namespace

Result<std::string> with_texts(std::string_view text, const FieldTable& root,
                               const NewText& new_text) {
  const auto document = parse_json("", text);
  if (!document) return document.errors();
  Walk walk(new_text);
  walk.object(document.value().root, root, "");
  std::string changed(text);
  for (const Change& change : walk.changes()) {
    changed.replace(change.span.offset, change.span.length, change.json);
  }
  return changed;
}

}  // namespace longhaul
