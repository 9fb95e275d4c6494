#include "gui/model/settings.h"
