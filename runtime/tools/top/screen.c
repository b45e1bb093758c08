/* SPDX-License-Identifier: Apache-2.0 */
#include "top/screen.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

#include "top/top_view.h"

enum {
    RUN_LENGTH = 128,     /* characters that are handed over at once */
    ESCAPE_DELAY_MS = 25, /* what follows an escape character by then belongs to it */
    USUAL_WIDTH = 80,
    USUAL_HEIGHT = 24
};

struct neuron_screen {
    SCREEN *terminal;
    bool has_color;
};

/* What stands for a style; the colour's pair is the style's number. */
struct look {
    attr_t attributes; /* without colours */
    attr_t colored;    /* with them */
    short color;       /* -1 for the terminal's own */
};

static const struct look looks[NEURON_STYLE_COUNT] = {
    [NEURON_STYLE_PLAIN] = {A_NORMAL, A_NORMAL, -1},
    [NEURON_STYLE_TITLE] = {A_BOLD, A_BOLD, -1},
    [NEURON_STYLE_HEADING] = {A_REVERSE, A_REVERSE, -1},
    [NEURON_STYLE_CHOSEN] = {A_REVERSE | A_BOLD, A_REVERSE | A_BOLD, -1},
    [NEURON_STYLE_FAINT] = {A_NORMAL, A_DIM, -1},
    [NEURON_STYLE_NAME] = {A_BOLD, A_NORMAL, COLOR_CYAN},
    [NEURON_STYLE_LOW] = {A_NORMAL, A_NORMAL, COLOR_GREEN},
    [NEURON_STYLE_MIDDLE] = {A_NORMAL, A_NORMAL, COLOR_YELLOW},
    [NEURON_STYLE_HIGH] = {A_BOLD, A_NORMAL, COLOR_RED},
    [NEURON_STYLE_TROUBLE] = {A_BOLD, A_BOLD, COLOR_RED},
};

/* Refuses a terminal on which no text can be placed. */
static enum neuron_status
check_terminal(struct neuron_error *error)
{
    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    const char *type = getenv("TERM");
    int found = 0;

    if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "standard input and output are no terminal; --once prints a report");
    }
    if (type == NULL || type[0] == '\0') {
        return NEURON_FAIL(
            error, NEURON_INVALID_ARGUMENT,
            "TERM is not set: say which terminal this is (TERM=xterm), or use --once");
    }
    if (setupterm(NULL, STDOUT_FILENO, &found) != OK) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "TERM=%.64s: no such terminal is known here; set another type "
                           "(TERM=xterm), or use --once",
                           type);
    }
    const char *placing = tigetstr("cup");
    bool can_place = placing != NULL && (intptr_t)placing != -1;
    (void)del_curterm(cur_term);
    if (!can_place) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "TERM=%.64s: such a terminal cannot show pictures; use --once", type);
    }
    return NEURON_OK;
}

static void
prepare_colors(struct neuron_screen *screen, bool wants_color)
{
    screen->has_color = wants_color && has_colors() && start_color() == OK;
    if (!screen->has_color) {
        return;
    }
    short background = use_default_colors() == OK ? (short)-1 : (short)COLOR_BLACK;
    for (int style = 1; style < NEURON_STYLE_COUNT; style += 1) {
        short color = looks[style].color;

        if (color < 0 && background >= 0) {
            color = COLOR_WHITE;
        }
        (void)init_pair((short)style, color, background);
    }
}

enum neuron_status
neuron_screen_open(bool wants_color, struct neuron_screen **screen, struct neuron_error *error)
{
    enum neuron_status status = check_terminal(error);

    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_screen *made = calloc(1, sizeof(*made));
    if (made != NULL) {
        made->terminal = newterm(NULL, stdout, stdin);
    }
    if (made == NULL || made->terminal == NULL) {
        free(made);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the screen");
    }
    (void)cbreak();
    (void)noecho();
    (void)nonl();
    (void)curs_set(0);
    (void)set_escdelay(ESCAPE_DELAY_MS);
    (void)keypad(stdscr, TRUE);
    (void)nodelay(stdscr, TRUE);
    (void)scrollok(stdscr, FALSE);
    prepare_colors(made, wants_color);
    *screen = made;
    return NEURON_OK;
}

void
neuron_screen_measure(struct neuron_screen *screen, uint32_t *width, uint32_t *height)
{
    struct winsize size = {0};

    (void)screen;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        *width = size.ws_col;
        *height = size.ws_row;
        if (LINES != size.ws_row || COLS != size.ws_col) {
            (void)resizeterm(size.ws_row, size.ws_col);
        }
        return;
    }
    *width = COLS > 0 ? (uint32_t)COLS : USUAL_WIDTH;
    *height = LINES > 0 ? (uint32_t)LINES : USUAL_HEIGHT;
}

static void
set_style(const struct neuron_screen *screen, enum neuron_cell_style style)
{
    const struct look *look = &looks[style];

    (void)attr_set(screen->has_color ? look->colored : look->attributes,
                   screen->has_color ? (short)style : (short)0, NULL);
}

/* Shows the cells of a row that have one style, from a column on; says where they end. */
static uint32_t
show_run(const struct neuron_screen *screen, const struct neuron_canvas *canvas, uint32_t row,
         uint32_t column)
{
    wchar_t run[RUN_LENGTH] = L"";
    const struct neuron_cell *cell = neuron_canvas_cell(canvas, row, column);
    enum neuron_cell_style style = cell->style;
    uint32_t begin = column;
    int length = 0;

    while (cell != NULL && cell->style == style && length < RUN_LENGTH) {
        if (cell->character != 0) {
            run[length] = (wchar_t)cell->character;
            length += 1;
        }
        column += 1;
        cell = neuron_canvas_cell(canvas, row, column);
    }
    set_style(screen, style);
    (void)mvaddnwstr((int)row, (int)begin, run, length);
    return column;
}

void
neuron_screen_show(struct neuron_screen *screen, const struct neuron_canvas *canvas)
{
    (void)erase();
    for (uint32_t row = 0; row < canvas->height; row += 1) {
        for (uint32_t column = 0; neuron_canvas_cell(canvas, row, column) != NULL;) {
            column = show_run(screen, canvas, row, column);
        }
    }
    set_style(screen, NEURON_STYLE_PLAIN);
    (void)refresh();
}

uint32_t
neuron_screen_take_key(struct neuron_screen *screen)
{
    static const struct {
        wint_t code;
        enum neuron_key key;
    } keys[] = {
        {KEY_LEFT, NEURON_KEY_LEFT},     {KEY_RIGHT, NEURON_KEY_RIGHT},
        {KEY_UP, NEURON_KEY_UP},         {KEY_DOWN, NEURON_KEY_DOWN},
        {KEY_PPAGE, NEURON_KEY_PAGE_UP}, {KEY_NPAGE, NEURON_KEY_PAGE_DOWN},
        {KEY_HOME, NEURON_KEY_HOME},     {KEY_END, NEURON_KEY_END},
        {KEY_BTAB, NEURON_KEY_BACK_TAB}, {KEY_RESIZE, NEURON_KEY_RESIZE},
    };
    wint_t code = 0;
    int kind = get_wch(&code);

    (void)screen;
    if (kind == ERR) {
        return NEURON_KEY_NONE;
    }
    if (kind == OK) {
        return code < NEURON_KEY_LEFT ? (uint32_t)code : NEURON_KEY_UNKNOWN;
    }
    for (uint32_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i += 1) {
        if (keys[i].code == code) {
            return keys[i].key;
        }
    }
    return NEURON_KEY_UNKNOWN;
}

void
neuron_screen_leave(struct neuron_screen *screen)
{
    (void)screen;
    (void)endwin();
}

void
neuron_screen_return(struct neuron_screen *screen)
{
    (void)screen;
    (void)reset_prog_mode();
    (void)clearok(curscr, TRUE); /* whatever others left there goes */
    (void)refresh();
    (void)curs_set(0);
}

void
neuron_screen_close(struct neuron_screen *screen)
{
    if (screen == NULL) {
        return;
    }
    (void)endwin();
    delscreen(screen->terminal);
    free(screen);
}
