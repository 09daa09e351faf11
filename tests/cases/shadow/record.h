/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
struct record {
  int key;
  int value;
  struct record *next;
};
extern struct record *records;
struct record *find_record(int key);
