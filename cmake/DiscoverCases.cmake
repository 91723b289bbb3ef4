# SPDX-License-Identifier: MIT
# Writes one add_test() for each case that `EXE --list` prints.
execute_process(COMMAND ${EXE} --list OUTPUT_VARIABLE cases
	RESULT_VARIABLE status OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT status EQUAL 0)
	message(FATAL_ERROR "${EXE} --list failed: ${status}")
endif()
string(REPLACE "\n" ";" cases "${cases}")
set(text "")
foreach(case IN LISTS cases)
	string(APPEND text
		"add_test([[${NAME}.${case}]] [[${EXE}]] [[${case}]])\n"
		"set_tests_properties([[${NAME}.${case}]] PROPERTIES "
		"LABELS \"${LABELS}\" TIMEOUT ${TIMEOUT} "
		"SKIP_REGULAR_EXPRESSION \"\\\\[  SKIPPED \\\\] 1 test\")\n")
endforeach()
file(WRITE ${OUT} "${text}")
