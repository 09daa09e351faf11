/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#ifdef __cplusplus
extern "C" {
#endif
/* 1000 times the version, and the square of `n`. */
int work_one(int n);
int work_two(int n);
int work_three(int n);
#ifdef __cplusplus
}
#endif
