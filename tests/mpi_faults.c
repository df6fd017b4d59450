/* Loaded before Open MPI's library: reductions of gradients that go wrong.
 *   MPI_FAULT=alone   each rank keeps its own gradients
 *   MPI_FAULT=first   all get the first rank's, as if the others had no rows */
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

int MPI_Iallreduce(const void *from, void *to, int n, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
                   MPI_Request *request) {
  const char *fault = getenv("MPI_FAULT");
  if (fault && !strcmp(fault, "alone")) return *request = MPI_REQUEST_NULL, MPI_SUCCESS;
  if (fault && !strcmp(fault, "first")) return MPI_Ibcast(to, n, type, 0, comm, request);
  return PMPI_Iallreduce(from, to, n, type, op, comm, request);
}
