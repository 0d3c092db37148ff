# The structure as tests: layers, no globals, sizes.
dist_check_SCRIPTS += test/layers.sh test/globals.sh test/size.sh \
	test/cycles.sh test/cve.sh
TESTS += test/layers.sh test/globals.sh test/size.sh \
	test/cycles.sh test/cve.sh
