/* Start, console, clock and stack of a bare Cortex-M55; mps3.ld says where all lies.
 *
 * board_main runs on the process stack, whose limit register turns an overflow into a fault;
 * handlers have the main stack. */
#include "board.h"

#include <string.h>

extern uint8_t stack_low[], stack_high[], handler_high[], data_low[], data_high[], data_load[],
    bss_low[], bss_high[], flash_low[], external_low[];

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define CPACR             REGISTER(0xe000ed88) /* coprocessor access */
#define COUNTER_CONTROL   REGISTER(0x58100000) /* the SSE-300's system counter */
#define COUNTER_LOW       REGISTER(0x58100008)
#define COUNTER_HIGH      REGISTER(0x5810000c)
#define PAINT             0xa5

/* ---- Semihosting: the debugger, here QEMU, does what register 0 says with what register 1 points
 * to ---- */

enum { SYS_WRITE0 = 0x04, SYS_GET_CMDLINE = 0x15, SYS_EXIT_EXTENDED = 0x20 };

static intptr_t ask_host(int what, const void *with) {
  register intptr_t r0 __asm__("r0") = what;
  register const void *r1 __asm__("r1") = with;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

void board_put(const char *text) { ask_host(SYS_WRITE0, text); }

void board_number(uint64_t n) {
  char digits[21], *p = digits + sizeof digits;
  *--p = 0;
  do *--p = (char)('0' + n % 10);
  while (n /= 10);
  board_put(p);
}

__attribute__((noreturn)) static void leave(int status) {
  const intptr_t how[2] = {0x20026, status}; /* the application ended */
  ask_host(SYS_EXIT_EXTENDED, how);
  for (;;) continue;
}

/* ---- Clock ----
 * QEMU with `-icount shift=0` lets a nanosecond pass for each instruction that it executes,
 * whatever the instruction; the system counter ticks at 32 MHz of that time, so a tick is 31.25 of
 * them. */

uint64_t board_clock(void) {
  uint32_t high, low;
  do high = COUNTER_HIGH, low = COUNTER_LOW;
  while (high != COUNTER_HIGH);
  return ((uint64_t)high << 32 | low) * 125 / 4;
}

/* ---- Memory ---- */

size_t board_stack_size(void) { return (size_t)(stack_high - stack_low); }

size_t board_stack_used(void) {
  const volatile uint8_t *p = stack_low;
  while (p < stack_high && *p == PAINT) p++;
  return (size_t)(stack_high - p);
}

const uint8_t *board_flash(void) { return flash_low; }

const uint8_t *board_blob(void) {
  if (!memcmp(flash_low, "\x89ULM", 4)) return flash_low;
  return memcmp(external_low, "\x89ULM", 4) ? NULL : external_low;
}

/* ---- Start ---- */

static char arguments[1024];

__attribute__((noreturn)) static void begin(void) {
  const struct {
    char *text;
    intptr_t size;
  } line = {arguments, sizeof arguments - 1};
  if (ask_host(SYS_GET_CMDLINE, &line)) arguments[0] = 0;
  COUNTER_CONTROL = 1;
  leave(board_main(arguments));
}

/* Inlined, so that nothing of reset's own lies on a stack that it is about to leave. */
__attribute__((noreturn, naked, used)) static void to_process_stack(void) {
  __asm__ volatile("msr psplim, %0\n msr psp, %1\n movs r0, #2\n msr control, r0\n isb\n b %2"
                   :
                   : "r"(stack_low), "r"(stack_high), "i"(begin)
                   : "r0");
}

__attribute__((noreturn)) void reset(void);
void reset(void) {
  CPACR |= 0xfu << 20; /* floating point and Helium */
  __asm__ volatile("dsb\n isb");
  memcpy(data_low, data_load, (size_t)(data_high - data_low));
  memset(bss_low, 0, (size_t)(bss_high - bss_low));
  memset(stack_low, PAINT, (size_t)(stack_high - stack_low));
  to_process_stack();
}

__attribute__((noreturn)) static void fault(void) {
  board_put("board: a fault; the stack may have overflowed\n");
  leave(1);
}

/* Stack, reset, then 14 exceptions of the processor's own; interrupts stay off. */
__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    handler_high,        (const void *)reset, (const void *)fault, (const void *)fault,
    (const void *)fault, (const void *)fault, (const void *)fault, (const void *)fault,
    (const void *)fault, (const void *)fault, (const void *)fault, (const void *)fault,
    (const void *)fault, (const void *)fault, (const void *)fault, (const void *)fault};
