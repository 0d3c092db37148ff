# The rig that runs tests on a real kernel, and its suites.
EXTRA_DIST += test/all .ci/run \
	test/rig/packages test/rig/install test/rig/build.sh test/rig/guest \
	test/rig/init test/rig/modprobe test/rig/modprobe-no-des \
	test/rig/xstate.c test/rig/lib.sh test/rig/traffic.c test/rig/watch.c \
	test/rig/host.c test/kernel/mesh.sh test/kernel/storm.sh \
	test/kernel/common.sh test/kernel/rig.sh test/kernel/racoon.sh \
	test/kernel/interop.sh test/kernel/errors.sh test/kernel/as_aes.c \
	test/kernel/dns.sh test/kernel/gss.sh test/kernel/pfkey.sh \
	test/kernel/reload.sh test/kernel/heal.sh test/kernel/pki.sh \
	test/kernel/privsep.sh test/kernel/reboot.sh test/kernel/restart.sh \
	test/kernel/observe.sh test/kernel/ctl.sh \
	test/kernel/matrix.sh test/kernel/phase1.sh test/kernel/road.sh \
	test/interop-matrix \
	test/demo test/rig/demo.sh test/bench/run test/bench/bench.sh \
	test/bench/policies.sh \
	doc/TESTING.md test/kernel/sample/racoon.conf test/kernel/sample/ipsec-tools.conf
EXTRA_DIST += test/kernel/migration.sh test/rig/source-copy test/packages/run test/packages/tunnel.sh test/packages/probe \
	test/packages/old/etc/racoon/racoon.conf \
	test/packages/old/etc/racoon/psk.txt \
	test/packages/old/etc/ipsec-tools.conf \
	test/packages/old/etc/ipsec-tools.d/office.conf \
	test/packages/old/etc/default/racoon
