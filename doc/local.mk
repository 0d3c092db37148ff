# For people: what is not a manual page.
EXTRA_DIST += doc/ARCHITECTURE.md doc/COMPATIBILITY.md doc/HACKING.md \
	doc/SECURITY.md
EXTRA_DIST += doc/INTEROP.md doc/MESH.md
EXTRA_DIST += doc/monitoring/README.md doc/monitoring/racoon-dashboard.json \
	doc/monitoring/racoon-alerts.yml doc/monitoring/racoon-alerts-test.yml
