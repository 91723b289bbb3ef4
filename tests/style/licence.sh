#!/bin/sh
# SPDX-License-Identifier: MIT
# Every file that can carry one has its SPDX line.
status=0
for f in $(find include sim harness tools tests bench examples cmake platforms \
	-type f \( -name '*.[ch]' -o -name '*.cpp' -o -name '*.sh' \
	-o -name '*.py' -o -name '*.cmake' -o -name 'CMakeLists.txt' \
	-o -name '*.dts' -o -name '*.map' \) | sort) CMakeLists.txt demo.sh \
	test.sh .ci/run; do
	head -3 "$f" | grep -q 'SPDX-License-Identifier: MIT' || {
		echo "$f: no SPDX line in its first three"
		status=1
	}
done
exit $status
