# The structure as tests: layers, no globals, sizes.
dist_check_SCRIPTS += test/layers.sh test/globals.sh test/size.sh \
	test/cycles.sh test/cve.sh test/requests.sh
TESTS += test/layers.sh test/globals.sh test/size.sh \
	test/cycles.sh test/cve.sh test/requests.sh

# What starts the programs, with and without systemd.
dist_check_SCRIPTS += test/services.sh
TESTS += test/services.sh
dist_check_SCRIPTS += test/racoon-tool.sh
TESTS += test/racoon-tool.sh
