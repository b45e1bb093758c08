/* SPDX-License-Identifier: Apache-2.0 */
#include "cpu.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#endif

#include "engine/machine.h"

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

enum { FEATURE_COUNT = sizeof(feature_names) / sizeof(feature_names[0]) };

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

#else

static uint32_t
find_features(void)
{
    return 0;
}

#endif

/* What oneDNN may use of each set of instructions. */
static uint32_t
find_allowed(enum neuron_instructions instructions, uint32_t features)
{
    static const uint32_t added[NEURON_INSTRUCTIONS_END] = {
        [NEURON_INSTRUCTIONS_AVX2] = NEURON_CPU_AVX2,
        [NEURON_INSTRUCTIONS_AVX512] = NEURON_CPU_AVX512,
        [NEURON_INSTRUCTIONS_AVX512_VNNI] = NEURON_CPU_AVX512_VNNI | NEURON_CPU_AVX_VNNI,
        [NEURON_INSTRUCTIONS_AVX512_BF16] = NEURON_CPU_AVX512_BF16,
        [NEURON_INSTRUCTIONS_AMX] = NEURON_CPU_AMX_BF16 | NEURON_CPU_AMX_INT8,
    };
    uint32_t allowed = 0;

    for (int i = 0; i <= (int)instructions; i += 1) {
        allowed |= added[i];
    }
    /* Of processors without AVX-512 this is the most that there is. */
    return (features & NEURON_CPU_AVX512) == 0 && instructions == NEURON_INSTRUCTIONS_AVX2
               ? allowed | NEURON_CPU_AVX_VNNI
               : allowed;
}

void
neuron_cpu_read(struct neuron_cpu *cpu)
{
    enum neuron_instructions instructions = neuron_machine_instructions();
    uint32_t features = find_features();
    uint32_t allowed = find_allowed(instructions, features);

    *cpu = (struct neuron_cpu){
        .features = features & allowed,
        .limit = (features & ~allowed) == 0 ? "" : neuron_instructions_name(instructions)};
    neuron_machine_name_model(cpu->text, sizeof(cpu->text));
    size_t length = strlen(cpu->text);
    for (int i = 0; i < FEATURE_COUNT; i += 1) {
        if ((cpu->features & feature_names[i].feature) != 0) {
            length += (size_t)snprintf(cpu->text + length, sizeof(cpu->text) - length, " %s",
                                       feature_names[i].name);
        }
    }
}
