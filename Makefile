# ulm on one page.  make | demo | test | kills | mpi-test | fuzz | asan | ubsan | tsan | device | portability | neon | bench-insn | examples | web | web-test | bench-train | bench-data | bench-speed | format | clean
B      ?= build$(if $(MPI),-mpi)
CC     ?= gcc
CXX    ?= g++
OPT    ?= -O2 -g
SAN    ?=
WARN   := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes -Wvla -Werror
OMP    ?= -fopenmp
HOST   := -std=gnu11 $(OPT) $(WARN) -D_GNU_SOURCE -I. $(OMP) $(SAN) $(EXTRA)
LEAF   := -std=c11 $(OPT) $(WARN) -Iruntime -ffp-contract=off $(SAN) $(EXTRA)
LIBS   := -Wl,--as-needed -lsentencepiece_train -lsentencepiece -lcurl -ljansson -lutf8proc -lz -lstdc++ -lm $(OMP)

# MPI=1: ulm-train on several processes and machines (train/ranks.h), in a build folder of its own.
ifdef MPI
MPICC  := $(or $(shell command -v mpicc),$(error MPI=1 needs Open MPI; `scripts/deps mpi` installs it))
HOST   += -DULM_MPI $(patsubst -I%,-isystem %,$(shell $(MPICC) --showme:compile))
LIBS   += $(shell $(MPICC) --showme:link)
else
ALONE  := train/ranks_mpi.c
endif

# Stages in the order data walks; each may use those after it in LINK, and runtime/ uses none.
STAGES := data tokenizer train quantize export bench
LINK   := bench export quantize train tokenizer data host runtime
PROGS  := $(patsubst %.c,%,$(notdir $(wildcard $(STAGES:=/ulm-*.c))))
ARCH   := $(LINK:%=$(B)/lib%.a)
TESTS  := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/test_*.c))
FUZZ   := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/fuzz_*.c))

all: $(PROGS:%=$(B)/%)

objs    = $(patsubst %.c,$(B)/%.o,$(filter-out $(wildcard $(1)/ulm-*.c) $(ALONE),$(wildcard $(1)/*.c)))
$(B)/libhost.a: $(B)/host.o
$(B)/libruntime.a: $(patsubst %.c,$(B)/%.o,$(wildcard runtime/*.c))
$(B)/libtokenizer.a: $(B)/tokenizer/spm.o
$(foreach s,$(STAGES),$(eval $(B)/lib$(s).a: $(call objs,$(s))))
$(B)/lib%.a:
	@rm -f $@ && ar rcs $@ $^

# The trainer's inner loops are compiled once an instruction set and chosen at run time.
include train/kernels.mk
include scripts/install.mk

# clang takes minutes over UBSan's checks in the unrolled kernels of x86; where it fuzzes they go without (make ubsan has them).
$(B)/runtime/ulm_kernels_avx%.o: LESS := $(if $(findstring fuzzer,$(SAN))$(findstring coverage,$(SAN)),-fno-sanitize=undefined)
$(B)/runtime/%.o: runtime/%.c
	@mkdir -p $(@D)
	$(CC) $(LEAF) $(LESS) -MMD -c $< -o $@
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(HOST) -MMD -c $< -o $@
$(B)/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) -std=c++17 $(OPT) -Wall -Wextra -Wshadow -Werror -I. $(SAN) -MMD -c $< -o $@
.SECONDARY:
$(foreach s,$(STAGES),$(foreach p,$(patsubst $(s)/%.c,%,$(wildcard $(s)/ulm-*.c)),$(eval $(B)/$(p): $(B)/$(s)/$(p).o)))
# ulm-run has nothing left to link when it starts, where static libraries are: that is 0.2 ms of a process that may take 5.
STATIC = $(shell echo 'int main(void) { return 0; }' | $(CC) -static-pie -x c - -o /dev/null -lz -lm -pthread 2>/dev/null && echo -static-pie)
$(B)/ulm-run: LIBS = $(if $(SAN),,$(STATIC)) -lz -lm -pthread
$(PROGS:%=$(B)/%): $(ARCH)
	$(CC) $(SAN) -o $@ $(filter %.o,$^) $(ARCH) $(LIBS)
$(B)/tests/test_%: $(B)/tests/test_%.o $(ARCH)
	$(CC) $(SAN) -o $@ $< $(ARCH) -lcmocka $(LIBS)

$(B)/tests/parity $(B)/tests/mpi_grads $(B)/tests/bench_data: %: %.o $(ARCH)
	$(CC) $(SAN) -o $@ $< $(ARCH) $(LIBS)
parity: $(B)/tests/parity ; @$<

$(B)/tests/portable_blobs $(B)/tests/preset_blob: %: %.o $(B)/libtokenizer.a $(B)/libhost.a $(B)/libruntime.a
	$(CC) $(SAN) -o $@ $^ $(LIBS)
$(B)/tests/race: $(B)/tests/race.o $(ARCH)
	$(CC) $(SAN) -Wl,--wrap=adamw_norm -o $@ $< $(ARCH) $(LIBS)
$(B)/tests/fuzz_%: $(B)/tests/fuzz_%.o $(ARCH)
	$(CC) $(SAN) -fsanitize=fuzzer -o $@ $< $(ARCH) $(LIBS)

deps demo test mpi-test asan ubsan tsan fuzz portability neon bench-insn examples web-test bench-train bench-data bench-speed: ; @scripts/$@
device: ; @scripts/device && scripts/device-board
web: ; @scripts/web $(BLOB)
kills: $(B)/tests/test_kills $(B)/ulm-train ; ULM_KILLS=$(or $(KILLS),1000) $<
format: ; clang-format -i *.[ch] $(LINK:%=%/*.[ch]) tests/*.[ch]
clean: ; rm -rf build build-*
tests: $(TESTS)
fuzzers: $(FUZZ)
-include $(shell find $(B) -name '*.d' 2>/dev/null)
.PHONY: all deps demo test mpi-test tests parity fuzzers asan ubsan tsan kills fuzz device portability neon bench-insn examples web web-test bench-train bench-data bench-speed format clean
