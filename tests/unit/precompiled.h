// SPDX-License-Identifier: GPL-2.0-or-later
//
// lib/precompiled.h for unit tests, which all include GoogleTest.
#pragma once

#include "lib/precompiled.h"

#include <gtest/gtest.h>
