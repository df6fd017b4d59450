/* What every test program includes: cmocka and the headers it wants before it. */
#ifndef TESTS_T_H
#define TESTS_T_H
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef ULM_ALONE
#include "alone.h"
#else
#include <setjmp.h>
#include <cmocka.h>
#endif
#endif
