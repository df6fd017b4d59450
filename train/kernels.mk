# The trainer's kernels: one source, compiled once an instruction set (chosen at run time, train/isa.c), and, with
# the model, once in double for tests of gradients.
KERNELS := gemm gemm_bf16 peak attention ops
FAST    := $(if $(SAN),-DROLLED,-O3) -fno-math-errno -fno-trapping-math
ifneq ($(findstring clang,$(shell $(CC) --version)),)
FAST += -Wno-pass-failed # loops that instrumentation keeps from vectorizing
endif
ifeq ($(OMP),)
HOST += -Wno-unknown-pragmas -Wno-unused-parameter
endif
ISA_avx2   := -mavx2 -mfma
ISA_avx512 := $(ISA_avx2) -mavx512f -mavx512vl -mavx512bw -mavx512dq
ifneq ($(findstring x86_64,$(shell $(CC) -dumpmachine)),)
ISA_avx512bf16 := $(ISA_avx512) -mavx512bf16
ISAS := avx2 avx512 avx512bf16
endif
ifneq ($(findstring aarch64,$(shell $(CC) -dumpmachine)),)
ISA_neon := -DNEON -ffp-contract=fast
ISAS := neon
endif
$(KERNELS:%=$(B)/train/%.o) $(B)/train/adamw.o $(B)/train/muon.o: HOST += $(FAST)
$(B)/train/adamw.o $(KERNELS:%=$(B)/train/%.o): HOST += -ffp-contract=off # "portable" rounds alike everywhere
define kernel
$(B)/train/%.$(1).o: train/%.c
	@mkdir -p $$(@D)
	$(CC) $(HOST) $(FAST) $(2) -MMD -c $$< -o $$@
endef
$(foreach i,$(ISAS),$(eval $(call kernel,$(i),-DISA=$(i) $(ISA_$(i)))))
$(eval $(call kernel,f64,-DMODEL_F64))
$(B)/libtrain.a: $(foreach i,$(ISAS) f64,$(patsubst %,$(B)/train/%.$(i).o,$(if $(filter f64,$(i)),$(filter-out gemm_bf16,$(KERNELS)),$(KERNELS)))) $(B)/train/model.f64.o

# make DNNL=1: with oneDNN (libdnnl-dev), for ULM_ISA=dnnl. The stamp rebuilds what depends on it.
ifneq ($(DNNL),)
HASH := \#
$(if $(shell echo '$(HASH)include <dnnl.h>' | $(CC) -E -x c - >/dev/null 2>&1 && echo yes),,$(error make DNNL=1 needs oneDNN; `scripts/deps dnnl` installs it))
LIBS += -ldnnl
$(B)/train/dnnl.o: HOST += -DULM_DNNL
endif
# Made as this is read: a file without which all else is up to date would not be made (.SECONDARY).
DNNL_IS := $(B)/dnnl-$(or $(DNNL),0)
$(if $(wildcard $(DNNL_IS)),,$(shell mkdir -p $(B) && rm -f $(B)/dnnl-* && touch $(DNNL_IS)))
$(B)/train/dnnl.o: $(DNNL_IS)
