/* Personal data by its shape: what reaches one person, or pays for one. Private to data/. */
#ifndef PERSONAL_H
#define PERSONAL_H

#include <stddef.h>

/* NULL, or what clean text holds (a constant string):
 *   "personal data: an e-mail address"   name@host.tld
 *   "personal data: a telephone number"  +CC and 8-15 digits in groups, or ten digits as 3-3-4
 *   "personal data: a card number"       13-19 digits, plain or in groups of four, that pass Luhn's
 * check "personal data: an identity number"  ddd-dd-dddd (United States) Names, street addresses
 * and places are not told from those of public life. */
const char *personal_find(const char *text, size_t n);

#endif
