#include "cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace longhaul {

std::optional<std::string> write_file(const std::string& path, std::string_view text) {
  // A device or a pipe is written to, not replaced.
  std::error_code unknown;
  const std::filesystem::file_status status = std::filesystem::status(path, unknown);
  const bool replace = !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
  const std::string beside = replace ? path + ".tmp" + std::to_string(getpid()) : path;
  const auto failed = [&](int code) {
    if (replace) std::remove(beside.c_str());
    return path + ": " + std::strerror(code);
  };
  std::FILE* file = std::fopen(beside.c_str(), "wb");
  if (file == nullptr) return path + ": " + std::strerror(errno);
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int code = errno;
  if (std::fclose(file) != 0) return failed(errno);
  if (!written) return failed(code);
  if (replace && std::rename(beside.c_str(), path.c_str()) != 0) return failed(errno);
  return std::nullopt;
}

std::optional<std::string> make_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return path + ": " + error.message();
  if (access(path.c_str(), W_OK | X_OK) != 0) return path + ": " + std::strerror(errno);
  return std::nullopt;
}

}  // namespace longhaul
