// SPDX-License-Identifier: Apache-2.0
// Runs models in our runtime and in ONNX Runtime, in turn, and prints figures as tests/bench/run.sh
// takes them:
//
//   node peers.js LIBRARY FOLDER [MODEL[:PRECISION]...]
//
// LIBRARY is ONNX Runtime's; FOLDER is made, and holds one model at a time. NEURON_SOURCE and
// NEURON_BUILD name the project and its build. Each runtime is a process of its own
// (support/order_loop.h), which gets a number of runs by line and answers with the time of one:
// while one works, the other waits. NEURON_BENCH_COMPILE holds further options of neuron-cc.
//
// A figure of the models under the limits of the core goes to roofline.svg beside the FOLDER, or to
// the file that NEURON_BENCH_FIGURE names.
'use strict';
const {spawn, execFileSync} = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const {draw, readLimits} = require('./roofline_figure.js');

// What tests/conformance/models.py makes, and how many rows. The targets are over those that count.
const MODELS = {
  mlp_b32: {builder: 'mlp', rows: 32, counts: true},
  lenet_b32: {builder: 'lenet', rows: 32, counts: true},
  mobilenet_v2_b1: {builder: 'mobilenet_v2', rows: 1, counts: true},
  mobilenet_v2_b8: {builder: 'mobilenet_v2', rows: 8, counts: true},
  resnet50_b1: {builder: 'resnet50', rows: 1, counts: true, low: true},
  resnet50_b8: {builder: 'resnet50', rows: 8, counts: true, low: true},
  bert_base_b1: {builder: 'bert_base', rows: 1, counts: true, low: true},
  bert_base_b8: {builder: 'bert_base', rows: 8, counts: true, low: true},
  lstm_tagger: {builder: 'lstm_tagger', rows: 1},
  dlrm: {builder: 'dlrm', rows: 1},
  tree_regressor: {builder: 'tree_regressor', rows: 1},
  tree_classifier: {builder: 'tree_classifier', rows: 1},
};

// How ours is compiled beside LEVEL, and how far its results may be off. ONNX Runtime's are always
// float32.
const PRECISIONS = {
  float32: {options: [], difference: 1e-4},
  bf16: {options: ['--auto-cast', 'all', '--auto-cast-type', 'bf16'], difference: 0.05},
  int8: {options: ['--auto-cast', 'all', '--auto-cast-type', 'int8'], difference: 0.1},
};
const LEVEL = '-O3';  // where this compiler has levels
const FURTHER_OPTIONS = (process.env.NEURON_BENCH_COMPILE || '').split(' ').filter(Boolean);

const BLOCK_MS = 120;
const PAIRS = {least: 5, most: 25};
const BUDGET_MS = 4000;  // of all blocks of a model on so many cores
const ARRAYS = {float32: Float32Array, int64: BigInt64Array};

const {NEURON_SOURCE: source, NEURON_BUILD: build} = process.env;
const cores = Math.min(2, os.availableParallelism());

// The elements of a file that a server has written.
function readElements(folder, index, type) {
  const bytes = fs.readFileSync(path.join(folder, `output_${index}.bin`));
  return new ARRAYS[type](new Uint8Array(bytes).buffer);
}

// A process that serves a model, with a call that gives it an order and resolves to its answer.
async function startServer(program, ...words) {
  const child = spawn(path.join(build, 'tests/bench', program), words,
                      {stdio: ['pipe', 'pipe', 'inherit']});
  const lines = readline.createInterface({input: child.stdout})[Symbol.asyncIterator]();
  const answer = async () => {
    const {value, done} = await lines.next();
    if (done) {
      throw new Error(`${program} ended`);
    }
    return value;
  };
  const order = (text) => {
    child.stdin.write(`${text}\n`);
    return answer();
  };
  await answer();  // that it is ready
  return {order, end: () => child.stdin.end()};
}

function quantile(numbers, share) {
  return [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) * share + 0.5)];
}

// The length of the difference over that of what is expected.
function difference(result, expected) {
  let distance = 0;
  let length = 0;
  for (let i = 0; i < expected.length; i += 1) {
    distance += (Number(result[i]) - Number(expected[i])) ** 2;
    length += Number(expected[i]) ** 2;
  }
  return result.length === expected.length ? Math.sqrt(distance / length) : Infinity;
}

async function largestDifference(servers, folders) {
  const types = (await servers.ort.order('write')).split(' ').slice(1);
  await servers.ours.order('write');
  const differences = types.map((type, index) => difference(
    readElements(folders.ours, index, type), readElements(folders.ort, index, type)));
  return differences.some(Number.isNaN) ? 1e9 : Math.min(1e9, Math.max(...differences));
}

// Times blocks of runs in turn: the microseconds of a run in each.
async function timeBlocks(servers, streams) {
  const times = {ours: [], ort: []};
  const counts = {};
  for (const [name, server] of Object.entries(servers)) {
    let one = Number(await server.order(`run ${streams} ${streams}`));
    if (one < BLOCK_MS * 1000) {
      one = Number(await server.order(`run ${streams} ${streams}`));  // now that it is warm
    }
    counts[name] = streams * Math.max(1, Math.round(BLOCK_MS * 1000 / one / streams));
  }
  const begin = performance.now();
  for (let pair = 0; pair < PAIRS.most &&
       (pair < PAIRS.least || performance.now() - begin < BUDGET_MS); pair += 1) {
    for (const [name, server] of Object.entries(servers)) {
      times[name].push(Number(await server.order(`run ${streams} ${counts[name]}`)));
    }
  }
  return times;
}

function show(name, value, unit, target = '-') {
  console.log(`peers_${name} ${value} ${unit} ${target}`);
}

// Prints the figures of a model on so many cores. Returns the microseconds of a run, and how much
// faster ours is.
function showTimes(name, times, target) {
  const ratios = times.ours.map((time, block) => time / times.ort[block]);
  const ratio = quantile(ratios, 0.5);
  const [ours, ort] = [quantile(times.ours, 0.5), quantile(times.ort, 0.5)];
  show(`${name}_ours`, (ours / 1000).toFixed(3), 'ms');
  show(`${name}_ort`, (ort / 1000).toFixed(3), 'ms');
  show(`${name}_ours_over_ort`, ratio.toFixed(3), 'ratio', target);
  show(`${name}_quartiles_apart`, (quantile(ratios, 0.75) - quantile(ratios, 0.25)).toFixed(3),
       'ratio');
  return {ours, ort, speedup: 1 / ratio};
}

// Makes the model's case. Returns the option of neuron-cc that fixes each input's shape.
function makeCase(folder, model) {
  execFileSync('/usr/bin/python3', ['-B', path.join(source, 'tests/conformance/models.py'),
                                    '--full', model.builder, folder, String(model.rows)]);
  return fs.readFileSync(path.join(folder, model.builder, 'case.txt'), 'utf8').split('\n')
    .map((line) => line.split(' ')).filter(([role]) => role === 'input')
    .map(([, , dims, , name]) => `--shape=${name}=${dims.replaceAll(',', 'x')}`);
}

// Runs neuron-cc, and returns what it prints.
function neuronCc(...words) {
  return execFileSync(path.join(build, 'runtime/tools/neuron-cc'), words,
                      {encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']});
}

// What neuron-cc info prints of a compiled file: operations of a run, and the bytes that any run
// has to move.
function readCosts(neff) {
  const sizes = {float32: 4, int64: 8};
  const costs = {flops: 0, bytes: 0};
  for (const line of neuronCc('info', neff).split('\n')) {
    const [word] = line.split(' ');
    const shape = line.match(/ (\w+)\[([\d,]*)\]$/);
    if (shape && (word === 'input' || word === 'output')) {
      costs.bytes += shape[2].split(',').reduce((product, dim) => product * Number(dim),
                                                sizes[shape[1]]);
    } else if (word === 'weights' || word === 'flops') {
      costs[word === 'flops' ? word : 'bytes'] += Number(line.match(/\d+/)[0]);
    }
  }
  return costs;
}

// Makes a model and compiles it. Returns where it is, and its costs.
function prepare(folder, model, options) {
  const caseFolder = path.join(folder, model.builder);
  const shapes = makeCase(folder, model);
  const neff = path.join(folder, 'model.neff');
  const level = neuronCc('--help').includes(LEVEL) ? [LEVEL] : [];
  neuronCc('compile', path.join(caseFolder, 'model.onnx'), '-o', neff, ...shapes, ...level,
           ...options, ...FURTHER_OPTIONS);
  return {caseFolder, neff, costs: readCosts(neff)};
}

async function startServers(library, prepared, folders) {
  const {caseFolder, neff} = prepared;
  return {
    ort: await startServer('ort_server', caseFolder, library, folders.ort, String(cores)),
    ours: await startServer('model_server', caseFolder, neff, folders.ours, String(cores)),
  };
}

// The limits of the core, which neuron-cc bench measures now.
function measureLimits(folder, neff) {
  const caches = path.join(folder, 'caches');
  execFileSync(path.join(build, 'runtime/tools/neuron-cc'), ['bench', neff, '--runs', '1'],
               {env: {...process.env, NEURON_COMPILE_CACHE_URL: caches,
                      NEURON_RT_LEASE_DIRECTORY: folder}, stdio: ['ignore', 'ignore', 'inherit']});
  return readLimits(fs.readFileSync(path.join(caches, 'roofline-1.txt'), 'utf8'));
}

// What the time of ours over that of ONNX Runtime is to be.
function targetOf(model, precision) {
  if (precision === 'float32') {
    return model.counts ? '<=1.0' : '-';
  }
  return precision === 'bf16' && model.low ? '<=0.25' : '-';
}

// Measures a model. Returns what showTimes() does, by the number of cores, and its costs.
async function measure(library, folder, model, name, precision) {
  const {options, difference: bound} = PRECISIONS[precision];
  const folders = {ours: path.join(folder, 'ours'), ort: path.join(folder, 'ort')};
  Object.values(folders).forEach((each) => fs.mkdirSync(each, {recursive: true}));
  const prepared = prepare(folder, model, options);
  const servers = await startServers(library, prepared, folders);
  const target = targetOf(model, precision);
  const results = {};
  const distance = await largestDifference(servers, folders);
  show(`${name}_difference`, distance.toExponential(2), 'rel-l2', `<=${bound}`);
  for (let streams = 1; streams <= cores; streams += 1) {
    const figure = streams === 1 ? name : `${name}_${streams}cores`;
    results[streams] = showTimes(figure, await timeBlocks(servers, streams), target);
  }
  Object.values(servers).forEach((server) => server.end());
  const limits = measureLimits(folder, prepared.neff);
  fs.rmSync(folder, {recursive: true});
  return {results, costs: prepared.costs, limits};
}

// The geometric mean over all models that count, and the least of them.
function showSpeedups(precision, streams, speedups) {
  const name = `${streams === 1 ? '' : `${streams}cores_`}${precision}`;
  const mean = Math.exp(speedups.reduce((sum, each) => sum + Math.log(each), 0) / speedups.length);
  const target = precision === 'float32' ? {mean: '>=1.2', least: '>=1.0'} : {};
  show(`speedup_${name}`, mean.toFixed(3), 'times', target.mean);
  show(`least_speedup_${name}`, Math.min(...speedups).toFixed(3), 'times', target.least);
}

// Draws the models under the highest of the limits that were measured between them.
function writeFigure(folder, measured) {
  const limits = measured[0].limits;
  for (const {limits: others} of measured) {
    for (const kind of ['peaks', 'memory']) {
      for (const [name, rate] of Object.entries(others[kind])) {
        limits[kind][name] = Math.max(limits[kind][name], rate);
      }
    }
  }
  const models = measured.map(({name, precision, costs, results: {1: {ours, ort}}}) => ({
    name, intensity: costs.flops / costs.bytes, ours: costs.flops / ours / 1000,
    ort: precision === 'float32' ? costs.flops / ort / 1000 : undefined}));
  fs.writeFileSync(process.env.NEURON_BENCH_FIGURE || path.join(folder, '../roofline.svg'),
                   draw(limits, models));
}

// The models, and in what precision, that the words name; all of them for none.
function readWords(words) {
  return (words.length > 0 ? words : Object.keys(MODELS)).map((word) => {
    const [model, precision = 'float32'] = word.split(':');
    if (!(model in MODELS) || !(precision in PRECISIONS)) {
      throw new Error(`${word}: give models of ${Object.keys(MODELS).join(', ')}; behind a colon ` +
                      `one of ${Object.keys(PRECISIONS).join(', ')}`);
    }
    return {model, precision};
  });
}

async function main(library, folder, ...words) {
  const all = {};
  const drawn = [];
  for (const {model, precision} of readWords(words)) {
    const name = precision === 'float32' ? model : `${model}_${precision}`;
    const measured = await measure(library, folder, MODELS[model], name, precision);
    if (MODELS[model].counts) {
      drawn.push({name: name.replaceAll('_', ' '), precision, ...measured});
      for (const [streams, {speedup}] of Object.entries(measured.results)) {
        ((all[precision] ??= {})[streams] ??= []).push(speedup);
      }
    }
  }
  for (const [precision, byStreams] of Object.entries(all)) {
    for (const [streams, speedups] of Object.entries(byStreams)) {
      showSpeedups(precision, Number(streams), speedups);
    }
  }
  if (drawn.length > 0) {
    writeFigure(folder, drawn);
  }
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(`peers: ${error.message}`);
  process.exitCode = 1;
});
