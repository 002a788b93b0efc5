/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/command/library.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The name of a kind of processor, of those that distributions are made for; NULL: another. */
static const char *machine_name(unsigned machine)
{
    static const struct {
        unsigned machine;
        const char *name;
    } names[] = {{EM_X86_64, "x86-64"}, {EM_AARCH64, "arm64"}, {EM_386, "i386"}, {EM_ARM, "arm"}, {EM_PPC64, "ppc64"}, {EM_S390, "s390x"}, {EM_RISCV, "riscv"}};
    for (size_t i = 0; i < ALDB_COUNT(names); i++) {
        if (names[i].machine == machine) {
            return names[i].name;
        }
    }
    return NULL;
}

/* The beginning of an ELF file, in the byte order of this machine; false: it is none. */
static bool read_header(const char *path, Elf64_Ehdr *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, out, sizeof *out) : -1;
    if (fd >= 0) {
        (void)close(fd);
    }
    return n == (ssize_t)sizeof *out && memcmp(out->e_ident, ELFMAG, SELFMAG) == 0;
}

/* Is it a library for this machine? What this program is made for, it finds in its own header. */
static bool check_kind(const char *path, struct aldb_buf *fault, const char **remedy)
{
    Elf64_Ehdr file, own;
    if (!read_header(path, &file)) {
        aldb_buf_addf(fault, "%s is no library", path);
        *remedy = "Register the library again: alloydb-odbc register --driver PATH";
        return false;
    }
    if (!read_header("/proc/self/exe", &own) || (file.e_machine == own.e_machine && file.e_ident[EI_CLASS] == own.e_ident[EI_CLASS])) {
        return true;
    }
    const char *its = machine_name(file.e_machine), *ours = machine_name(own.e_machine);
    aldb_buf_addf(fault, "%s is made for %s (%s bits); this program, and the driver manager with it, for %s (%s bits)", path, its != NULL ? its : "another processor",
                  file.e_ident[EI_CLASS] == ELFCLASS64 ? "64" : "32", ours != NULL ? ours : "another one", own.e_ident[EI_CLASS] == ELFCLASS64 ? "64" : "32");
    *remedy = "Install the driver of the application's own architecture, and register that";
    return false;
}

/* The first word that ends with ".so" or has ".so." in it and stands before ": cannot open shared object file": the library that is missing. */
static const char *missing_remedy(const char *path, const char *error)
{
    size_t n = strcspn(error, ":");
    if (strstr(error, "cannot open shared object file") == NULL || (n == strlen(path) && strncmp(error, path, n) == 0)) {
        return "Register the library again: alloydb-odbc register --driver PATH";
    }
    return "Install the package that the missing library is in (Debian: libpq5, libssl3, libcurl4, libjansson4, libiniparser1; \"ldd PATH\" lists all that are missing)";
}

bool aldb_library_open(struct aldb_library *l, const char *path, struct aldb_buf *fault, const char **remedy)
{
    *l = (struct aldb_library){0};
    bool is_path = strchr(path, '/') != NULL; /* else a name that the loader looks up */
    if (is_path && access(path, R_OK) != 0) {
        aldb_buf_addf(fault, "%s: %s", path, strerror(errno));
        *remedy = errno == EACCES ? "Make the library readable (chmod a+rx)" : "Install the driver, or register the library where it is: alloydb-odbc register --driver PATH";
        return false;
    }
    if (is_path && !check_kind(path, fault, remedy)) {
        return false;
    }
    l->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (l->handle == NULL) {
        const char *error = dlerror();
        aldb_buf_addf(fault, "%s cannot be loaded: %s", path, error);
        *remedy = missing_remedy(path, error);
        return false;
    }
    const struct {
        const char *name;
        void *to;
    } wanted[] = {
        {"SQLAllocHandle", &l->AllocHandle}, {"SQLFreeHandle", &l->FreeHandle}, {"SQLSetEnvAttr", &l->SetEnvAttr}, {"SQLDriverConnect", &l->DriverConnect},
        {"SQLDisconnect", &l->Disconnect},   {"SQLGetDiagRec", &l->GetDiagRec}, {"SQLGetConnectAttr", &l->GetConnectAttr},
    };
    for (size_t i = 0; i < ALDB_COUNT(wanted); i++) {
        void *symbol = dlsym(l->handle, wanted[i].name);
        if (symbol == NULL) {
            aldb_buf_addf(fault, "%s is no ODBC driver: it has no %s", path, wanted[i].name);
            *remedy = "Register the driver's own library: alloydb-odbc register";
            return false;
        }
        memcpy(wanted[i].to, &symbol, sizeof symbol); /* POSIX's way from an object's pointer to a function's */
    }
    if (dlsym(l->handle, "SQLDriverConnectW") == NULL) {
        aldb_buf_addf(fault, "%s is an ANSI driver: it has no wide functions (SQLDriverConnectW), so text beyond its code page is damaged", path);
        *remedy = "Register the driver's own library, which has wide and narrow functions: alloydb-odbc register";
        return false;
    }
    return true;
}
