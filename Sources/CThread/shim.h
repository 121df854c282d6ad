#include <pthread.h>

// glibc declares it only for those who ask for its own before anything else is included.
int pthread_setname_np(pthread_t thread, const char *name);
