// The only C++ of the project: libsentencepiece behind spm.h. No exception leaves this file.
#include "sample.h"
#include "spm.h"
#include "vocab.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <unordered_map>
#include <vector>

// Programs are linked by the C compiler, whose UBSan runtime lacks clang's check of C++ object
// types.
#ifdef __clang__
#pragma clang attribute push(__attribute__((no_sanitize("vptr"))), apply_to = function)
#endif

using sentencepiece::SentencePieceProcessor;
using sentencepiece::SentencePieceTrainer;

struct spm {
  SentencePieceProcessor processor;
  uint32_t vocab = 0;
  uint8_t *section = nullptr; // VOCB, which `device` reads
  ulm_vocab device = {};
  ~spm() { free(section); }
};

namespace {

constexpr size_t kTextMax = size_t{256} << 20;

/* Runs f, which returns like it, and turns exceptions into host_error and -1. */
template <typename F> auto guarded(host_error *e, F f) -> decltype(f()) {
  try {
    return f();
  } catch (const std::exception &x) {
    return host_fail(e, "libsentencepiece: %s", x.what());
  } catch (...) {
    return host_fail(e, "libsentencepiece: unknown exception");
  }
}

void reserve(uint16_t **ids, size_t *cap, size_t count) {
  *cap = count + count / 2;
  *ids = static_cast<uint16_t *>(host_realloc(*ids, *cap * sizeof **ids, "token ids"));
}

spm *load(const uint8_t *bytes, size_t n, int type, host_error *e) {
  uint32_t vocab = 0;
  if (spm_check_type(bytes, n, type, &vocab, e)) return nullptr;
  spm *s = nullptr;
  const int bad = guarded(e, [&] {
    s = new spm;
    s->vocab = vocab;
    const auto status =
        s->processor.LoadFromSerializedProto({reinterpret_cast<const char *>(bytes), n});
    if (!status.ok()) return host_fail(e, "tokenizer model: %s", status.error_message());
    if (static_cast<uint32_t>(s->processor.GetPieceSize()) != vocab)
      return host_fail(e, "tokenizer model: libsentencepiece reads another vocabulary size");
    return 0;
  });
  if (!bad) return s;
  delete s;
  return nullptr;
}

int add_device(spm *s, host_error *e) {
  size_t size = 0;
  if (vocab_build(s, &s->section, &size, e)) return -1;
  const ulm_section at = {s->section, size, 0, 0, 0};
  ulm_error err;
  return ulm_vocab_open(&s->device, &at, s->vocab, &err) ? host_fail_ulm(e, "VOCB", &err) : 0;
}

class Lines : public sentencepiece::SentenceIterator {
public:
  explicit Lines(const sample *s) : sample_(s) {}
  bool done() const override { return at_ == sample_->count + roles() + 1; }
  void Next() override { at_++; }
  const std::string &value() const override {
    static const char *const names[3] = {"user", "assistant", "system"};
    if (at_ < sample_->count)
      line_.assign(sample_->parts[at_].text, sample_->parts[at_].size);
    else if (at_ < sample_->count + roles())
      line_ = names[(at_ - sample_->count) % 3];
    else
      line_ = " "; // the one character that must be there
    return line_;
  }
  sentencepiece::util::Status status() const override { return {}; }

private:
  // Every turn begins with a role, so each is about as frequent as this; enough to become one
  // piece.
  size_t roles() const { return 3 * (16 + sample_->count / 8); }
  const sample *sample_;
  size_t at_ = 0;
  mutable std::string line_;
};

/* The library's words for a vocabulary that does not fit the text, in ours. */
int train_failed(const char *why, uint32_t vocab, host_error *e) {
  unsigned n = 0;
  const char *high = std::strstr(why, "Please set it to a value <= ");
  if (high && std::sscanf(high, "Please set it to a value <= %u", &n) == 1)
    return host_fail(e, "the text is too small for %u pieces; give more text or use --vocab %u",
                     vocab, n);
  const char *low = std::strstr(why, " vs ");
  if (std::strstr(why, "smaller than required_chars") && low && std::sscanf(low, " vs %u", &n) == 1)
    return host_fail(
        e, "%u pieces are too few for the characters of the text; use at least --vocab %u", vocab,
        n);
  return host_fail(e, "libsentencepiece: %s", why);
}

} // namespace

extern "C" {

spm *spm_open(const uint8_t *bytes, size_t n, host_error *e) {
  spm *s = load(bytes, n, SPM_BPE, e);
  if (s && !guarded(e, [&] { return add_device(s, e); })) return s;
  delete s;
  return nullptr;
}

spm *spm_open_unigram(const uint8_t *bytes, size_t n, host_error *e) {
  return load(bytes, n, SPM_UNIGRAM, e);
}

void spm_close(spm *s) { delete s; }

uint32_t spm_vocab(const spm *s) { return s->vocab; }

const char *spm_piece(const spm *s, uint32_t id, size_t *n, float *score, int *type) {
  if (id >= s->vocab) return nullptr;
  const int i = static_cast<int>(id);
  const std::string &text = s->processor.IdToPiece(i);
  if (n) *n = text.size();
  if (score) *score = s->processor.GetScore(i);
  if (type)
    *type = s->processor.IsUnknown(i)   ? 2
            : s->processor.IsControl(i) ? 3
            : s->processor.IsByte(i)    ? 6
                                        : 1;
  return text.c_str();
}

long spm_encode(const spm *s, const char *text, size_t n, uint16_t **ids, size_t *cap,
                host_error *e) {
  if (!s->section) return spm_encode_library(s, text, n, ids, cap, e); // unigram
  if (n > kTextMax) return host_fail(e, "a text is longer than 256 MB; split it");
  return guarded(e, [&]() -> long {
    thread_local std::vector<uint32_t> scratch;
    const size_t need = ulm_vocab_scratch(n);
    if (scratch.size() * 4 < need) scratch.resize((need + 3) / 4);
    for (;;) {
      size_t count = 0;
      const ulm_status bad =
          ulm_vocab_encode(&s->device, text, n, scratch.data(), need, *ids, *cap, &count);
      if (!bad) return static_cast<long>(count);
      if (bad != ULM_E_CONTEXT) return host_fail(e, "a text cannot be encoded");
      reserve(ids, cap, count);
    }
  });
}

long spm_encode_library(const spm *s, const char *text, size_t n, uint16_t **ids, size_t *cap,
                        host_error *e) {
  if (n > kTextMax) return host_fail(e, "a text is longer than 256 MB; split it");
  return guarded(e, [&]() -> long {
    thread_local std::vector<int> found;
    const auto status = s->processor.Encode({n ? text : "", n}, &found);
    if (!status.ok()) return host_fail(e, "libsentencepiece: %s", status.error_message());
    if (found.size() > *cap) reserve(ids, cap, found.size());
    for (size_t i = 0; i < found.size(); i++) (*ids)[i] = static_cast<uint16_t>(found[i]);
    return static_cast<long>(found.size());
  });
}

long spm_decode(const spm *s, const uint16_t *ids, size_t n, char **text, size_t *cap,
                host_error *e) {
  return guarded(e, [&]() -> long {
    std::string found;
    const auto status = s->processor.Decode(std::vector<int>(ids, ids + n), &found);
    if (!status.ok()) return host_fail(e, "libsentencepiece: %s", status.error_message());
    if (found.size() >= *cap) {
      *cap = found.size() + found.size() / 2 + 1;
      *text = static_cast<char *>(host_realloc(*text, *cap, "decoded text"));
    }
    std::memcpy(*text, found.c_str(), found.size() + 1);
    return static_cast<long>(found.size());
  });
}

int spm_train(const char *(*next)(void *user, size_t *n), void *user, const spm_train_options *o,
              uint8_t **model, size_t *size, host_error *e) {
  if (o->vocab < ULM_BYTE0 + 256 || o->vocab > 65535)
    return host_fail(e, "a vocabulary of %u pieces is out of range; use 260..65535", o->vocab);
  sample text = {};
  const int bad = sample_lines(&text, next, user, o->max_bytes, o->seed, e) || guarded(e, [&] {
                    const std::unordered_map<std::string, std::string> settings = {
                        {"minloglevel", "2"},
                        {"model_type", o->unigram ? "unigram" : "bpe"},
                        {"vocab_size", std::to_string(o->vocab)},
                        {"num_threads", "1"}, // stored in the model; more would gain nothing
                        {"character_coverage", "0.9995"},
                        {"required_chars", "\u2581"}, // a piece, however rare spaces are
                        {"normalization_rule_name", "identity"},
                        {"add_dummy_prefix", "false"},
                        {"remove_extra_whitespaces", "false"},
                        {"split_digits", "true"},
                        {"byte_fallback", "true"},
                        {"shuffle_input_sentence", "false"},
                        {"max_sentence_length", std::to_string(SPM_LINE_MAX)},
                        {"pad_id", "0"},
                        {"bos_id", "1"},
                        {"eos_id", "2"},
                        {"unk_id", "3"},
                        {"pad_piece", "<|endoftext|>"},
                        {"bos_piece", "<|im_start|>"},
                        {"eos_piece", "<|im_end|>"},
                        {"unk_piece", "<unk>"},
                    };
                    Lines lines(&text);
                    std::string bytes;
                    const auto status = SentencePieceTrainer::Train(settings, &lines, &bytes);
                    if (!status.ok()) return train_failed(status.error_message(), o->vocab, e);
                    uint32_t vocab = 0;
                    if (spm_check_type(reinterpret_cast<const uint8_t *>(bytes.data()),
                                       bytes.size(), o->unigram ? SPM_UNIGRAM : SPM_BPE, &vocab, e))
                      return -1;
                    *size = bytes.size();
                    *model =
                        static_cast<uint8_t *>(host_alloc(bytes.size(), "the tokenizer model"));
                    std::memcpy(*model, bytes.data(), bytes.size());
                    return 0;
                  });
  sample_free(&text);
  return bad ? -1 : 0;
}
}

#ifdef __clang__
#pragma clang attribute pop
#endif
