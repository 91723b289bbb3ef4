# SPDX-License-Identifier: MIT
# Shared by demo.sh and test.sh: install what is missing, configure, build.

# What Debian 12 has to provide, and what each is for.
PACKAGES="
build-essential cmake ninja-build pkg-config
libsystemc-dev libfdt-dev libcmocka-dev libjansson-dev liblzma-dev
device-tree-compiler
"
# Only for the tests: style checks, memory checks, file system images, a
# browser for the pages.
TEST_PACKAGES="
clang-format clang-tidy gcovr valgrind e2fsprogs dosfstools mtools python3
chromium fonts-dejavu-core
"

say() {
	printf '==> %s\n' "$*"
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		echo "dmasim: cannot install packages: neither root nor sudo" >&2
		return 1
	fi
}

# install_packages NAME...: those that are not there yet
install_packages() {
	missing=
	for p in "$@"; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null |
			grep -q 'ok installed' || missing="$missing $p"
	done
	[ -z "$missing" ] && return 0
	say "installing:$missing"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
	# shellcheck disable=SC2086 # a list of names
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends $missing
}

# build PRESET [OPTION...]: options of `cmake --build`
build() {
	preset=$1
	shift
	say "building ($preset)"
	cmake --preset "$preset" >"build-$preset.log" 2>&1 || {
		cat "build-$preset.log" >&2
		return 1
	}
	rm -f "build-$preset.log"
	cmake --build --preset "$preset" "$@"
}
