# SPDX-License-Identifier: MIT
# dmasim_embed(OUT.c NAME FILE): the bytes of FILE, and a 0, as
# `const unsigned char NAME[]` in OUT.c of the build folder.
function(dmasim_embed out name file)
	set(from ${CMAKE_CURRENT_SOURCE_DIR}/${file})
	set(to ${CMAKE_CURRENT_BINARY_DIR}/${out})
	add_custom_command(OUTPUT ${to}
		COMMAND ${CMAKE_COMMAND} -DFROM=${from} -DTO=${to}
			-DNAME=${name}
			-P ${PROJECT_SOURCE_DIR}/cmake/EmbedFile.cmake
		DEPENDS ${from} ${PROJECT_SOURCE_DIR}/cmake/EmbedFile.cmake
		VERBATIM)
endfunction()
