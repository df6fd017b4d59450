# kernels compiled once an instruction set
