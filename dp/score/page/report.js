/* Draws the charts of a report from the data in the page. Texts from outside only ever become text. */
"use strict";
(function () {
    const data = JSON.parse(document.getElementById("data").textContent);
    const svgSpace = "http://www.w3.org/2000/svg";
    const left = 104, right = 14; /* the margins that both charts over time share */
    const seconds = Math.max(data.seconds, 1e-3);
    const view = { from: 0, to: seconds };
    const tip = document.getElementById("tip");
    const root = document.documentElement;

    function color(name) { return getComputedStyle(root).getPropertyValue(name).trim(); }

    function add(parent, name, attributes, text) {
        const element = document.createElementNS(svgSpace, name);
        for (const key in attributes) element.setAttribute(key, attributes[key]);
        if (text !== undefined) element.textContent = text;
        parent.appendChild(element);
        return element;
    }

    /* 1234567 -> "1,234,567"; 0.01234 -> "0.0123" */
    function count(value) {
        if (value >= 1000) return Math.round(value).toLocaleString("en-US");
        return String(Number(value.toPrecision(3)));
    }

    function short(value) {
        const units = ["", "k", "M", "G", "T"];
        let unit = 0;
        while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit += 1; }
        return Number(value.toPrecision(3)) + units[unit];
    }

    function time(value) {
        if (value >= 3600) return Math.floor(value / 3600) + " h " + Math.floor(value % 3600 / 60) + " min";
        if (value >= 120) return Math.floor(value / 60) + " min " + Math.round(value % 60) + " s";
        if (value >= 1) return value.toFixed(3) + " s";
        return value >= 1e-3 ? (value * 1e3).toFixed(2) + " ms" : (value * 1e6).toFixed(0) + " \u00b5s";
    }

    /* Round steps for about so many marks. */
    function step(span, marks) {
        const rough = span / Math.max(marks, 1), power = Math.pow(10, Math.floor(Math.log10(rough)));
        for (const factor of [1, 2, 5]) if (factor * power >= rough) return factor * power;
        return 10 * power;
    }

    function mark(value, by) {
        const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(by))));
        return value.toFixed(digits) + " s";
    }

    function scale(width) {
        const inner = Math.max(width - left - right, 10);
        return {
            x: function (at) { return left + (at - view.from) / (view.to - view.from) * inner; },
            at: function (x) { return view.from + (x - left) / inner * (view.to - view.from); },
            inner: inner
        };
    }

    /* What was asked for, and each mark of an axis of time. */
    function marks(width, draw) {
        const by = step(view.to - view.from, width / 110);
        for (let k = Math.ceil(view.from / by - 1e-9); k * by <= view.to + by * 1e-9; k += 1)
            draw(k * by, mark(k * by, by));
    }

    function drawRates() {
        const chart = document.getElementById("rates");
        const width = chart.clientWidth, height = 230, top = 22, bottom = 24;
        const svg = document.createElementNS(svgSpace, "svg");
        const at = scale(width), rates = data.rates, binWidth = seconds / Math.max(rates.length, 1);
        let most = 0;

        for (const rate of rates) most = Math.max(most, rate);
        const by = step(Math.max(most, 1), 4), full = Math.max(Math.ceil(most / by - 1e-9), 1) * by;
        const y = function (rate) { return height - bottom - rate / full * (height - bottom - top); };
        svg.setAttribute("height", height);
        svg.setAttribute("viewBox", "0 0 " + width + " " + height);
        const clip = add(add(svg, "defs", {}), "clipPath", { id: "inside" });
        add(clip, "rect", { x: left, y: 0, width: at.inner, height: height });
        const inside = add(svg, "g", { "clip-path": "url(#inside)" });
        data.phases.forEach(function (phase, index) {
            const from = Math.max(at.x(phase.from), left), to = Math.min(at.x(phase.to), left + at.inner);
            if (to - from < .5) return;
            add(inside, "rect", { "class": "band", x: from, y: top - 16, width: to - from,
                height: height - bottom - top + 16, fill: index % 2 ? "none" : "var(--band)" });
            if (phase.from > view.from)
                add(inside, "line", { x1: from, x2: from, y1: top - 16, y2: height - bottom,
                    stroke: "var(--line)", "stroke-dasharray": "2 3" });
            if (to - from > name(phase).length * 6.4 + 10)
                add(inside, "text", { "class": "phase", x: from + 5, y: top - 5 }, name(phase));
        });
        for (let k = 0; k * by <= full * (1 + 1e-9); k += 1) {
            add(svg, "line", { x1: left, x2: left + at.inner, y1: y(k * by), y2: y(k * by),
                stroke: k === 0 ? "var(--faint)" : "var(--grid)" });
            add(svg, "text", { x: left - 8, y: y(k * by) + 4, "text-anchor": "end" }, short(k * by));
        }
        add(svg, "text", { x: 0, y: top - 5 }, "rows/s");
        marks(at.inner, function (value, text) {
            add(svg, "text", { x: at.x(value), y: height - 7, "text-anchor": "middle" }, text);
        });
        let path = "";
        rates.forEach(function (rate, index) {
            const x0 = at.x(index * binWidth), x1 = at.x((index + 1) * binWidth);
            path += (index === 0 ? "M" : "L") + x0.toFixed(1) + " " + y(rate).toFixed(1) +
                "H" + x1.toFixed(1);
        });
        if (rates.length > 0) {
            const ground = y(0).toFixed(1), from = at.x(0).toFixed(1), to = at.x(seconds).toFixed(1);
            add(inside, "path", { "class": "area", d: path + "L" + to + " " + ground + "L" + from + " " +
                ground + "Z", fill: "var(--area)" });
            add(inside, "path", { d: path, fill: "none", stroke: "var(--accent)", "stroke-width": 1.4,
                "stroke-linejoin": "round" });
        }
        if (data.steady > 0 && data.steady < full) {
            add(inside, "line", { x1: left, x2: left + at.inner, y1: y(data.steady), y2: y(data.steady),
                stroke: "var(--soft)", "stroke-dasharray": "5 4", "stroke-width": .8 });
            add(inside, "text", { "class": "over", x: left + at.inner - 4, y: y(data.steady) - 6, "text-anchor": "end" },
                count(data.steady) + " rows/s steady");
        }
        add(svg, "line", { "class": "cross", y1: top - 16, y2: height - bottom, stroke: "var(--soft)",
            visibility: "hidden" });
        chart.replaceChildren(svg);
        chart.dataset.points = rates.length;
    }

    /* Where each lane lies: those of a rank stand together. Of very many, several share a line. */
    function layOut() {
        const lanes = data.lanes, most = 2000;
        const height = Math.max(1, Math.min(18, Math.floor(640 / Math.max(lanes.length, 1))));
        const gap = height >= 4 ? 6 : 0, each = Math.min(height, most / Math.max(lanes.length, 1));
        const rows = [];
        let y = 0;
        lanes.forEach(function (lane, index) {
            if (index > 0 && lanes[index - 1].rank !== lane.rank) y += gap;
            rows.push(each < 1 ? Math.floor(y) : y);
            y += each;
        });
        return { height: height, bar: height >= 6 ? height - 2 : height, rows: rows, all: Math.ceil(y) };
    }

    const places = layOut();
    const axis = 24;

    function drawSpans(draw, lane, y, at) {
        const spans = lane.spans, base = color("--r" + lane.rank % 8);
        let bars = 0, last = -1;
        draw.fillStyle = base;
        for (let i = 0; i < spans.length; i += 3) {
            const from = spans[i] / 1e6, to = from + spans[i + 1] / 1e6;
            bars += 1;
            if (to < view.from || from > view.to) continue;
            const x0 = Math.max(at.x(from), left), x1 = Math.min(at.x(to), left + at.inner);
            const wide = x1 - x0 > 3;
            if (x1 - last < .25) continue; /* under the bar before */
            draw.globalAlpha = i / 3 % 2 ? .78 : 1;
            draw.fillRect(x0, y, Math.max(x1 - x0 - (wide ? .75 : 0), .5), places.bar);
            last = x1;
        }
        draw.globalAlpha = 1;
        return bars;
    }

    /* A letter says how busy a bin was, in 61 steps. */
    const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    function shareAt(lane, index) { return letters.indexOf(lane.shares[index]) / 61; }

    function drawShares(draw, lane, y, at) {
        const bins = lane.shares.length, width = seconds / bins;
        let bars = 0;
        draw.fillStyle = color("--r" + lane.rank % 8);
        for (let i = 0; i < bins; i += 1) {
            const share = shareAt(lane, i), from = i * width, to = from + width;
            if (share <= 0) continue;
            bars += 1;
            if (to < view.from || from > view.to) continue;
            const x0 = Math.max(at.x(from), left), x1 = Math.min(at.x(to), left + at.inner);
            draw.globalAlpha = .15 + .85 * share;
            draw.fillRect(x0, y, x1 - x0, places.bar);
        }
        draw.globalAlpha = 1;
        return bars;
    }

    function drawLabels(draw, width) {
        const lanes = data.lanes;
        let next = -Infinity;
        draw.font = "11px " + getComputedStyle(document.body).fontFamily;
        draw.textBaseline = "middle";
        lanes.forEach(function (lane, index) {
            const y = places.rows[index], first = index === 0 || lanes[index - 1].rank !== lane.rank;
            const middle = Math.max(y + places.bar / 2, 6);
            if (first && middle >= next) {
                draw.fillStyle = color("--text");
                draw.textAlign = "left";
                draw.fillText("rank " + lane.rank, 0, middle, 58);
                next = middle + 13;
            }
            if (places.height >= 12) {
                draw.fillStyle = color("--soft");
                draw.textAlign = "right";
                draw.fillText("core " + lane.core, left - 8, y + places.bar / 2 + .5, 40);
            }
        });
    }

    function drawLanes() {
        const chart = document.getElementById("lanes"), canvas = chart.querySelector("canvas");
        const width = chart.clientWidth, height = places.all + axis, ratio = window.devicePixelRatio || 1;
        const draw = canvas.getContext("2d"), at = scale(width);
        let bars = 0;

        canvas.width = Math.round(width * ratio);
        canvas.height = Math.round(height * ratio);
        canvas.style.height = height + "px";
        draw.scale(ratio, ratio);
        draw.clearRect(0, 0, width, height);
        draw.fillStyle = color("--idle");
        data.lanes.forEach(function (lane, index) {
            draw.fillRect(left, places.rows[index], at.inner, places.bar);
        });
        data.lanes.forEach(function (lane, index) {
            const paint = lane.spans ? drawSpans : drawShares;
            bars += paint(draw, lane, places.rows[index], at);
        });
        draw.fillStyle = color("--soft");
        draw.font = "11px " + getComputedStyle(document.body).fontFamily;
        draw.textAlign = "center";
        marks(at.inner, function (value, text) { draw.fillText(text, at.x(value), height - 7); });
        drawLabels(draw, width);
        canvas.dataset.lanes = data.lanes.length;
        canvas.dataset.bars = bars;
    }

    function drawTimes() {
        const chart = document.getElementById("times"), counts = data.chunks.counts;
        const width = chart.clientWidth, height = 150, bottom = 22, top = 14;
        const svg = document.createElementNS(svgSpace, "svg");
        const low = Math.log(data.chunks.low), span = Math.log(data.chunks.high) - low;
        const most = Math.max.apply(null, counts.concat(1)), each = width / Math.max(counts.length, 1);
        const x = function (value) { return (Math.log(value) - low) / span * width; };

        svg.setAttribute("height", height);
        svg.setAttribute("viewBox", "0 0 " + width + " " + height);
        counts.forEach(function (number, index) {
            const tall = number / most * (height - bottom - top);
            if (number > 0)
                add(svg, "rect", { "class": "bar", x: index * each + .5, width: Math.max(each - 1, .5),
                    y: height - bottom - tall, height: tall, fill: "var(--accent)", opacity: .75, rx: 1 });
        });
        add(svg, "line", { x1: 0, x2: width, y1: height - bottom, y2: height - bottom, stroke: "var(--line)" });
        let next = -Infinity;
        for (let power = Math.floor(Math.log10(data.chunks.low)); power < 6; power += 1)
            for (const factor of [1, 2, 5]) {
                const value = factor * Math.pow(10, power), where = x(value);
                if (where < 14 || where > width - 14 || where < next) continue;
                add(svg, "text", { x: where, y: height - 6, "text-anchor": "middle" }, time(value).replace(/\.0+ /, " "));
                next = where + 64;
            }
        next = -Infinity;
        data.chunks.marks.forEach(function (entry) {
            const where = x(entry.value);
            add(svg, "line", { x1: where, x2: where, y1: top - 2, y2: height - bottom, stroke: "var(--text)",
                "stroke-width": .8, "stroke-dasharray": "2 2" });
            if (where < next) return;
            add(svg, "text", { x: Math.min(Math.max(where, 12), width - 14), y: 9, "text-anchor": "middle" }, entry.name);
            next = where + 36;
        });
        chart.replaceChildren(svg);
        chart.dataset.bars = svg.querySelectorAll(".bar").length;
    }

    function showTip(event, lines) {
        tip.hidden = lines.length === 0;
        if (tip.hidden) return;
        tip.replaceChildren();
        lines.forEach(function (line, index) {
            const part = document.createElement(index === 0 ? "b" : "span");
            part.textContent = (index === 0 ? "" : "\n") + line;
            tip.appendChild(part);
        });
        const wide = tip.offsetWidth, tall = tip.offsetHeight;
        const x = event.clientX + 14 + wide > window.innerWidth ? event.clientX - wide - 10 : event.clientX + 14;
        const y = event.clientY + 14 + tall > window.innerHeight ? event.clientY - tall - 10 : event.clientY + 14;
        tip.style.left = Math.max(x, 4) + "px";
        tip.style.top = Math.max(y, 4) + "px";
    }

    function name(phase) { return phase.name.replace("_", "-"); }

    function phaseAt(value) {
        for (const phase of data.phases) if (value >= phase.from && value < phase.to) return name(phase);
        return "";
    }

    function tellRate(value) {
        const index = Math.floor(value / seconds * data.rates.length);
        if (index < 0 || index >= data.rates.length) return [];
        return [count(data.rates[index]) + " rows/s", "at " + time(value) + ", " + phaseAt(value)];
    }

    /* The lane at a height, or -1 between two ranks. */
    function laneAt(y) {
        let low = 0, high = places.rows.length - 1;
        while (low < high) {
            const middle = low + high + 1 >> 1;
            if (places.rows[middle] <= y) low = middle; else high = middle - 1;
        }
        return y >= 0 && places.rows.length > 0 && y < places.rows[low] + places.height ? low : -1;
    }

    function tellSpan(lane, value) {
        const spans = lane.spans;
        for (let i = spans.length - 3; i >= 0; i -= 3) {
            const from = spans[i] / 1e6, long = spans[i + 1] / 1e6, rows = spans[i + 2];
            if (value < from || value > from + long) continue;
            return [count(rows) + (rows === 1 ? " row in " : " rows in ") + time(long),
                "from " + time(from) + " on" + (long > 0 ? ", " + count(rows / long) + " rows/s" : "")];
        }
        return ["idle", "at " + time(value)];
    }

    function tellLane(value, y) {
        const index = laneAt(y);
        if (index < 0) return [];
        const lane = data.lanes[index];
        const where = ["rank " + lane.rank + (lane.host ? " on " + lane.host : "") + ", core " + lane.core,
            (lane.busy * 100).toFixed(1) + " % busy, " + count(lane.rows) + " rows in all"];
        if (lane.spans) return tellSpan(lane, value).concat(where);
        const bin = Math.min(Math.max(Math.floor(value / seconds * lane.shares.length), 0), lane.shares.length - 1);
        return [(shareAt(lane, bin) * 100).toFixed(0) + " % busy", "at " + time(value)].concat(where);
    }

    function drawAll() {
        drawRates();
        drawLanes();
        drawTimes();
        document.getElementById("reset").hidden = view.from === 0 && view.to === seconds;
    }

    /* A drag over a chart shows that stretch of time; a double click shows all. */
    function watch(chart, tell) {
        const box = document.createElement("div");
        let begin = null;

        box.style.cssText = "position:fixed;pointer-events:none;background:var(--area);" +
            "border:solid var(--accent);border-width:0 1px";
        box.hidden = true;
        document.body.appendChild(box);
        function place(event) {
            const frame = chart.getBoundingClientRect();
            return { x: event.clientX - frame.left, y: event.clientY - frame.top, frame: frame };
        }
        chart.addEventListener("pointerdown", function (event) {
            const point = place(event);
            if (event.button === 0 && point.x >= left && point.x < chart.clientWidth - right) begin = event.clientX;
        });
        chart.addEventListener("pointermove", function (event) {
            const point = place(event), at = scale(chart.clientWidth);
            const value = at.at(point.x), cross = document.querySelector("#rates .cross");
            const inside = point.x >= left && value <= view.to;
            showTip(event, inside ? tell(value, point.y) : []);
            cross.setAttribute("visibility", inside ? "visible" : "hidden");
            cross.setAttribute("x1", point.x);
            cross.setAttribute("x2", point.x);
            box.hidden = begin === null || Math.abs(event.clientX - begin) < 4;
            box.style.left = Math.min(begin, event.clientX) + "px";
            box.style.width = Math.abs(event.clientX - begin) + "px";
            box.style.top = point.frame.top + "px";
            box.style.height = point.frame.height + "px";
        });
        chart.addEventListener("pointerleave", function () {
            showTip(null, []);
            document.querySelector("#rates .cross").setAttribute("visibility", "hidden");
        });
        window.addEventListener("pointerup", function (event) {
            if (begin === null) return;
            const frame = chart.getBoundingClientRect(), at = scale(chart.clientWidth);
            const from = Math.max(at.at(Math.min(begin, event.clientX) - frame.left), 0);
            const to = Math.min(at.at(Math.max(begin, event.clientX) - frame.left), seconds);
            if (Math.abs(event.clientX - begin) >= 4 && to - from > seconds * 1e-6) {
                view.from = from;
                view.to = to;
                drawAll();
            }
            begin = null;
            box.hidden = true;
        });
        chart.addEventListener("dblclick", showEverything);
    }

    function showEverything() {
        view.from = 0;
        view.to = seconds;
        drawAll();
    }

    /* A click on the head of a column sorts the table by it. */
    function sortable(table) {
        const heads = Array.from(table.querySelectorAll("th"));
        heads.forEach(function (head, column) {
            head.tabIndex = 0;
            function sort() {
                const rises = head.getAttribute("aria-sort") === "descending";
                const rows = Array.from(table.tBodies[0].rows);
                const key = function (row) { return row.cells[column].dataset.value || row.cells[column].textContent; };
                const numbers = rows.every(function (row) { return key(row) !== "" && isFinite(key(row)); });
                rows.sort(function (a, b) {
                    const order = numbers ? key(a) - key(b) : key(a).localeCompare(key(b));
                    return rises ? order : -order;
                });
                heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
                head.setAttribute("aria-sort", rises ? "ascending" : "descending");
                table.tBodies[0].append(...rows);
            }
            head.addEventListener("click", sort);
            head.addEventListener("keydown", function (event) { if (event.key === "Enter") sort(); });
        });
    }

    function setTheme(theme) {
        const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
        root.dataset.theme = theme || (dark ? "dark" : "light");
    }

    setTheme(location.hash === "#dark" ? "dark" : location.hash === "#light" ? "light" : "");
    document.getElementById("theme").addEventListener("click", function () {
        setTheme(root.dataset.theme === "dark" ? "light" : "dark");
        drawAll();
    });
    document.getElementById("reset").addEventListener("click", showEverything);
    window.addEventListener("keydown", function (event) { if (event.key === "Escape") showEverything(); });
    window.addEventListener("resize", drawAll);
    watch(document.getElementById("rates"), tellRate);
    watch(document.getElementById("lanes"), tellLane);
    document.querySelectorAll("table.sorts").forEach(sortable);
    drawAll();
    root.dataset.state = "drawn";
}());
