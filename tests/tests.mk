# SPDX-License-Identifier: GPL-2.0-or-later
# Test targets.

.PHONY: check-unit
check-unit: $(BUILD)/bin/unit_tests
	$(BUILD)/bin/unit_tests --gtest_brief=1
