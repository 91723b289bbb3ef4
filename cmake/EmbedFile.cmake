# SPDX-License-Identifier: MIT
# See DmasimEmbed.cmake.
file(READ ${FROM} bytes HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "((0x..,){16})" "\\1\n" bytes "${bytes}")
file(WRITE ${TO} "/* SPDX-License-Identifier: MIT */\n"
	"extern const unsigned char ${NAME}[];\n"
	"const unsigned char ${NAME}[] = {\n${bytes}\n0};\n")
