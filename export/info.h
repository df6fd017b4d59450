/* What a file of ulm's is: everything checked, told as JSON. */
#ifndef INFO_H
#define INFO_H

#include "../host.h"

#include <jansson.h>

/* Reads a shard, checkpoint, quantized model, blob or tokenizer model whole, verifies every
 * checksum and every field as its own reader does, and returns
 *   {"file", "kind": "shard"|"checkpoint"|"quantized"|"blob"|"tokenizer", "bytes",
 *    "version", "sections": [{"tag", "offset", "bytes", "crc32"}],      not of a tokenizer model
 *    "config": {"dim", ...}, "parameters", "weights": [{"type", "values", "bytes"}],   of models
 *    "vocab",
 *    "split", "tokens", "documents", "chats", "reply_tokens", "replies", "opener_tokens",  of
 * shards "gate": {"bias", "weights", "threshold"},                          of blobs that have one
 *    "snapshot": {"tokens", "text", "kv": ["f32", ...]},                           likewise
 *    "meta": {...}}
 * NULL with the error set for anything else. */
json_t *info_read(const char *path, host_error *e);

/* The same for people. */
void info_print(FILE *f, const json_t *info);

#endif
