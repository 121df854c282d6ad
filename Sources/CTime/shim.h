#include <time.h>

// POSIX; glibc declares it only for those who ask for X/Open before anything else is included.
char *strptime(const char *text, const char *format, struct tm *time);
