# SPDX-License-Identifier: MIT
# The libraries that users get: libdmasim (C, native back end).
get_property(room_names GLOBAL PROPERTY DMASIM_ROOM_NAMES)
