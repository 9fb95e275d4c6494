#include "tests/groundtruth/figures.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

namespace longhaul::groundtruth {
namespace {

std::ifstream opened(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  return file;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream rest(line);
  for (std::string cell; std::getline(rest, cell, ',');) cells.push_back(cell);
  return cells;
}

}  // namespace

std::vector<Experiment> read_experiments(const std::string& path) {
  std::ifstream file = opened(path);
  const nlohmann::json all = nlohmann::json::parse(file);
  std::vector<Experiment> experiments;
  for (const nlohmann::json& entry : all.at("experiments")) {
    Experiment experiment;
    experiment.id = entry.at("id");
    experiment.scenario = entry.value("scenario", "");
    experiment.parameters = entry.at("parameters");
    for (const nlohmann::json& figure : entry.at("figures")) {
      experiment.figures.push_back({figure.at("name"), figure.at("unit"), figure.at("median"),
                                    figure.at("min"), figure.at("max"), figure.at("definition")});
    }
    for (const nlohmann::json& rest : entry.at("not_compared")) {
      experiment.not_compared.push_back({rest.at("figures"), rest.at("reason")});
    }
    experiments.push_back(std::move(experiment));
  }
  return experiments;
}

std::vector<double> read_column(const std::string& path, const std::string& name) {
  std::ifstream file = opened(path);
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> names = cells_of(line);
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) throw std::runtime_error(path + " has no column " + name);
  std::vector<double> values;
  while (std::getline(file, line)) {
    values.push_back(std::stod(cells_of(line).at(static_cast<std::size_t>(at - names.begin()))));
  }
  return values;
}

}  // namespace longhaul::groundtruth
