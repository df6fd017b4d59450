/* What data.json says of the files beside it, so that a folder mixed of two runs is found out.
 * Private to data/. */
#ifndef SEAL_H
#define SEAL_H

#include <jansson.h>
#include "host.h"

/* {"bytes", "tail"}: a file's size and its last 8 bytes in hexadecimal, which in a gzip file are
 * the checksum and size of its last member. NULL with *e. */
json_t *seal_of(const char *path, host_error *e);
/* Does DIR/data.json describe the file `name` (or is it damaged)? */
bool seal_promises(const char *dir, const char *name);
/* 0 if DIR/data.json does not describe the file `name`, or describes the one that is there. */
int seal_check(const char *dir, const char *name, host_error *e);

#endif
