// longhaul-gui: the window, OpenGL and the frame loop.
#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "gui/app.h"
#include "gui/frame_times.h"
#include "gui/key_queue.h"
#include "gui/screenshot.h"
#include "gui/script.h"
#include "run/report.h"

namespace longhaul {

[[noreturn]] void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "longhaul-gui: internal fault: %s at %s:%d; unsaved texts are kept in %s\n",
               condition, file, line, autosave_folder().c_str());
  std::_Exit(70);
}

namespace {

constexpr double progress_every_s = 0.1;  // while nothing else moves

struct Arguments {
  std::vector<std::string> scenarios;
  std::string script;
  std::string screenshot;
  std::string look;
  float scale = 0;
  int width = 1280;
  int height = 800;
  bool frame_times = false;
};

const char* const usage =
    "Usage: longhaul-gui [OPTIONS] [SCENARIO...]\n"
    "\n"
    "The desktop program of Longhaul. Up to four scenarios stand beside one another.\n"
    "\n"
    "  --script FILE        does what the file says and ends: clicks, keys, expectations\n"
    "  --screenshot FILE    a PNG at the end of the script; without one, of the finished run\n"
    "  --size WIDTHxHEIGHT  of the window (1280x800)\n"
    "  --scale PERCENT      75 to 300\n"
    "  --look NAME          dark, light or high-contrast\n"
    "  --frame-times        says at the end how long frames took, and results of runs\n"
    "  --version, --help\n"
    "\n"
    "Exit codes: 0 done    2 wrong usage    65 bad scenario    70 internal fault or no display\n"
    "            99 a script's expectation was missed\n";

int parse_arguments(int argc, char** argv, Arguments& arguments) {
  const auto refuse = [](const std::string& what) {
    std::fprintf(stderr, "longhaul-gui: %s\n\n%s", what.c_str(), usage);
    return 2;
  };
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&](std::string& into) {
      if (i + 1 >= argc) return false;
      into = argv[++i];
      return true;
    };
    std::string text;
    if (word == "--help" || word == "-h") {
      std::fputs(usage, stdout);
      return -1;
    }
    if (word == "--version") {
      std::printf("longhaul-gui %s\n", std::string(release()).c_str());
      return -1;
    }
    if (word == "--frame-times") {
      arguments.frame_times = true;
    } else if (word == "--script") {
      if (!value(arguments.script)) return refuse("--script needs a file");
    } else if (word == "--screenshot") {
      if (!value(arguments.screenshot)) return refuse("--screenshot needs a file");
    } else if (word == "--look") {
      if (!value(text)) return refuse("--look needs a name");
      if (text == "high-contrast") text = "high contrast";
      if (text != "dark" && text != "light" && text != "high contrast") {
        return refuse("--look " + text + " is none of dark, light, high-contrast");
      }
      arguments.look = text;
    } else if (word == "--scale") {
      if (!value(text)) return refuse("--scale needs a percentage");
      char* end = nullptr;
      const long percent = std::strtol(text.c_str(), &end, 10);
      if ((*end != '\0' && *end != '%') || percent < 75 || percent > 300) {
        return refuse("--scale " + text + " is not from 75 to 300");
      }
      arguments.scale = static_cast<float>(percent) / 100;
    } else if (word == "--size") {
      if (!value(text)) return refuse("--size needs WIDTHxHEIGHT");
      char rest = 0;
      if (std::sscanf(text.c_str(), "%dx%d%c", &arguments.width, &arguments.height, &rest) != 2 ||
          arguments.width < 640 || arguments.height < 400 || arguments.width > 8192 ||
          arguments.height > 8192) {
        return refuse("--size " + text + " is not WIDTHxHEIGHT from 640x400 to 8192x8192");
      }
    } else if (word.starts_with("-") && word != "-") {
      return refuse(word + " is no option");
    } else {
      arguments.scenarios.push_back(word);
    }
  }
  if (arguments.scenarios.size() > designs_max) return refuse("at most four scenarios");
  return 0;
}

Look look_called(const std::string& name) {
  if (name == "light") return Look::light;
  return name == "high contrast" ? Look::high_contrast : Look::dark;
}

void save_screenshot(GLFWwindow* window, App& app) {
  if (!write_png(app.screenshot_to, screenshot_of(window))) {
    app.tell("Could not write " + app.screenshot_to, Tint::bad);
    std::fprintf(stderr, "longhaul-gui: could not write %s\n", app.screenshot_to.c_str());
  }
  app.screenshot_to.clear();
}

void save_picture(GLFWwindow* window, App& app) {
  if (write_png(app.picture_to, screenshot_of(window))) {
    app.tell("Wrote " + app.picture_to);
  } else {
    app.tell(std::string(icon::error) + "  Could not write " + app.picture_to, Tint::bad);
  }
}

class Program {
 public:
  explicit Program(const Arguments& arguments) : arguments_(arguments) {}

  int run() {
    if (!arguments_.script.empty()) {
      Result<Script> script = Script::read(arguments_.script);
      if (!script) return complain(script.errors());
      script_ = std::move(script).value();
    } else if (!arguments_.screenshot.empty()) {
      script_ = Script::of_waiting();
    }
    glfwSetErrorCallback(
        [](int, const char* text) { std::fprintf(stderr, "longhaul-gui: %s\n", text); });
    if (!glfwInit()) return 70;
    const int code = with_glfw();
    glfwTerminate();
    return code;
  }

 private:
  static int complain(const std::vector<Error>& errors) {
    for (const Error& error : errors)
      std::fprintf(stderr, "longhaul-gui: %s\n", to_text(error).c_str());
    return 65;
  }

  int with_glfw() {
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 2);
    glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
    glfwWindowHintString(GLFW_X11_CLASS_NAME, "longhaul-gui");  // as in gui/desktop/
    glfwWindowHint(GLFW_SCALE_TO_MONITOR, script_ ? GLFW_FALSE : GLFW_TRUE);
    window_ = glfwCreateWindow(arguments_.width, arguments_.height, "Longhaul", nullptr, nullptr);
    if (window_ == nullptr) return 70;
    glfwSetWindowSizeLimits(window_, 640, 400, GLFW_DONT_CARE, GLFW_DONT_CARE);
    glfwMakeContextCurrent(window_);
    glfwSwapInterval(script_ ? 0 : 1);
    ImGui::CreateContext();
    ImGui::GetIO().IniFilename = nullptr;
    ImGui::GetIO().ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
    ImGui_ImplGlfw_InitForOpenGL(window_, true);
    install_key_queue(window_);
    ImGui_ImplOpenGL3_Init("#version 150");
    const int code = with_window();
    ImGui_ImplOpenGL3_Shutdown();
    ImGui_ImplGlfw_Shutdown();
    ImGui::DestroyContext();
    glfwDestroyWindow(window_);
    return code;
  }

  int with_window() {
    App app([] { glfwPostEmptyEvent(); });
    hold_widget_state(app.widgets);
    app.still = script_.has_value();
    if (!app.still) app.settings = load_settings(settings_path());
    if (!arguments_.look.empty()) app.settings.look = arguments_.look;
    if (arguments_.scale > 0) app.settings.scale = arguments_.scale;
    for (std::size_t i = 0; i < arguments_.scenarios.size(); ++i) {
      const std::string& path = arguments_.scenarios[i];
      const std::vector<Error> errors = i == 0 ? app.work.open(path) : app.work.open_beside(path);
      if (!errors.empty()) return complain(errors);
      if (!app.still) app.settings.opened(path);
      app.work.mode =
          app.work.designs[0]->document.scenario()->config.drill ? Mode::drill : Mode::run;
      app.work.active = 0;
    }
    double before = glfwGetTime();
    double script_time = 0;
    int settle = 3;
    dropped_.clear();
    glfwSetDropCallback(window_, [](GLFWwindow*, int count, const char** paths) {
      dropped_.assign(paths, paths + count);
    });
    while (!app.wants_exit) {
      if (glfwWindowShouldClose(window_)) {
        glfwSetWindowShouldClose(window_, GLFW_FALSE);
        app.exit();
        settle = 3;
      }
      open_dropped(app);
      if (script_) {
        if (!script_->advance(app, window_)) break;
        // As somebody who watches: what is waited for has the processor.
        const bool watches = script_->waits_for_runs() && is_working(app) && !is_moving(app);
        watches ? glfwWaitEventsTimeout(progress_every_s) : glfwPollEvents();
      } else if (is_moving(app) || settle > 0) {
        glfwPollEvents();
        settle = is_moving(app) || keys_left_ ? 3 : settle - 1;
      } else {
        const double kept_in = app.autosave.due_in(glfwGetTime());
        const double told = app.told_until > glfwGetTime() ? 1.0 : 3600.0;
        const double most = is_working(app) ? progress_every_s : told;
        glfwWaitEventsTimeout(kept_in < 0 ? most : std::min(most, kept_in + 0.01));
        settle = 3;
      }
      const double now = glfwGetTime();
      script_time += 1.0 / 60;
      draw(app, script_ ? script_time : now, script_ ? 1.0 / 60 : std::min(now - before, 0.25));
      before = now;
    }
    if (script_ && !script_->failure() && !arguments_.screenshot.empty()) {
      app.screenshot_to = arguments_.screenshot;
      draw(app, script_time, 0);
    }
    if (!app.still) {
      app.work.designs.clear();
      app.autosave.update(app.work, glfwGetTime());  // nothing is left to be rescued
      save_settings(settings_path(), app.settings);
    }
    if (arguments_.frame_times) {
      std::printf("%s\n%s\n", times_.text("frames").c_str(), results_.text().c_str());
    }
    if (script_ && script_->failure()) {
      std::fprintf(stderr, "longhaul-gui: %s\n", to_text(*script_->failure()).c_str());
      return 99;
    }
    return 0;
  }

  // The first in place of what is open, the others beside it.
  static void open_dropped(App& app) {
    const std::vector<std::string> paths = std::exchange(dropped_, {});
    for (std::size_t i = 0; i < paths.size(); ++i) app.open_asking(paths[i], i > 0);
  }

  // The number of the run whose result is known, 0: of none.
  static std::uint64_t result_of(const App& app) {
    const Design* design = app.work.current();
    const auto view = design == nullptr ? nullptr : design->session.view();
    return view && view->complete() ? view->number : 0;
  }

  void draw(App& app, double now, double elapsed) {
    if (app.theme_changed) {
      apply_theme(look_called(app.settings.look), app.settings.scale);
      ImGui_ImplOpenGL3_DestroyFontsTexture();
      ImGui_ImplOpenGL3_CreateFontsTexture();
      app.theme_changed = false;
    }
    const double began = glfwGetTime();
    ImGui_ImplOpenGL3_NewFrame();
    keys_left_ = deliver_keys(window_);
    ImGui_ImplGlfw_NewFrame();
    if (script_) {
      ImGui::GetIO().DeltaTime = 1.0f / 60;
      script_->put_mouse();
    }
    ImGui::NewFrame();
    const std::uint64_t drawn = result_of(app);
    draw_frame(app, now, elapsed);
    ImGui::Render();
    int width = 0;
    int height = 0;
    glfwGetFramebufferSize(window_, &width, &height);
    glViewport(0, 0, width, height);
    const ImVec4 ground = colour_vec(Tint::ground);
    glClearColor(ground.x, ground.y, ground.z, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    if (script_) script_->see(window_);
    if (!app.screenshot_to.empty()) save_screenshot(window_, app);
    if (app.picture_in > 0 && --app.picture_in == 0) save_picture(window_, app);
    if (arguments_.frame_times) glFinish();
    times_.add(glfwGetTime() - began);
    glfwSwapBuffers(window_);
    if (const Design* design = app.work.current()) {
      results_.add(design->session.started(), drawn, began, glfwGetTime());
    }
  }

  Arguments arguments_;
  std::optional<Script> script_;
  GLFWwindow* window_ = nullptr;
  FrameTimes times_;
  ResultTimes results_;
  static inline std::vector<std::string> dropped_;  // files, onto the window
  bool keys_left_ = false;
};

}  // namespace
}  // namespace longhaul

int main(int argc, char** argv) {
  // Runs come one after another and are of one size: what one has freed stays for the next.
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 16 << 20);
  longhaul::Arguments arguments;
  const int refused = longhaul::parse_arguments(argc, argv, arguments);
  if (refused != 0) return std::max(0, refused);
  return longhaul::Program(arguments).run();
}
