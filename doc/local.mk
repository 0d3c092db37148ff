# For people: what is not a manual page.
EXTRA_DIST += doc/ARCHITECTURE.md doc/COMPATIBILITY.md doc/HACKING.md \
	doc/SECURITY.md
EXTRA_DIST += doc/ADMIN.md doc/INTEROP.md doc/MESH.md
EXTRA_DIST += doc/monitoring/README.md doc/monitoring/racoon-dashboard.json \
	doc/monitoring/racoon-alerts.yml doc/monitoring/racoon-alerts-test.yml
EXTRA_DIST += doc/MIGRATION.md doc/packaging/README.md \
	doc/packaging/ipsec-tools.spec doc/packaging/PKGBUILD \
	doc/packaging/Containerfile doc/packaging/container-start
