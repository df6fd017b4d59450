# make install, make uninstall: the runtime as a library with its one header, the tools, their man pages.
#   PREFIX (/usr/local), DESTDIR: a folder to put all of it under, for packages
PREFIX  ?= /usr/local
DESTDIR ?=
ABI     := $(shell sed -n 's/^\#define ULM_VERSION_MAJOR *//p' runtime/ulm.h)
RELEASE := $(ABI).$(shell sed -n 's/^\#define ULM_VERSION_MINOR *//p' runtime/ulm.h)
SO      := libulm.so.$(ABI)
TO       = $(DESTDIR)$(PREFIX)
MAN     := $(PROGS:%=$(B)/man/%.1) $(B)/man/ulm.1 $(B)/man/ulm.3

# The shared library gives out the functions of the header and no others.
$(B)/pic/%.o: runtime/%.c
	@mkdir -p $(@D)
	$(CC) $(LEAF) -fPIC -MMD -c $< -o $@
$(B)/ulm.map: runtime/ulm.h runtime/ulm_handoff.h
	@mkdir -p $(@D)
	{ echo 'ULM_$(ABI) { global:'; $(CC) -E -P $< | grep -oE '\bulm_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u | sed 's/$$/;/'; echo 'local: *; };'; } >$@
$(B)/$(SO): $(patsubst runtime/%.c,$(B)/pic/%.o,$(wildcard runtime/*.c)) $(B)/ulm.map
	$(CC) $(SAN) -shared -Wl,-soname,$(SO) -Wl,--version-script=$(B)/ulm.map $(if $(SAN),,-Wl,-z,defs) -o $@ $(filter %.o,$^)
$(B)/libulm.a: $(patsubst %.c,$(B)/%.o,$(wildcard runtime/*.c))

# One header: what ulm.h includes stands in its place.
$(B)/ulm.h: runtime/ulm.h runtime/ulm_handoff.h
	sed -e '/^#include "ulm_handoff.h"/{r runtime/ulm_handoff.h' -e 'd}' runtime/ulm.h | sed '/^#include "ulm.h"/d' >$@
$(B)/ulm.pc: Makefile scripts/install.mk runtime/ulm.h
	printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$${prefix}/lib' 'includedir=$${prefix}/include' '' 'Name: ulm' \
	  'Description: the device runtime of micro language models' 'Version: $(RELEASE)' 'Libs: -L$${libdir} -lulm' \
	  'Cflags: -I$${includedir}' >$@
$(B)/man/%.1: $(B)/% scripts/manpage ; @mkdir -p $(@D) && scripts/manpage $< $(RELEASE) >$@
$(B)/man/ulm.1: ulm scripts/manpage ; @mkdir -p $(@D) && scripts/manpage ./ulm $(RELEASE) >$@
$(B)/man/ulm.3: $(B)/ulm.h scripts/manpage ; @mkdir -p $(@D) && scripts/manpage $(B)/ulm.h $(RELEASE) >$@

install: all $(B)/$(SO) $(B)/libulm.a $(B)/ulm.h $(B)/ulm.pc $(MAN)
	install -d $(TO)/include $(TO)/lib/pkgconfig $(TO)/bin $(TO)/share/man/man1 $(TO)/share/man/man3
	install -m 644 $(B)/ulm.h $(TO)/include/ulm.h
	install -m 644 $(B)/libulm.a $(TO)/lib/libulm.a
	install -m 755 $(B)/$(SO) $(TO)/lib/$(SO)
	ln -sf $(SO) $(TO)/lib/libulm.so
	install -m 644 $(B)/ulm.pc $(TO)/lib/pkgconfig/ulm.pc
	install -m 755 ulm $(PROGS:%=$(B)/%) $(TO)/bin/
	install -m 644 $(filter %.1,$(MAN)) $(TO)/share/man/man1/
	install -m 644 $(filter %.3,$(MAN)) $(TO)/share/man/man3/
uninstall:
	rm -f $(TO)/include/ulm.h $(TO)/lib/libulm.a $(TO)/lib/$(SO) $(TO)/lib/libulm.so $(TO)/lib/pkgconfig/ulm.pc \
	  $(addprefix $(TO)/bin/,ulm $(PROGS)) $(addprefix $(TO)/share/man/man1/,$(notdir $(filter %.1,$(MAN)))) \
	  $(addprefix $(TO)/share/man/man3/,$(notdir $(filter %.3,$(MAN))))
.PHONY: install uninstall
