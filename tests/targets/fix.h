/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

__attribute__((visibility("default"))) const char *answer(void);
