# plainrsa-gen(8): a command, of racoon's crypto only.
sbin_PROGRAMS += racoon/plainrsa-gen/plainrsa-gen
racoon_plainrsa_gen_plainrsa_gen_SOURCES = racoon/plainrsa-gen/plainrsa-gen.c
racoon_plainrsa_gen_plainrsa_gen_LDADD = racoon/libcrypto_ike.la
dist_man_MANS += racoon/plainrsa-gen/plainrsa-gen.8
