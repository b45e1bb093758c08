/* SPDX-License-Identifier: Apache-2.0 */
#include "lane_choice.h"

enum { IDLE_OTHERS, BUSY_OTHERS, OWN, OVER };

enum { MORE_THAN_NEEDED = 2 };

void
neuron_lane_choice_begin(struct neuron_lane_choice *choice)
{
    choice->phase = IDLE_OTHERS;
    choice->position = 0;
    choice->goal = choice->wanted;
    choice->counts_own = false;
}

/* How many lanes are to be asked when the busy ones were. */
static uint32_t
find_busy_goal(struct neuron_lane_choice *choice, uint32_t asked)
{
    uint32_t limit = choice->limit < choice->lane_count ? choice->limit : choice->lane_count;

    if (asked >= choice->wanted) {
        return 0;
    }
    choice->counts_own =
        choice->own < choice->lane_count && choice->is_idle(choice->lanes, choice->own);
    uint32_t reserved = choice->counts_own ? 1 : 0;
    if (asked + reserved >= choice->wanted) {
        return 0;
    }
    uint32_t more =
        limit - choice->wanted < MORE_THAN_NEEDED ? limit - choice->wanted : MORE_THAN_NEEDED;
    return choice->wanted + more - reserved;
}

/* Goes on to the phase that comes next. */
static void
go_on(struct neuron_lane_choice *choice, uint32_t asked)
{
    bool asked_all = choice->wanted == choice->lane_count;

    choice->phase += 1;
    choice->position = 0;
    if (choice->phase == BUSY_OTHERS) {
        choice->goal = asked_all ? 0 : find_busy_goal(choice, asked);
    }
}

/* Names the next lane of a phase that goes around. */
static bool
find_in_phase(struct neuron_lane_choice *choice, uint32_t asked, uint32_t *lane)
{
    bool takes_all = choice->phase == BUSY_OTHERS || choice->wanted == choice->lane_count;

    while (choice->position < choice->lane_count && asked < choice->goal) {
        uint32_t candidate =
            (uint32_t)(((uint64_t)choice->first + choice->position) % choice->lane_count);

        choice->position += 1;
        if (candidate != choice->own && (takes_all || choice->is_idle(choice->lanes, candidate))) {
            *lane = candidate;
            return true;
        }
    }
    return false;
}

bool
neuron_lane_choice_next(struct neuron_lane_choice *choice, uint32_t asked, uint32_t *lane)
{
    while (choice->phase < OWN) {
        if (find_in_phase(choice, asked, lane)) {
            return true;
        }
        go_on(choice, asked);
    }
    bool asks_own = choice->phase == OWN && choice->own < choice->lane_count &&
                    (choice->counts_own || asked < choice->wanted);
    choice->phase = OVER;
    *lane = choice->own;
    return asks_own;
}
