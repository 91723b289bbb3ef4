# SPDX-License-Identifier: MIT
# sources PATTERN...: the tree's own source files, one a line.
sources() {
	find include sim harness tools tests bench examples -type f \
		\( -name '*.c' -o -name '*.h' -o -name '*.cpp' \) | sort
}
