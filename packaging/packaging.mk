# SPDX-License-Identifier: GPL-2.0-or-later
# Dependencies, installation, formatting, linting.
