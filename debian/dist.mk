# Whoever has a tarball can make packages of it.
EXTRA_DIST += \
	debian/changelog \
	debian/control \
	debian/copyright \
	debian/ipsec-tools.dirs \
	debian/ipsec-tools.docs \
	debian/ipsec-tools.install \
	debian/ipsec-tools.links \
	debian/ipsec-tools.lintian-overrides \
	debian/libipsec-dev.examples \
	debian/libipsec-dev.install \
	debian/libipsec0.install \
	debian/libipsec0.symbols \
	debian/racoon-tool \
	debian/racoon-tool.8 \
	debian/racoon-tool.conf \
	debian/racoon-tool.conf.5 \
	debian/racoon.NEWS \
	debian/racoon.dirs \
	debian/racoon.docs \
	debian/racoon.examples \
	debian/racoon.install \
	debian/racoon.links \
	debian/racoon.manpages \
	debian/racoon.postinst \
	debian/racoon.postrm \
	debian/racoon.racoon-tool.service \
	debian/rules \
	debian/source/format
