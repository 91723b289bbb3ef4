# SPDX-License-Identifier: MIT
# Target `coverage`: run the tests and print the report; fails below the
# project's figures (coverage_gate.py: of all, of some rooms, of each file).
find_program(GCOVR gcovr REQUIRED)

# Every program and library of @dir and below: the tests run them.
function(dmasim_targets_below dir out)
	get_property(found DIRECTORY ${dir} PROPERTY BUILDSYSTEM_TARGETS)
	get_property(below DIRECTORY ${dir} PROPERTY SUBDIRECTORIES)
	set(built)
	foreach(target IN LISTS found)
		get_target_property(type ${target} TYPE)
		if(NOT type STREQUAL UTILITY AND
				NOT type STREQUAL INTERFACE_LIBRARY)
			list(APPEND built ${target})
		endif()
	endforeach()
	foreach(sub IN LISTS below)
		dmasim_targets_below(${sub} more)
		list(APPEND built ${more})
	endforeach()
	set(${out} ${built} PARENT_SCOPE)
endfunction()

add_custom_target(coverage
	# Counts of an earlier build would be added, or refused one by one.
	COMMAND find . -name "*.gcda" -delete
	COMMAND ${CMAKE_CTEST_COMMAND} -L ci -LE style -j 2 --output-on-failure
	COMMAND ${CMAKE_COMMAND} -E make_directory coverage
	COMMAND ${GCOVR} -r ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}
		--filter ${PROJECT_SOURCE_DIR}/sim/
		--filter ${PROJECT_SOURCE_DIR}/harness/
		--filter ${PROJECT_SOURCE_DIR}/tools/
		--exclude-throw-branches --exclude-unreachable-branches
		--json-summary coverage/summary.json
		--html-details coverage/index.html
		--txt coverage/report.txt
	COMMAND python3 ${PROJECT_SOURCE_DIR}/cmake/coverage_gate.py
		coverage/summary.json ${PROJECT_SOURCE_DIR}
	WORKING_DIRECTORY ${PROJECT_BINARY_DIR}
	USES_TERMINAL
	COMMENT "Running the tests under gcov")
dmasim_targets_below(${PROJECT_SOURCE_DIR} programs)
add_dependencies(coverage ${programs})
