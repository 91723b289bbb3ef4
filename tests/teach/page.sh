#!/bin/sh
# SPDX-License-Identifier: MIT
# page.sh DMASIM: the page of a lesson, in headless Chromium: its script runs
# without an error, it shows the steps, and keys and links step through them.
set -eu
dmasim=$1
browser=
for b in chromium chromium-browser google-chrome; do
	command -v "$b" >/dev/null && browser=$b && break
done
if [ -z "$browser" ]; then
	echo "skipped: no chromium"
	exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work"

fail() {
	echo "$1"
	exit 1
}

# dom URL: the document after its scripts have run. No network: every name
# resolves to nothing.
dom() {
	timeout 120 "$browser" --headless --no-sandbox --disable-gpu \
		--user-data-dir="$work/profile" --disable-extensions \
		--host-resolver-rules="MAP * ~NOTFOUND" \
		--enable-logging=stderr --v=0 \
		--virtual-time-budget=5000 --dump-dom "$1" 2>"$work/log" ||
		fail "$browser: status $?: $(tail -3 "$work/log")"
	# What scripts complain of, and refusals of the page's own policy.
	if grep -E 'CONSOLE.*(error|Error|Refused|Uncaught)' "$work/log"; then
		fail "console messages"
	fi
}

has() {
	grep -qF -- "$2" "$work/$1" || fail "$1 does not show: $2"
}

"$dmasim" teach --html "$work/page.html" uncleaned-ste >/dev/null

# As it opens: the first step of the first run.
dom "file://$work/page.html" >"$work/opened"
has opened 'data-ready="yes"'
has opened '<h1 id="title">Un-cleaned STE: the SMMU is a device, too</h1>'
has opened '1. cpu0 writes STE of the stream+0x8'
has opened '<th>cpu0 L1</th>'
has opened 'class="byte dirty touched"'
has opened '>1 / 5</span>'

# A link to a step: the finding is there, and stale bytes are marked.
dom "file://$work/page.html#1.5" >"$work/linked"
has linked '5. nic reads address 0xffff0000 (buffer): refused: abort, C_BAD_STE'
has linked 'class="finding">STALE_READ: STE of the stream'
has linked 'class="byte stale'
has linked '>5 / 5</span>'
dom "file://$work/page.html#2.7" >"$work/fixed"
has fixed 'aria-selected="true">2. with the fix<'
has fixed 'No finding: this is right.'

# Keys: to the last step, one back; to the other run, two on; the slider.
press() {
	sed "s|</body>|<script>for (const k of $1) document.body.dispatchEvent(new KeyboardEvent('keydown', {key: k, bubbles: true})); $2</script></body>|" \
		"$work/page.html" >"$work/keys.html"
	dom "file://$work/keys.html"
}
press "['End', 'ArrowLeft']" "" >"$work/back"
has back '4. cpu0 queues CMD_CFGI_STE'
press "['2', 'ArrowRight', 'ArrowRight']" "" >"$work/other"
has other '3. cpu0 writes STE of the stream'
has other 'aria-selected="true">2. with the fix<'
press "['End', 'ArrowRight', 'Home', 'ArrowLeft']" "" >"$work/ends"
has ends '>1 / 5</span>'
press "[]" "const r = document.getElementById('slider'); r.value = 3; r.dispatchEvent(new Event('input'));" >"$work/slid"
has slid '>3 / 5</span>'
press "[]" "document.getElementById('whole').click();" >"$work/whole"
has whole 'title="byte +0x3f"'
press "[]" "window.dispatchEvent(new Event('beforeprint'));" >"$work/printed"
has printed '<h2>as it goes wrong</h2>'
has printed '<h2>with the fix</h2>'

# Names of a hostile kind stay text.
cat >"$work/evil.c" <<'END'
#include <dmasim/lesson.h>
static const char evil[] = "</script><img src=x onerror=\"document.title='taken'\"><!--";
static void story(struct dmasim_stage *s, bool fixed)
{
	struct dmasim_area *a = lesson_area(s, evil, 64);
	(void)fixed;
	lesson_watch(a, 0);
	lesson_say(s, "%s", evil);
	lesson_write32(lesson_cpu(s, 0), a, 0, 1);
}
DMASIM_LESSON(evil_lesson) = {.name = evil, .title = evil, .text = evil,
	.remedy = evil, .story = story};
END
build=$(dirname "$(dirname "$dmasim")")
PKG_CONFIG_PATH=$build "$dmasim" teach --html "$work/page.html" "$work/evil.c" >/dev/null || [ $? -eq 1 ]
dom "file://$work/page.html" >"$work/hostile"
has hostile 'data-ready="yes"'
has hostile '<h1 id="title">&lt;/script&gt;&lt;img'
has hostile '1. cpu0 writes &lt;/script&gt;'
! grep -q '<img' "$work/hostile" || fail "a name became markup"
! grep -q '<title>taken' "$work/hostile" || fail "a name became code"

# It can be looked at, on a desk and in a hand, and has no width of its own.
for size in 1200,1000 420,900; do
	timeout 120 "$browser" --headless --no-sandbox --disable-gpu \
		--user-data-dir="$work/profile" --window-size="$size" \
		--screenshot="$work/shot.png" "file://$work/page.html" \
		>/dev/null 2>&1 || fail "no screenshot"
	[ -s "$work/shot.png" ] || fail "an empty screenshot"
done
"$dmasim" teach --html "$work/page.html" uncleaned-ste >/dev/null
press "['End']" "document.title = document.documentElement.scrollWidth - document.documentElement.clientWidth;" >"$work/width"
has width '<title>0</title>'
echo "the page works in $browser"
