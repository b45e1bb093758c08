// SPDX-License-Identifier: Apache-2.0
// Draws models under the limits of a core, as an SVG text that is legible on light and dark pages:
// arithmetic intensity (operations of a run over the bytes that any run has to move: weights,
// inputs and outputs, once each) against operations per second, both logarithmic.
'use strict';

const SIZE = {width: 960, height: 600};
const PLOT = {left: 76, right: 936, top: 62, bottom: 534};
const LETTER = {width: 6.6, height: 13};  // of the labels
const MODEL_RADIUS = 5;

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .quiet { fill: #59636e }
  .paper { fill: #ffffff }
  .grid { stroke: #d1d9e0; stroke-width: 1 }
  .frame { stroke: #59636e; stroke-width: 1; fill: none }
  .roof { stroke-width: 2; fill: none }
  .float32 { stroke: #0969da } .bf16 { stroke: #8250df } .int8 { stroke: #bf3989 }
  .bandwidth { stroke: #59636e; stroke-dasharray: 5 4 }
  .leader { stroke: #59636e; stroke-width: 0.75 }
  .ours { fill: #1a7f37; stroke: #1a7f37; stroke-width: 2 }
  .ort { fill: none; stroke: #bc4c00; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .quiet { fill: #9198a1 }
    .paper { fill: #0d1117 }
    .grid { stroke: #2a313c }
    .frame, .bandwidth, .leader { stroke: #9198a1 }
    .float32 { stroke: #58a6ff } .bf16 { stroke: #bc8cff } .int8 { stroke: #f778ba }
    .ours { fill: #3fb950; stroke: #3fb950 }
    .ort { stroke: #ffa657 }
  }`;

// Reads the file that neuron-cc bench keeps: {cpu, peaks: {float32: ...}, memory: {l2: ...}}.
function readLimits(text) {
  const limits = {cpu: '', peaks: {}, memory: {}};
  for (const line of text.split('\n')) {
    const [name, first, second] = line.split(' ');
    if (name === 'cpu') {
      limits.cpu = line.slice(4);
    } else if (['float32', 'bf16', 'int8'].includes(name)) {
      limits.peaks[name] = Number(first);
    } else if (['l2', 'l3', 'memory'].includes(name)) {
      limits.memory[name] = Number(second);
    }
  }
  if (Object.keys(limits.peaks).length !== 3 || Object.keys(limits.memory).length !== 3) {
    throw new Error('the file of the core\'s limits lacks some');
  }
  return limits;
}

function scale([least, most], from, to) {
  const per = (to - from) / Math.log10(most / least);
  return (value) => from + Math.log10(value / least) * per;
}

// 1, 2 and 5 of each power of ten within a range.
function ticks([least, most]) {
  const all = [];
  for (let power = 10 ** Math.floor(Math.log10(least)); power <= most; power *= 10) {
    all.push(...[1, 2, 5].map((digit) => digit * power));
  }
  return all.filter((tick) => tick >= least * 0.999 && tick <= most * 1.001);
}

// From well below the lowest model to a little above the highest limit.
function yRangeOf(limits, models) {
  const lowest = Math.min(...models.map(({ours, ort}) => Math.min(ours, ort ?? ours)));
  const highest = Math.max(...Object.values(limits.peaks));
  return [ticks([lowest / 100, lowest / 2.5]).pop(), ticks([highest * 1.3, highest * 20])[0]];
}

const round = (number) => Number(number.toFixed(1));
const escape = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

function line(name, from, to) {
  return `<line class="${name}" x1="${round(from[0])}" y1="${round(from[1])}" ` +
    `x2="${round(to[0])}" y2="${round(to[1])}"/>`;
}

function text(x, y, content, options = {}) {
  const attributes = Object.entries(options).map(([key, value]) => ` ${key}="${value}"`).join('');
  return `<text x="${round(x)}" y="${round(y)}"${attributes}>${escape(content)}</text>`;
}

function circle(name, [x, y]) {
  return `<circle class="${name}" cx="${round(x)}" cy="${round(y)}" r="${MODEL_RADIUS}"/>`;
}

function meets(a, b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function around([x, y], half) {
  return {left: x - half, right: x + half, top: y - half, bottom: y + half};
}

// The place of a box that is nearest to a point.
function nearest(box, [x, y]) {
  return [Math.min(Math.max(x, box.left), box.right), Math.min(Math.max(y, box.top), box.bottom)];
}

// Finds a place for a label near a point that meets nothing that stands already: rings of places
// around it, the nearest first.
function placeLabel(point, content, taken) {
  const width = content.length * LETTER.width;
  for (let distance = 16; distance < 300; distance += 6) {
    for (let turn = 0; turn < 16; turn += 1) {
      const angle = Math.PI / 2 + (turn % 2 ? 1 : -1) * Math.ceil(turn / 2) * Math.PI / 8;
      const x = point[0] + Math.cos(angle) * (distance + width / 3);
      const y = point[1] + Math.sin(angle) * distance;
      const box = {left: x - width / 2, right: x + width / 2,
                   top: y - LETTER.height / 2, bottom: y + LETTER.height / 2};
      const inside = box.left > PLOT.left + 4 && box.right < PLOT.right - 4 &&
        box.top > PLOT.top + 4 && box.bottom < PLOT.bottom - 4;
      if (inside && !taken.some((other) => meets(box, other))) {
        return {box, x, y, distance};
      }
    }
  }
  throw new Error(`no place for the label ${content}`);
}

function drawAxes(xRange, yRange, x, y) {
  const parts = [];
  for (const tick of ticks(xRange)) {
    parts.push(line('grid', [x(tick), PLOT.top], [x(tick), PLOT.bottom]),
               text(x(tick), PLOT.bottom + 18, String(tick), {'text-anchor': 'middle'}));
  }
  for (const tick of ticks(yRange)) {
    parts.push(line('grid', [PLOT.left, y(tick)], [PLOT.right, y(tick)]),
               text(PLOT.left - 8, y(tick) + 4, String(tick), {'text-anchor': 'end'}));
  }
  const middle = [(PLOT.left + PLOT.right) / 2, (PLOT.top + PLOT.bottom) / 2];
  parts.push(
    `<rect class="frame" x="${PLOT.left}" y="${PLOT.top}" width="${PLOT.right - PLOT.left}" ` +
      `height="${PLOT.bottom - PLOT.top}"/>`,
    text(middle[0], PLOT.bottom + 42, 'FLOP per byte of weights, inputs and outputs',
         {'text-anchor': 'middle'}),
    text(22, middle[1], 'GFLOP/s', {'text-anchor': 'middle',
                                    transform: `rotate(-90 22 ${round(middle[1])})`}));
  return parts;
}

// A bandwidth, with its label along it, at the first place where no peak crosses the label.
function drawBandwidth(label, from, to, peakHeights) {
  const angle = Math.atan2(from[1] - to[1], to[0] - from[0]);
  const rise = label.length * LETTER.width * Math.sin(angle);
  let along = 18;
  const crosses = (height) => {
    const start = from[1] - along * Math.sin(angle);
    return height < start + 4 && height > start - rise - LETTER.height - 8;
  };
  while (peakHeights.some(crosses) && along < 200) {
    along += 8;
  }
  return [line('roof bandwidth', from, to),
          text(...from, label, {class: 'quiet', dx: along, dy: -6, transform:
            `rotate(${round(-angle * 180 / Math.PI)} ${round(from[0])} ${round(from[1])})`})];
}

// The limits; what their labels cover goes to `taken`.
function drawLimits(limits, [xRange, yRange], x, y, taken) {
  const highest = Math.max(...Object.values(limits.peaks));
  const fastest = Math.max(...Object.values(limits.memory));
  const parts = Object.entries(limits.memory).flatMap(([name, rate]) => {
    const from = Math.max(xRange[0], yRange[0] / rate);
    const label = `${name === 'memory' ? name : name.toUpperCase()} ${rate.toFixed(0)} GB/s`;
    return drawBandwidth(label, [x(from), y(from * rate)], [x(highest / rate), y(highest)],
                         Object.values(limits.peaks).map(y));
  });
  for (const [name, peak] of Object.entries(limits.peaks)) {
    const label = `${name} ${peak.toFixed(0)} GFLOP/s`;
    const from = Math.max(xRange[0], peak / fastest);
    const width = label.length * LETTER.width;
    parts.push(line(`roof ${name}`, [x(from), y(peak)], [PLOT.right, y(peak)]),
               text(PLOT.right - 8, y(peak) - 7, label, {'text-anchor': 'end'}));
    taken.push({left: PLOT.right - 8 - width, right: PLOT.right, top: y(peak) - 20,
                bottom: y(peak)},
               {left: x(from), right: PLOT.right, top: y(peak) - 2, bottom: y(peak) + 2});
  }
  return parts;
}

function drawModels(models, x, y, taken) {
  const places = models.map(({name, intensity, ours, ort}) => {
    const marks = [['ours', ours], ['ort', ort]].filter(([, rate]) => rate !== undefined)
      .map(([mark, rate]) => ({mark, at: [x(intensity), y(rate)]}));
    return {name, marks, lowest: [x(intensity), Math.max(...marks.map(({at}) => at[1]))]};
  });
  const marks = places.flatMap((place) => place.marks);
  taken.push(...marks.map(({at}) => around(at, 8)));
  const parts = marks.map(({mark, at}) => circle(mark, at));
  for (const {name, lowest} of places) {
    const place = placeLabel(lowest, name, taken);
    taken.push(place.box);
    if (place.distance > 20) {
      parts.unshift(line('leader', lowest, nearest(place.box, lowest)));
    }
    parts.push(text(place.x, place.y + 4, name, {'text-anchor': 'middle'}));
  }
  return parts;
}

function drawLegend() {
  const y = PLOT.top - 14;
  return [circle('ours', [PLOT.left + 6, y - 4]), text(PLOT.left + 18, y, 'neuronrun'),
          circle('ort', [PLOT.left + 106, y - 4]), text(PLOT.left + 118, y, 'ONNX Runtime 1.30')];
}

// models: {name, intensity, ours, ort}, the latter two in GFLOP/s; ort may be left out.
function draw(limits, models) {
  const intensities = models.map(({intensity}) => intensity);
  const xRange = [1, 10 ** Math.ceil(Math.log10(Math.max(100, ...intensities)))];
  const x = scale(xRange, PLOT.left, PLOT.right);
  const yRange = yRangeOf(limits, models);
  const y = scale(yRange, PLOT.bottom, PLOT.top);
  const taken = [];
  const parts = [
    `<rect class="paper" width="${SIZE.width}" height="${SIZE.height}"/>`,
    text(PLOT.left, 24, 'One core: models under its limits', {class: 'title'}),
    text(PLOT.right, 24, limits.cpu, {class: 'quiet', 'text-anchor': 'end'}),
    ...drawLegend(),
    ...drawAxes(xRange, yRange, x, y),
    ...drawLimits(limits, [xRange, yRange], x, y, taken),
    ...drawModels(models, x, y, taken),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" ` +
    `width="${SIZE.width}" height="${SIZE.height}" role="img">\n<title>Models under the limits ` +
    `of one core</title>\n<style>${STYLE}\n</style>\n${parts.join('\n')}\n</svg>\n`;
}

module.exports = {draw, readLimits};
