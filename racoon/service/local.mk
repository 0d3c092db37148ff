# How a system starts the programs: units or init scripts, what they read, and
# a first configuration.
policiesdir = $(libexecdir)/ipsec-tools
policies_SCRIPTS = racoon/service/policies
service_made = racoon/service/policies racoon/service/racoon.service \
	racoon/service/ipsec-tools.service racoon/service/tmpfiles.d/racoon.conf \
	racoon/service/init.d/racoon racoon/service/init.d/setkey
check_DATA = $(service_made)
service_kept = racoon/service/default/racoon racoon/service/default/setkey \
	racoon/service/racoon.conf racoon/service/ipsec-tools.conf
if SYSTEMD
systemdunit_DATA = racoon/service/racoon.service \
	racoon/service/ipsec-tools.service
sysusersdir = $(systemdunitdir)/../../sysusers.d
dist_sysusers_DATA = racoon/service/sysusers.d/racoon.conf
tmpfilesdir = $(systemdunitdir)/../../tmpfiles.d
tmpfiles_DATA = racoon/service/tmpfiles.d/racoon.conf
endif
if INITSCRIPTS
init_SCRIPTS = racoon/service/init.d/racoon racoon/service/init.d/setkey
endif
CLEANFILES += $(service_made)
EXTRA_DIST += racoon/service/policies.in racoon/service/racoon.service.in \
	racoon/service/ipsec-tools.service.in \
	racoon/service/tmpfiles.d/racoon.conf.in \
	racoon/service/init.d/racoon.in racoon/service/init.d/setkey.in \
	$(service_kept)

# Not by configure: the directories may still be changed when make runs.
$(service_made): racoon/service/local.mk Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SED) \
	    -e 's,@sbindir[@],$(sbindir),g' \
	    -e 's,@libexecdir[@],$(libexecdir),g' \
	    -e 's,@sysconfdir[@],$(sysconfdir),g' \
	    -e 's,@environmentdir[@],$(environmentdir),g' \
	    -e 's,@runstatedir[@],$(runstatedir),g' \
	    -e 's,@fdstore_preserve[@],$(FDSTORE_PRESERVE),g' \
	    $(srcdir)/$@.in >$@.new && mv $@.new $@
racoon/service/policies: racoon/service/policies.in
racoon/service/racoon.service: racoon/service/racoon.service.in
racoon/service/ipsec-tools.service: racoon/service/ipsec-tools.service.in
racoon/service/tmpfiles.d/racoon.conf: racoon/service/tmpfiles.d/racoon.conf.in
racoon/service/init.d/racoon: racoon/service/init.d/racoon.in
racoon/service/init.d/setkey: racoon/service/init.d/setkey.in

# Configuration is put where there is none, and taken away where nobody has
# changed it.
service_places = \
	racoon/service/default/racoon,$(environmentdir)/racoon,644 \
	racoon/service/default/setkey,$(environmentdir)/setkey,644 \
	racoon/service/ipsec-tools.conf,$(sysconfdir)/ipsec-tools.conf,755 \
	racoon/service/racoon.conf,$(sysconfdir)/racoon/racoon.conf,600

install-data-hook:
	$(MKDIR_P) $(DESTDIR)$(environmentdir) $(DESTDIR)$(sysconfdir)/racoon \
	    $(DESTDIR)$(sysconfdir)/ipsec-tools.d
	for place in $(service_places); do \
		IFS=,; set -- $$place; unset IFS; \
		test -e $(DESTDIR)$$2 || \
		    $(INSTALL) -m $$3 $(srcdir)/$$1 $(DESTDIR)$$2 || exit 1; \
	done
if SYSTEMD
	cd $(DESTDIR)$(systemdunitdir) && \
	    ln -sf ipsec-tools.service setkey.service
endif

uninstall-hook:
	for place in $(service_places); do \
		IFS=,; set -- $$place; unset IFS; \
		! cmp -s $(srcdir)/$$1 $(DESTDIR)$$2 || \
		    rm -f $(DESTDIR)$$2; \
	done
	-rmdir $(DESTDIR)$(sysconfdir)/ipsec-tools.d \
	    $(DESTDIR)$(sysconfdir)/racoon 2>/dev/null
if SYSTEMD
	rm -f $(DESTDIR)$(systemdunitdir)/setkey.service
endif
