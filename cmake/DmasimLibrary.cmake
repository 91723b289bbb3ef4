# SPDX-License-Identifier: MIT
# The libraries that users get, and their installation:
#   libdmasim          C, native back end
#   libdmasim-systemc  adds the SystemC back end
# each static and shared, with a CMake target and a pkg-config file.

include(CMakePackageConfigHelpers)

get_property(room_names GLOBAL PROPERTY DMASIM_ROOM_NAMES)
set(core_rooms ${room_names})
list(REMOVE_ITEM core_rooms systemc)
set(core_objects ${core_rooms})
list(TRANSFORM core_objects REPLACE "(.+)" "$<TARGET_OBJECTS:obj_\\1>")

set(export_list ${PROJECT_SOURCE_DIR}/cmake/dmasim.map)

# dmasim_library(TARGET OUTPUT_NAME OBJECTS... )
function(dmasim_library target output)
	foreach(kind IN ITEMS SHARED STATIC)
		string(TOLOWER ${kind} suffix)
		set(lib ${target}_${suffix})
		add_library(${lib} ${kind} ${ARGN})
		set_target_properties(${lib} PROPERTIES
			OUTPUT_NAME ${output}
			EXPORT_NAME ${lib}
			VERSION ${PROJECT_VERSION}
			SOVERSION ${PROJECT_VERSION_MAJOR})
		target_include_directories(${lib} INTERFACE
			$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
			$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
		add_library(dmasim::${lib} ALIAS ${lib})
	endforeach()
	target_link_options(${target}_shared PRIVATE
		-Wl,--version-script=${export_list} -Wl,--no-undefined)
	set_target_properties(${target}_shared PROPERTIES
		LINK_DEPENDS ${export_list})
endfunction()

dmasim_library(dmasim dmasim ${core_objects})
set(core_libs ${FDT_LIBRARY} PkgConfig::JANSSON PkgConfig::LZMA)
target_link_libraries(dmasim_shared PRIVATE ${FDT_LIBRARY} PkgConfig::LZMA
	PUBLIC PkgConfig::JANSSON)
target_link_libraries(dmasim_static PUBLIC fdt PkgConfig::JANSSON
	PkgConfig::LZMA)
set(installed_targets dmasim_shared dmasim_static)

if(DMASIM_SYSTEMC AND TARGET obj_systemc)
	dmasim_library(dmasim_systemc dmasim-systemc
		$<TARGET_OBJECTS:obj_systemc>)
	target_link_libraries(dmasim_systemc_shared PUBLIC dmasim_shared
		PRIVATE PkgConfig::SYSTEMC)
	target_link_libraries(dmasim_systemc_static PUBLIC dmasim_static
		PkgConfig::SYSTEMC)
	list(APPEND installed_targets dmasim_systemc_shared
		dmasim_systemc_static)
	configure_file(cmake/dmasim-systemc.pc.in dmasim-systemc.pc @ONLY)
	install(FILES ${PROJECT_BINARY_DIR}/dmasim-systemc.pc
		DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()

configure_file(cmake/dmasim.pc.in dmasim.pc @ONLY)
# pkg-config takes this one where PKG_CONFIG_PATH names the build folder.
configure_file(cmake/dmasim-uninstalled.pc.in dmasim-uninstalled.pc @ONLY)
configure_package_config_file(cmake/dmasim-config.cmake.in dmasim-config.cmake
	INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/dmasim)
write_basic_package_version_file(dmasim-config-version.cmake
	COMPATIBILITY SameMajorVersion)

install(TARGETS ${installed_targets} EXPORT dmasim-targets)
install(EXPORT dmasim-targets NAMESPACE dmasim::
	DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/dmasim)
install(FILES ${PROJECT_BINARY_DIR}/dmasim-config.cmake
	${PROJECT_BINARY_DIR}/dmasim-config-version.cmake
	DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/dmasim)
install(FILES ${PROJECT_BINARY_DIR}/dmasim.pc
	DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(DIRECTORY include/dmasim DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY platforms/ DESTINATION ${CMAKE_INSTALL_DATADIR}/dmasim/platforms
	FILES_MATCHING PATTERN "*.dts")
