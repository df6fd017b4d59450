/* ulm-data show: documents as a person reads them. */
#ifndef DATA_SHOW_H
#define DATA_SHOW_H

int show_main(int argc, char **argv);

#endif
