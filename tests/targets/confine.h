/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Puts the process under the restriction of that name, or ends it. */
void confine(const char *how);
