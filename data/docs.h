/* Documents out of files: chat in every usual form, and running text.
 *
 * A file is JSON lines, one JSON array of records, or records written over several lines; plain or
 * gzip, told by its first bytes. The form of a record is told by its keys:
 *   {"messages": [{"role", "content"}]}         content: a string, null, or [{"type": "text",
 * "text"}]
 *   {"conversations": [{"from", "value"}]}      ShareGPT; human|user, gpt|assistant, system
 *   {"instruction", "input", "output"}          Alpaca; input may be absent
 *   {"prompt", "completion" | "response"}, {"question", "answer"}
 *   {"text"}                                    running text
 * A record may also say "source", "slot", "held" and "licence" (strings), and a message
 * "no_opener" (a string): the reply must not be learned as an opener. A path of "-" is standard
 * input. */
#ifndef DOCS_H
#define DOCS_H

#include "host.h"
#include "runtime/ulm.h"

enum { DOCS_RECORD_MAX = 16 << 20, DOCS_TEXT_GROUP = 8192 };

/* Why a reply must not be learned as an opener: how it begins (openers.h), or that it was marked.
 */
typedef enum {
  DOC_OPENS,
  DOC_HEADING,
  DOC_LIST,
  DOC_CODE,
  DOC_QUOTE,
  DOC_SHORT,
  DOC_MARKED,
  DOC_SKIPS
} doc_skip;
extern const char *const doc_skip_names[DOC_SKIPS]; /* as "no_opener" says them */

typedef struct {
  const char *source, *slot, *held, *licence; /* NULL: the record does not say */
  const ulm_message *turns;                   /* a conversation, roles as above; or NULL */
  const uint8_t *skip;                        /* a doc_skip for each turn; NULL: none is marked */
  size_t count;
  const char *text; /* running text, or NULL; exactly one of turns and text is set */
  size_t text_size;
  uint64_t line, byte; /* where the record begins: from 1, from 0, of the unpacked text */
  uint64_t invalid;    /* bytes and escapes left out because they are no Unicode */
  uint64_t part;       /* of paragraphs: documents before this one since an empty line */
} doc;

typedef struct docs docs;

/* Chat and {"text"} records. NULL with *e if the file cannot be opened. */
docs *docs_open(const char *path, host_error *e);
/* DIR/<split>.jsonl.gz of a folder that ulm-data wrote; split: "train", "val" or "test". It may
 * hold no document. Where DIR/data.json describes another file than is there, the folder is
 * refused: it was mixed of two, as when a program is killed while it puts its files in place; and
 * where it describes one that is not there. */
docs *docs_open_split(const char *dir, const char *split, host_error *e);
/* Is that file there, or promised by DIR/data.json? */
bool docs_has_split(const char *dir, const char *split);
/* Running text: one paragraph a line; paragraphs joined by "\n" to documents of at most
 * DOCS_TEXT_GROUP bytes (a longer paragraph stands alone), never across an empty line. A file whose
 * first byte is '{', or '[' before '{', holds records instead. */
docs *docs_open_text(const char *path, host_error *e);
/* The same from memory, which must outlive the reader. `name` stands for the path in errors. */
docs *docs_open_memory(const void *bytes, size_t size, const char *name, bool text, host_error *e);
/* 1: *out is the next document, its pointers valid until the next call; 0: the end; -1: *e says
 * what is wrong, with file, line and byte. A file without any record is an error. */
int docs_next(docs *d, doc *out, host_error *e);
/* After -1: was it one record only, so that docs_next may go on with the one after it? */
bool docs_can_skip(const docs *d);
uint64_t docs_read(const docs *d); /* bytes of the file (packed, where it is gzip) read so far */
void docs_close(docs *d);          /* d may be NULL */

#endif
