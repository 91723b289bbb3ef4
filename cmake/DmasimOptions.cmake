# SPDX-License-Identifier: MIT
# Compiler options shared by every target, and the packages that rooms use.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
	set(CMAKE_BUILD_TYPE Release)
endif()

add_library(dmasim_flags INTERFACE)
target_compile_options(dmasim_flags INTERFACE
	-Wall -Wextra -Wpedantic -Wconversion -Wshadow
	$<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>
	# A failing exception in the SystemC back end may cross C frames.
	$<$<COMPILE_LANGUAGE:C>:-fexceptions>
	# Findings and traces name source lines by paths of the tree.
	-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
if(DMASIM_WERROR)
	target_compile_options(dmasim_flags INTERFACE -Werror)
endif()
target_compile_definitions(dmasim_flags INTERFACE _POSIX_C_SOURCE=200809L)
target_include_directories(dmasim_flags INTERFACE
	${PROJECT_SOURCE_DIR}/include)

find_package(PkgConfig REQUIRED)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(LZMA REQUIRED IMPORTED_TARGET liblzma)
# libfdt has neither a pkg-config nor a CMake file in Debian.
find_library(FDT_LIBRARY fdt REQUIRED)
find_path(FDT_INCLUDE_DIR libfdt.h REQUIRED)
if(DMASIM_SYSTEMC)
	pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET systemc)
endif()
