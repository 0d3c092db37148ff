#!/bin/sh
# SPDX-License-Identifier: ISC
# The command line of setkey as far as no kernel is needed: usage, files,
# errors, exit status.  Prints TAP-like lines; fails if one of them does.
setkey=${SETKEY:-setkey/setkey}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0 bad=0

# check TEXT WANTED-STATUS WANTED-OUTPUT COMMAND...
check() {
	text=$1 status=$2 wanted=$3
	shift 3
	"$@" >"$dir/out" 2>&1 </dev/null
	got=$?
	n=$((n + 1))
	if [ "$got" = "$status" ] && [ "$(cat "$dir/out")" = "$wanted" ]; then
		echo "ok $n - $text"
	else
		echo "not ok $n - $text: status $got"
		sed 's/^/# /' "$dir/out"
		bad=1
	fi
}
# first TEXT WANTED-STATUS COMMAND...: the first line is all that counts
first() {
	text=$1 status=$2 wanted=$3
	shift 3
	"$@" >"$dir/all" 2>/dev/null </dev/null
	got=$?
	head -n 1 "$dir/all" >"$dir/head"
	check "$text" "$status" "$wanted" sh -c "cat '$dir/head'; exit $got"
}

version=$("$setkey" -V)
case $version in
"setkey @(#) ipsec-tools "[0-9]*) ;;
*) echo "not ok - version: $version"; bad=1 ;;
esac
check "-V fails" 1 "$version" "$setkey" -V
check "-V acts at once" 1 "$version" "$setkey" -Vh
first "-h prints the usage" 1 "$version" "$setkey" -h
first "no arguments" 1 "$version" "$setkey"
first "no mode" 1 "$version" "$setkey" -P
first "an unknown option" 1 "$version" "$setkey" -Z
first "-H alone" 1 "$version" "$setkey" -H
first "-l alone" 1 "$version" "$setkey" -l
first "-X alone" 1 "$version" "$setkey" -X
check "the whole usage" 1 "$version
usage: setkey [-vrk] file ...
       setkey [-nvrk] -c
       setkey [-nvrk] -f filename
       setkey [-PalpvNrkX] -D
       setkey [--force] --wireshark -D
       setkey [-Pv] -F
       setkey [-H] -x
       setkey [-V] [-h]" "$setkey" -h
check "-h and -V in turn" 1 "$("$setkey" -h)" "$setkey" -hV
first "-f without a file" 1 "$version" "$setkey" -f
check "a missing file" 1 \
	"setkey: Can't open \`$dir/none': No such file or directory" \
	"$setkey" -f "$dir/none" -V
check "a directory" 2 "setkey: Can't read \`$dir': Is a directory" \
	"$setkey" -f "$dir"

# Without a kernel to compare with: what -n prints then is another test.
IPSEC_BACKEND=none
export IPSEC_BACKEND
conf=$dir/x.conf
echo 'flush; spdadd 10.0.0.1 10.0.0.2 any -P out none;' >"$conf"
check "-n checks only" 0 "" "$setkey" -nf "$conf"
check "-n dumps nothing" 0 "" "$setkey" -nD
check "-n flushes nothing" 0 "" "$setkey" -nFP
echo 'spdadd 10.0.0.1 10.0.0.2 any -P out bypass;' >"$conf"
check "-n finds what no kernel takes" 1 "setkey: $conf:1: Invalid argument \
(entrust and bypass are for sockets only)" "$setkey" -nf "$conf"
: >"$conf"
check "an empty file" 0 "" "$setkey" -f "$conf"
printf 'flush;\nflush bogus;' >"$conf"
check "an error of syntax" 1 "setkey: $conf,2: syntax error at \`bogus'
setkey: $conf,2: parse failed" "$setkey" -f "$conf"
check "the last mode counts" 1 "setkey: $conf,2: syntax error at \`bogus'
setkey: $conf,2: parse failed" "$setkey" -D -n -f "$conf"
check "standard input as a file" 1 "setkey: -,1: Syntax error at \`\$'" \
	sh -c "echo '\$;' | '$setkey' -nf -"
check "a session goes on after an error" 1 "syntax error at \`bogus'
syntax error at \`;'" sh -c "printf 'bogus;\nflush;;\n' | '$setkey' -nc"
check "a session ends at a strange byte" 1 "Syntax error at \`@'" \
	sh -c "printf '@;\nbogus;\n' | '$setkey' -nc"
check "a session ends at exit" 0 "" \
	sh -c "printf 'flush; # x;\n quit;bogus;' | '$setkey' -nc"
check "a session over several lines" 0 "" \
	sh -c "printf 'add 10.0.0.1 10.0.0.2\n esp 1 -E null;\n' |
	    '$setkey' -nc"
check "a session ends within a command" 1 "syntax error at \`'" \
	sh -c "printf 'flush;\nadd 10.0.0.1 10.0.0.2' | '$setkey' -nc"
check "a session ends within a quote" 1 "Syntax error at \`\"'" \
	sh -c "printf 'add 10.0.0.1 10.0.0.2 ah 1 -A null \"x;\nflush;\n' |
	    '$setkey' -nc"
check "a session ends within a comment" 0 "" \
	sh -c "printf 'flush; # x;' | '$setkey' -nc"
check "a long line of commands" 0 "" sh -c "awk 'BEGIN {
	for (i = 0; i < 250000; i++) printf \"flush;\" }' | '$setkey' -nc"
check "a command that is too long" 1 "command too long." sh -c "awk 'BEGIN {
	for (i = 0; i < 250000; i++) printf \"flush\\n\" }' | '$setkey' -nc"
check "a session that cannot write" 1 \
	"setkey: standard output: write error" sh -c "
	    echo 'get 10.0.0.1 10.0.0.2 esp 1 -m transport;' |
	    '$setkey' -nc >/dev/full"
check "an unknown back end" 1 "setkey: cannot use the kernel's IPsec: \
Invalid argument (IPSEC_BACKEND has no name of a back end)" \
	env IPSEC_BACKEND=typo "$setkey" -F
# refused TEXT REASON COMMAND: -n finds it
refused() {
	echo "$3" >"$conf"
	check "-n: $1" 1 "setkey: $conf:1: Invalid argument ($2)" \
	    "$setkey" -nf "$conf"
}
refused "an IPComp SPI" "IPComp's SPIs end at 65535" \
	'add 10.0.0.1 10.0.0.2 ipcomp 65536 -C deflate;'
refused "an IPComp SPI of getspi" "IPComp's SPIs end at 65535" \
	'getspi 10.0.0.1 10.0.0.2 ipcomp 65536;'
refused "an optional tunnel" "an outbound tunnel cannot be optional" \
	'spdadd 10.0.0.1 10.0.0.2 any -P out ipsec esp/tunnel/1.1.1.1-2.2.2.2/use;'
refused "a prefix" "selector's prefix is too long" \
	'spdadd 10.0.0.1/33 10.0.0.2 any -P out none;'
echo 'spdadd 10.0.0.1 10.0.0.2 any -P in ipsec esp/tunnel/1.1.1.1-2.2.2.2/use;' >"$conf"
check "-n: an optional inbound tunnel passes" 0 "" "$setkey" -nf "$conf"
# Files of messages.
corpus=${srcdir:-$(dirname "$0")/..}/test/fuzz/corpus/replay
first "a file of messages" 0 "10.1.0.0/16[any] 10.2.0.0/16[53] tcp" \
    "$setkey" "$corpus/policy-get"
check "a missing one" 1 "setkey: $dir/none: No such file or directory" \
    "$setkey" "$dir/none"
check "whatever the mode" 1 "setkey: $dir/none: No such file or directory" \
    "$setkey" -D "$dir/none"
check "an empty one" 1 "setkey: $conf.0: Invalid argument" \
    sh -c ": >'$conf.0'; exec '$setkey' '$conf.0'"
check "a text" 1 "setkey: $conf: not (only) PF_KEY messages" \
    sh -c "echo 'spdadd 10.0.0.1 10.0.0.2' >'$conf'; exec '$setkey' '$conf'"
check "a refusal in a file" 0 "No such process." "$setkey" "$corpus/error"
check "-v shows every message" 0 "sadb_msg{ version=2 type=5 errno=3 satype=3
  len=2 reserved=0 seq=7 pid=1234

No such process." "$setkey" -v "$corpus/error"
check "-l lists associations" 0 "yes" sh -c "'$setkey' -l '$corpus/sa-get' |
    grep -Eq '^[0-9]{4} esp M [0-9a-f]{8} ' && echo yes"

# On a terminal, if there is a way to make one.
if script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	check "keys are not shown on a terminal" 1 "setkey: these are keys: \
write them to a file, or add --force to see them here$(printf '\r')" \
	    script -qec "'$setkey' -D --wireshark" /dev/null
	check "--force lets them through" 0 "yes" sh -c "
	    script -qec '$setkey -D --wireshark --force' /dev/null |
	    grep -q 'these are keys' || echo yes"
	check "a session on a terminal" 0 "yes" sh -c "
	    printf 'bogus;\nexit;\n' | HOME=$dir script -qec '$setkey -nc' \
	    /dev/null | grep -q 'syntax error at .bogus' && echo yes"
	check "leaves no history" 1 "" sh -c "ls -A '$dir' | grep history"
else
	echo "# no terminal to test with"
fi
check "the sample of a mesh" 0 "" "$setkey" -nf \
    "${srcdir:-$(dirname "$0")/..}/test/kernel/sample/ipsec-tools.conf"
echo "1..$n"
exit $bad
