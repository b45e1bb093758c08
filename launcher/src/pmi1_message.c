/* SPDX-License-Identifier: Apache-2.0 */
#include "pmi1_message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct command_name {
    const char *name;
    enum neuron_pmi1_command command;
};

static const struct command_name command_names[] = {
    {"init", NEURON_PMI1_INIT},
    {"get_maxes", NEURON_PMI1_GET_MAXES},
    {"get_appnum", NEURON_PMI1_GET_APPNUM},
    {"get_universe_size", NEURON_PMI1_GET_UNIVERSE_SIZE},
    {"get_my_kvsname", NEURON_PMI1_GET_MY_KVSNAME},
    {"put", NEURON_PMI1_PUT},
    {"get", NEURON_PMI1_GET},
    {"barrier_in", NEURON_PMI1_BARRIER_IN},
    {"finalize", NEURON_PMI1_FINALIZE},
    {"abort", NEURON_PMI1_ABORT},
    {"publish_name", NEURON_PMI1_PUBLISH_NAME},
    {"unpublish_name", NEURON_PMI1_UNPUBLISH_NAME},
    {"lookup_name", NEURON_PMI1_LOOKUP_NAME},
};

enum { COMMAND_COUNT = sizeof(command_names) / sizeof(command_names[0]) };

/* A piece of a line. */
struct piece {
    const char *text;
    size_t length;
};

static bool
is_text(struct piece piece, const char *text)
{
    return strlen(text) == piece.length && memcmp(text, piece.text, piece.length) == 0;
}

/* Takes the next word "name=value" off a line. A value of several words does not exist in PMI-1. */
static bool
next_word(const char **line, struct piece *name, struct piece *value)
{
    const char *text = *line + strspn(*line, " ");
    size_t length = strcspn(text, " ");
    const char *equals = memchr(text, '=', length);

    if (equals == NULL) {
        return false;
    }
    *name = (struct piece){.text = text, .length = (size_t)(equals - text)};
    *value = (struct piece){.text = equals + 1, .length = length - name->length - 1};
    *line = text + length;
    return true;
}

static bool
is_at_end(const char *line)
{
    return line[strspn(line, " ")] == '\0';
}

static bool
copy_piece(struct piece piece, char *field, size_t field_bytes)
{
    if (piece.length >= field_bytes) {
        return false;
    }
    memcpy(field, piece.text, piece.length);
    field[piece.length] = '\0';
    return true;
}

static bool
parse_code(struct piece piece, int32_t *code)
{
    char digits[16] = "";
    char *end = NULL;

    if (!copy_piece(piece, digits, sizeof(digits))) {
        return false;
    }
    errno = 0;
    long number = strtol(digits, &end, 10);
    if (end == digits || *end != '\0' || errno != 0 || number < INT32_MIN || number > INT32_MAX) {
        return false;
    }
    *code = (int32_t)number;
    return true;
}

static bool
parse_command(struct piece name, struct neuron_pmi1_request *request)
{
    for (size_t i = 0; i < COMMAND_COUNT; i += 1) {
        if (is_text(name, command_names[i].name)) {
            request->command = command_names[i].command;
            return true;
        }
    }
    return false;
}

/* A name that is not known is skipped: programs say more than a server needs. */
static bool
parse_field(struct piece name, struct piece value, struct neuron_pmi1_request *request)
{
    if (is_text(name, "kvsname")) {
        return copy_piece(value, request->space, sizeof(request->space));
    }
    if (is_text(name, "key")) {
        return copy_piece(value, request->key, sizeof(request->key));
    }
    if (is_text(name, "value")) {
        return copy_piece(value, request->value, sizeof(request->value));
    }
    if (is_text(name, "exitcode")) {
        return parse_code(value, &request->code);
    }
    return true;
}

/* A spawn takes several lines, of which the first and the last are known by sight. */
static bool
parse_spawn(const char *line, struct neuron_pmi1_request *request)
{
    if (strncmp(line, "mcmd=spawn", 10) == 0) {
        request->command = NEURON_PMI1_SPAWN;
        return true;
    }
    if (strcmp(line, "endcmd") == 0) {
        request->command = NEURON_PMI1_SPAWN_END;
        return true;
    }
    request->command = NEURON_PMI1_SPAWN_PART;
    return strncmp(line, "cmd=", 4) != 0 && strchr(line, '=') != NULL;
}

bool
neuron_pmi1_request_parse(const char *line, struct neuron_pmi1_request *request)
{
    struct piece name = {0};
    struct piece value = {0};
    const char *rest = line;

    *request = (struct neuron_pmi1_request){0};
    if (parse_spawn(line, request)) {
        return true;
    }
    if (!next_word(&rest, &name, &value) || !is_text(name, "cmd") ||
        !parse_command(value, request)) {
        return false;
    }
    while (!is_at_end(rest)) {
        if (!next_word(&rest, &name, &value) || !parse_field(name, value, request)) {
            return false;
        }
    }
    bool wants_key = request->command == NEURON_PMI1_PUT || request->command == NEURON_PMI1_GET;
    return !wants_key || request->key[0] != '\0';
}

static int
format_value(const struct neuron_pmi1_answer *answer, char *text)
{
    if (answer->value == NULL) {
        return snprintf(text, NEURON_PMI1_LINE_BYTES,
                        "cmd=get_result rc=-1 msg=key_not_found value=unknown\n");
    }
    return snprintf(text, NEURON_PMI1_LINE_BYTES, "cmd=get_result rc=0 msg=success value=%s\n",
                    answer->value);
}

/* Answers that are the same for every job; NULL for others. */
static const char *
fixed_answer(const struct neuron_pmi1_answer *answer)
{
    switch (answer->to) {
    case NEURON_PMI1_INIT:
        return "cmd=response_to_init pmi_version=1 pmi_subversion=1 rc=0\n";
    case NEURON_PMI1_GET_APPNUM:
        return "cmd=appnum appnum=0\n";
    case NEURON_PMI1_PUT:
        return answer->is_refused ? "cmd=put_result rc=-1 msg=no_room_or_duplicate_key\n"
                                  : "cmd=put_result rc=0 msg=success\n";
    case NEURON_PMI1_BARRIER_IN:
        return "cmd=barrier_out rc=0\n";
    case NEURON_PMI1_FINALIZE:
        return "cmd=finalize_ack rc=0\n";
    case NEURON_PMI1_SPAWN_END:
        return "cmd=spawn_result rc=-1 msg=neuronrun_starts_no_further_ranks\n";
    case NEURON_PMI1_PUBLISH_NAME:
        return "cmd=publish_result rc=-1 msg=neuronrun_keeps_no_names\n";
    case NEURON_PMI1_UNPUBLISH_NAME:
        return "cmd=unpublish_result rc=-1 msg=neuronrun_keeps_no_names\n";
    case NEURON_PMI1_LOOKUP_NAME:
        return "cmd=lookup_result rc=-1 msg=neuronrun_keeps_no_names port=none\n";
    case NEURON_PMI1_GET_MAXES:
    case NEURON_PMI1_GET_UNIVERSE_SIZE:
    case NEURON_PMI1_GET_MY_KVSNAME:
    case NEURON_PMI1_GET:
    case NEURON_PMI1_ABORT:
    case NEURON_PMI1_SPAWN:
    case NEURON_PMI1_SPAWN_PART:
        break;
    }
    return NULL;
}

size_t
neuron_pmi1_answer_format(const struct neuron_pmi1_answer *answer,
                          char text[NEURON_PMI1_LINE_BYTES])
{
    const char *fixed = fixed_answer(answer);
    int length = 0;

    if (fixed != NULL) {
        length = snprintf(text, NEURON_PMI1_LINE_BYTES, "%s", fixed);
    } else if (answer->to == NEURON_PMI1_GET_MAXES) {
        length = snprintf(text, NEURON_PMI1_LINE_BYTES,
                          "cmd=maxes kvsname_max=%d keylen_max=%d vallen_max=%d\n",
                          NEURON_PMI1_SPACE_BYTES, NEURON_PMI1_KEY_BYTES, NEURON_PMI1_VALUE_BYTES);
    } else if (answer->to == NEURON_PMI1_GET_UNIVERSE_SIZE) {
        length = snprintf(text, NEURON_PMI1_LINE_BYTES, "cmd=universe_size size=%u\n",
                          answer->universe_size);
    } else if (answer->to == NEURON_PMI1_GET_MY_KVSNAME) {
        length =
            snprintf(text, NEURON_PMI1_LINE_BYTES, "cmd=my_kvsname kvsname=%s\n", answer->space);
    } else if (answer->to == NEURON_PMI1_GET) {
        length = format_value(answer, text);
    }
    return length < 0 || length >= NEURON_PMI1_LINE_BYTES ? 0 : (size_t)length;
}
