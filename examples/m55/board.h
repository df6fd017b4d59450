/* The least that a program on a bare Cortex-M55 (the board mps3-an547 as QEMU has it) needs: start,
 * text on the debugger's console, a clock, and the height of the stack. */
#ifndef BOARD_H
#define BOARD_H
#include <stddef.h>
#include <stdint.h>

int board_main(const char *arguments); /* the program's; returns the exit status */

void board_put(const char *text); /* to the semihosting console */
void board_number(uint64_t n);    /* the same, decimal */
uint64_t board_clock(void);       /* instructions since start, in steps of 31.25; see board.c */
size_t board_stack_size(void);    /* bytes of stack that board_main has */
size_t board_stack_used(void);    /* bytes of it that were ever written */

/* The two windows that may hold a blob: serial flash, 8 MB, and external memory, which stands for a
 * larger flash. NULL where neither begins with a blob's first bytes. */
const uint8_t *board_blob(void);
const uint8_t *board_flash(void); /* where the first window begins */
#endif
