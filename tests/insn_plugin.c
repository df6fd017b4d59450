/* A plugin of QEMU that counts the guest's instructions and prints their number to stderr at exit:
 *   cc -shared -fPIC -O2 tests/insn_plugin.c -o insn.so && qemu-aarch64 -plugin ./insn.so PROGRAM
 * Distributions ship QEMU without qemu-plugin.h; this is the part of its documented interface
 * (docs.qemu.org, "TCG plugins", version 1) that is used here. */
#include <stdint.h>
#include <stdio.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
enum { QEMU_PLUGIN_CB_NO_REGS };
typedef void (*tb_translated)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*tb_executed)(unsigned vcpu, void *user);
typedef void (*at_exit)(qemu_plugin_id_t id, void *user);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_translated cb);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, tb_executed cb, int flags,
                                          void *user);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, at_exit cb, void *user);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);

#define EXPORT __attribute__((visibility("default")))
EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);
int qemu_plugin_version = 1;

static uint64_t count;

static void executed(unsigned vcpu, void *instructions) {
  (void)vcpu;
  count += (uintptr_t)instructions;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, QEMU_PLUGIN_CB_NO_REGS,
                                       (void *)(uintptr_t)qemu_plugin_tb_n_insns(tb));
}

static void over(qemu_plugin_id_t id, void *user) {
  (void)id, (void)user;
  fprintf(stderr, "instructions %llu\n", (unsigned long long)count);
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
  (void)info, (void)argc, (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, over, NULL);
  return 0;
}
