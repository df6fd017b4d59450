/* The handoff: recovery, its record, its states. docs/HANDOFF.md. */
#include "ulm_handoff.h"

const char *ulm_recovery_name(ulm_recovery r) {
  static const char *const names[ULM_RECOVERIES] = {"explicit", "redirect", "humor"};
  return (unsigned)r < ULM_RECOVERIES ? names[r] : "?";
}

const char *ulm_slip_name(ulm_slip s) {
  static const char *const names[ULM_SLIPS] = {"fact",     "topic",      "intent",
                                               "fragment", "repetition", "unsafe"};
  return (unsigned)s < ULM_SLIPS ? names[s] : "?";
}

ulm_recovery ulm_recovery_for(ulm_slip slip, unsigned allowed) {
  enum { E = ULM_RECOVER_EXPLICIT, R = ULM_RECOVER_REDIRECT, H = ULM_RECOVER_HUMOR };
  static const uint8_t order[ULM_SLIPS][3] = {{E, R, H}, {R, H, E}, {R, E, H},
                                              {R, H, E}, {H, R, E}, {E, E, E}};
  const unsigned i = (unsigned)slip < ULM_SLIPS ? slip : ULM_SLIP_UNSAFE;
  for (int k = 0; k < 3; k++)
    if (!allowed || allowed >> order[i][k] & 1) return (ulm_recovery)order[i][k];
  return ULM_RECOVER_EXPLICIT;
}
