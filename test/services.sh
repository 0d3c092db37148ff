#!/bin/bash
# SPDX-License-Identifier: ISC
# The units are what systemd understands, and the scripts do what they say;
# with programs that only note how they were called.  Prints TAP.
set -u
top=${top_srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
service=racoon/service
PATH=$PATH:/usr/sbin:/sbin
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
n=0 bad=0

check()
{
	local text=$1
	shift
	n=$((n + 1))
	if "$@" >"$T/said" 2>&1; then
		echo "ok $n - $text"
	else
		echo "not ok $n - $text"
		sed 's/^/#   /' "$T/said"
		bad=$((bad + 1))
	fi
}
skip()
{
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

# said FILE LINE...: the file has just these lines
said()
{
	local file=$1
	shift
	printf '%s\n' "$@" | diff - "$file"
}
fails() { ! "$@"; }

# ---- units --------------------------------------------------------------------

[ -f $service/racoon.service ] || {
	echo "Bail out! $service/racoon.service is not built"
	exit 1
}
root=$T/root
mkdir -p "$root"/usr/lib/systemd/system "$root"/bin
for command in $(sed -nE 's/^Exec[A-Za-z]*=-?(\/[^ ]*).*/\1/p' $service/*.service); do
	mkdir -p "$root${command%/*}"
	cp /bin/true "$root$command"
done
cp $service/*.service "$root/usr/lib/systemd/system"
for target in sysinit network network-pre multi-user shutdown basic; do
	printf '[Unit]\nDescription=%s\n' $target \
	    >"$root/usr/lib/systemd/system/$target.target"
done
# Where the units' manual pages are is not looked at: they are not installed.
verify()
{
	local unit
	for unit; do
		SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no \
		    --root="$root" "$unit" || return 1
	done >"$T/verify" 2>&1
	grep -v '^$' "$T/verify"
	[ ! -s "$T/verify" ]
}
if systemd-analyze verify --help >/dev/null 2>&1; then
	check 'systemd finds no fault in the units' \
	    verify racoon.service ipsec-tools.service
	echo 'Sandbox=yes' >>"$root/usr/lib/systemd/system/racoon.service"
	check 'and would in others' fails verify racoon.service
else
	skip 'systemd finds no fault in the units' 'systemd-analyze is not there'
fi
if command -v systemd-sysusers >/dev/null; then
	mkdir -p "$root/etc"
	check 'the user is made' systemd-sysusers --root="$root" \
	    "$top/racoon/service/sysusers.d/racoon.conf"
	check 'and is called racoon' grep -q '^racoon:' "$root/etc/passwd"
else
	skip 'the user is made' 'systemd-sysusers is not there'
fi

# ---- policies -----------------------------------------------------------------

setkey=$PWD/setkey/setkey
cat >"$T/setkey" <<END
#!/bin/sh
echo "\$*" >>"$T/calls"
case "\$*" in
-n*) exec "$setkey" "\$@" ;;
'-f -') cat >"$T/read" ;;
*bad*) exit 1 ;;
esac
END
chmod 755 "$T/setkey"
sed -e "s,^conf=.*,conf=$T/etc/ipsec-tools," -e "s,^setkey=.*,setkey=$T/setkey," \
    $service/policies >"$T/policies"
d=$T/etc/ipsec-tools.d
policies()
{
	rm -f "$T/calls" "$T/read"
	: >"$T/calls"
	sh "$T/policies" "$@"
}
# policy N
policy() { echo "spdadd 192.0.2.$1 192.0.2.99 any -P out discard;"; }

check 'nothing to load' policies load
check 'nor is setkey called' fails test -s "$T/calls"
mkdir -p "$d"
{ echo 'spdflush;'; policy 1; } >"$T/etc/ipsec-tools.conf"
policy 2 >"$d/b two.conf"
printf %s "$(policy 3)" >"$d/a.conf"
policy 4 >"$d/c.conf.dpkg-old"
check 'load' policies load
check 'loads each file, by name' said "$T/calls" "-f $T/etc/ipsec-tools.conf" \
    "-f $d/a.conf" "-f $d/b two.conf"
check 'reload' policies reload
check 'loads all at once' said "$T/read" 'spdflush;' "$(policy 1)" '' \
    "$(policy 3)" "$(policy 2)" ''
echo 'spdadd 192.0.2.1;' >"$d/a.conf"
check 'reload of a wrong file fails' fails policies reload
check 'and changes nothing' fails grep -v '^-n' "$T/calls"
echo 'exit ;' >"$d/a.conf"
check 'reload where a file has an exit' policies reload
check 'is not cut short by that' grep -qx -- "-f $d/b two.conf" "$T/calls"
echo '# a comment' >"$d/bad.conf"
check 'load tells of a file that fails' fails policies load
check 'and loads those behind it' said "$T/calls" "-f $T/etc/ipsec-tools.conf" \
    "-f $d/a.conf" "-f $d/b two.conf" "-f $d/bad.conf"
check 'flush' policies flush
check 'empties both tables' said "$T/calls" -F '-F -P'
check 'RUN_SETKEY=no' env RUN_SETKEY=no sh "$T/policies" load
check 'keeps it from loading' said "$T/calls" -F '-F -P'
check 'another word is refused' fails policies

# ---- init scripts ---------------------------------------------------------------

# A racoon that goes into the background, takes signals down, and is slow to end.
cat >"$T/racoon" <<END
#!/bin/bash
echo "\$*" >>"$T/calls"
case "\$*" in
*-t*) exec test ! -e "$T/wrong" ;;
esac
(
	echo racoon >/proc/self/comm 2>/dev/null
	trap 'echo HUP >>"$T/calls"' HUP
	trap 'sleep 0.3; rm -f "$T/racoon.pid"; exit 0' TERM
	echo \$BASHPID >"$T/racoon.pid"
	while :; do sleep 0.1; done
) >/dev/null 2>&1 &
while [ ! -s "$T/racoon.pid" ]; do sleep 0.05; done
END
chmod 755 "$T/racoon"
echo 'RACOON_ARGS="-d -f /x"' >"$T/default"
sed -e "s,^daemon=.*,daemon=$T/racoon," -e "s,^pidfile=.*,pidfile=$T/racoon.pid," \
    -e "s,/etc/default/racoon\|[^ ]*/default/racoon,$T/default,g" \
    -e '/lsb/d' $service/init.d/racoon >"$T/init"
init()
{
	: >"$T/calls"
	sh "$T/init" "$@"
}
status_is()
{
	local want=$1
	init status
	[ $? -eq "$want" ]
}
check 'status before the start' status_is 3
check 'start' init start
check 'starts it with its options' said "$T/calls" '-d -f /x'
check 'status' status_is 0
check 'another start' init start
check 'starts no second one' fails test -s "$T/calls"
pid=$(cat "$T/racoon.pid")
check 'reload' init reload
sleep 0.5
check 'checks, then sends the signal' said "$T/calls" '-t -d -f /x' HUP
: >"$T/wrong"
check 'a wrong configuration is not reloaded' fails init reload
sleep 0.3
check 'nor heard of' said "$T/calls" '-t -d -f /x'
check 'nor does a restart end what runs' fails init restart
check 'which it still does' kill -0 "$pid"
rm -f "$T/wrong"
check 'restart' init restart
check 'has ended the old one' fails kill -0 "$pid"
check 'and started another' test -s "$T/racoon.pid"
check 'stop' init stop
check 'status after the stop' status_is 3
check 'another stop' init stop
check 'reload of what does not run' fails init reload
echo $$ >"$T/racoon.pid"
check 'the number of another process is not that of racoon' status_is 3
rm -f "$T/racoon.pid"
chmod 755 "$T/policies"
sed -e "s,^policies=.*,policies=$T/policies," -e '/lsb/d' $service/init.d/setkey >"$T/init"
check 'setkey start' fails init start
check 'loads the files' grep -q "^-f $T/etc/ipsec-tools.conf" "$T/calls"
check 'setkey stop' init stop
check 'flushes' said "$T/calls" -F '-F -P'
rm -f "$d"/*
check 'setkey restart' init restart
check 'leaves no gap' fails grep -- -F "$T/calls"

echo "1..$n"
[ $bad -eq 0 ]
