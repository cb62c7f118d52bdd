#pragma once
// A module map needs one header of its own; libchafa's calls are plain functions that Swift makes by itself.
#include <chafa.h>
