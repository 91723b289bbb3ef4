# SPDX-License-Identifier: MIT
# dmasim_room(NAME SOURCES ... [DEPS rooms...] [LIBS libraries...])
#
# A room is one object library (for the final libraries) and one static
# library room_NAME (for tests, which then see its hidden symbols).
# DEPS are rooms of lower layers only.

function(dmasim_room name)
	cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LIBS" ${ARGN})
	list(TRANSFORM ARG_DEPS PREPEND room_)

	add_library(obj_${name} OBJECT ${ARG_SOURCES})
	target_include_directories(obj_${name} PRIVATE
		${CMAKE_CURRENT_SOURCE_DIR})
	target_link_libraries(obj_${name} PRIVATE dmasim_flags ${ARG_LIBS})

	add_library(room_${name} STATIC $<TARGET_OBJECTS:obj_${name}>)
	target_include_directories(room_${name} INTERFACE
		${CMAKE_CURRENT_SOURCE_DIR})
	target_link_libraries(room_${name} PUBLIC dmasim_flags ${ARG_DEPS}
		${ARG_LIBS})
	set_property(GLOBAL APPEND PROPERTY DMASIM_ROOM_NAMES ${name})
endfunction()

# dmasim_test(NAME SOURCES ... ROOMS rooms... [LIBS ...] [LABELS ...]
#             [TIMEOUT seconds])
#
# A cmocka program; each of its cases becomes a ctest of its own
# (NAME.case), with the labels `ci` and NAME's room unless LABELS says else.
function(dmasim_test name)
	cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;ROOMS;LIBS;LABELS"
		${ARGN})
	if(NOT ARG_LABELS)
		set(ARG_LABELS ci)
	endif()
	if(NOT ARG_TIMEOUT)
		set(ARG_TIMEOUT 120)
	endif()
	list(TRANSFORM ARG_ROOMS PREPEND room_)
	set(target test_${name})
	add_executable(${target} ${ARG_SOURCES})
	target_include_directories(${target} PRIVATE
		${PROJECT_SOURCE_DIR}/tests)
	target_link_libraries(${target} PRIVATE dmasim_flags ${ARG_ROOMS}
		${ARG_LIBS} cmocka)
	target_compile_definitions(${target} PRIVATE
		DMASIM_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
		DMASIM_BINARY_DIR="${PROJECT_BINARY_DIR}")

	set(list_file ${CMAKE_CURRENT_BINARY_DIR}/${target}_cases.cmake)
	set(include_file ${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake)
	add_custom_command(TARGET ${target} POST_BUILD
		COMMAND ${CMAKE_COMMAND} -DEXE=$<TARGET_FILE:${target}>
			-DNAME=${name} "-DLABELS=${ARG_LABELS}"
			-DTIMEOUT=${ARG_TIMEOUT} -DOUT=${list_file}
			-P ${PROJECT_SOURCE_DIR}/cmake/DiscoverCases.cmake
		VERBATIM)
	file(WRITE ${include_file}
		"if(EXISTS \"${list_file}\")\n"
		"  include(\"${list_file}\")\n"
		"else()\n"
		"  add_test(${name}.not_built ${name}.not_built)\n"
		"endif()\n")
	set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES
		${include_file})
endfunction()
