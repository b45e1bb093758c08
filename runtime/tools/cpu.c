/* SPDX-License-Identifier: Apache-2.0 */
#include "cpu.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#endif

static const struct {
    enum neuron_cpu_feature feature;
    const char *name;
} feature_names[] = {
    {NEURON_CPU_AVX2, "avx2"},
    {NEURON_CPU_AVX512, "avx512"},
    {NEURON_CPU_AVX512_BF16, "avx512-bf16"},
    {NEURON_CPU_AVX_VNNI, "avx-vnni"},
    {NEURON_CPU_AVX512_VNNI, "avx512-vnni"},
    {NEURON_CPU_AMX_BF16, "amx-bf16"},
    {NEURON_CPU_AMX_INT8, "amx-int8"},
};

enum { FEATURE_COUNT = sizeof(feature_names) / sizeof(feature_names[0]), MODEL_BYTES = 64 };

#if defined(__x86_64__)

/* Registers of cpuid's leaf 7. */
enum {
    AVX_VNNI_BIT = 1 << 4, /* eax of its second part */
    AVX512_VNNI_BIT = 1 << 11,
    AMX_BF16_BIT = 1 << 22,
    AMX_TILE_BIT = 1 << 24,
    AMX_INT8_BIT = 1 << 25,
    AVX512_BF16_BIT = 1 << 5
};

/* Says whether the system saves the tiles of this process, which it does for who asks. */
static bool
is_allowed_tiles(void)
{
    enum { REQUEST_PERMISSION = 0x1023, TILE_STATE = 18 };

    return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_STATE) == 0;
}

static uint32_t
find_features(void)
{
    struct {
        unsigned eax, ebx, ecx, edx;
    } first = {0}, second = {0};
    uint32_t features = 0;

    (void)__get_cpuid_count(7, 0, &first.eax, &first.ebx, &first.ecx, &first.edx);
    (void)__get_cpuid_count(7, 1, &second.eax, &second.ebx, &second.ecx, &second.edx);
    /* The compiler's own question also asks whether the system saves the registers. */
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        features |= NEURON_CPU_AVX2;
        features |= (second.eax & AVX_VNNI_BIT) != 0 ? NEURON_CPU_AVX_VNNI : 0U;
    }
    if (__builtin_cpu_supports("avx512f")) {
        features |= NEURON_CPU_AVX512;
        features |= (second.eax & AVX512_BF16_BIT) != 0 ? NEURON_CPU_AVX512_BF16 : 0U;
        features |= (first.ecx & AVX512_VNNI_BIT) != 0 ? NEURON_CPU_AVX512_VNNI : 0U;
    }
    if ((first.edx & AMX_TILE_BIT) != 0 && is_allowed_tiles()) {
        features |= (first.edx & AMX_BF16_BIT) != 0 ? NEURON_CPU_AMX_BF16 : 0U;
        features |= (first.edx & AMX_INT8_BIT) != 0 ? NEURON_CPU_AMX_INT8 : 0U;
    }
    return features;
}

/* "AuthenticAMD 25.17.1". */
static void
name_model(char text[MODEL_BYTES])
{
    unsigned highest = 0;
    unsigned signature = 0;
    unsigned vendor[3] = {0};
    unsigned unused[3] = {0};
    char letters[sizeof(vendor) + 1] = "";

    (void)__get_cpuid(0, &highest, &vendor[0], &vendor[2], &vendor[1]);
    (void)__get_cpuid(1, &signature, &unused[0], &unused[1], &unused[2]);
    memcpy(letters, vendor, sizeof(vendor));
    unsigned family = signature >> 8 & 0xFU;
    unsigned model = (signature >> 4 & 0xFU) | (signature >> 12 & 0xF0U);
    family += family == 0xFU ? signature >> 20 & 0xFFU : 0;
    (void)snprintf(text, MODEL_BYTES, "%s %u.%u.%u", letters, family, model, signature & 0xFU);
}

#else

static uint32_t
find_features(void)
{
    return 0;
}

/* What the kernel says of an ARM core; other processors have no such file. */
static void
name_model(char text[MODEL_BYTES])
{
    FILE *file = fopen("/sys/devices/system/cpu/cpu0/regs/identification/midr_el1", "re");

    (void)snprintf(text, MODEL_BYTES, "unknown");
    if (file != NULL) {
        if (fgets(text, MODEL_BYTES, file) == NULL) {
            (void)snprintf(text, MODEL_BYTES, "unknown");
        }
        text[strcspn(text, "\n")] = '\0';
        (void)fclose(file);
    }
}

#endif

void
neuron_cpu_read(struct neuron_cpu *cpu)
{
    struct utsname system = {.machine = ""};
    char model[MODEL_BYTES] = "";

    *cpu = (struct neuron_cpu){.features = find_features()};
    (void)uname(&system);
    name_model(model);
    int length = snprintf(cpu->text, sizeof(cpu->text), "%.16s %s", system.machine, model);
    for (int i = 0; i < FEATURE_COUNT; i += 1) {
        if ((cpu->features & feature_names[i].feature) != 0) {
            length += snprintf(cpu->text + length, sizeof(cpu->text) - (size_t)length, " %s",
                               feature_names[i].name);
        }
    }
}
