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
'use strict';
const {spawn, execFileSync} = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');

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

// How ours is compiled, and how far its results may be off. ONNX Runtime's are always float32.
const PRECISIONS = {
  float32: {options: [], difference: 1e-4},
  bf16: {options: ['--auto-cast', 'all', '--auto-cast-type', 'bf16'], difference: 0.05},
  int8: {options: ['--auto-cast', 'all', '--auto-cast-type', 'int8'], difference: 0.1},
};
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

// Prints the figures of a model on so many cores. Returns how much faster ours is.
function showTimes(name, times, target) {
  const ratios = times.ours.map((time, block) => time / times.ort[block]);
  const ratio = quantile(ratios, 0.5);
  show(`${name}_ours`, (quantile(times.ours, 0.5) / 1000).toFixed(3), 'ms');
  show(`${name}_ort`, (quantile(times.ort, 0.5) / 1000).toFixed(3), 'ms');
  show(`${name}_ours_over_ort`, ratio.toFixed(3), 'ratio', target);
  show(`${name}_quartiles_apart`, (quantile(ratios, 0.75) - quantile(ratios, 0.25)).toFixed(3),
       'ratio');
  return 1 / ratio;
}

// Makes the model's case. Returns the option of neuron-cc that fixes each input's shape.
function makeCase(folder, model) {
  execFileSync('/usr/bin/python3', ['-B', path.join(source, 'tests/conformance/models.py'),
                                    '--full', model.builder, folder, String(model.rows)]);
  return fs.readFileSync(path.join(folder, model.builder, 'case.txt'), 'utf8').split('\n')
    .map((line) => line.split(' ')).filter(([role]) => role === 'input')
    .map(([, , dims, , name]) => `--shape=${name}=${dims.replaceAll(',', 'x')}`);
}

async function startServers(library, folder, folders, model, options) {
  const caseFolder = path.join(folder, model.builder);
  const shapes = makeCase(folder, model);
  const neff = path.join(folder, 'model.neff');
  execFileSync(path.join(build, 'runtime/tools/neuron-cc'),
               ['compile', path.join(caseFolder, 'model.onnx'), '-o', neff, ...shapes, ...options,
                ...FURTHER_OPTIONS], {stdio: ['ignore', 'ignore', 'inherit']});
  return {
    ort: await startServer('ort_server', caseFolder, library, folders.ort, String(cores)),
    ours: await startServer('model_server', caseFolder, neff, folders.ours, String(cores)),
  };
}

// Measures a model. Returns how much faster ours is, by the number of cores.
async function measure(library, folder, model, name, precision) {
  const {options, difference: bound} = PRECISIONS[precision];
  const folders = {ours: path.join(folder, 'ours'), ort: path.join(folder, 'ort')};
  Object.values(folders).forEach((each) => fs.mkdirSync(each, {recursive: true}));
  const servers = await startServers(library, folder, folders, model, options);
  const target = !model.counts ? '-' : precision === 'float32' ? '<=1.0' : model.low ? '<=0.25' : '-';
  const speedups = {};
  const distance = await largestDifference(servers, folders);
  show(`${name}_difference`, distance.toExponential(2), 'rel-l2', `<=${bound}`);
  for (let streams = 1; streams <= cores; streams += 1) {
    const figure = streams === 1 ? name : `${name}_${streams}cores`;
    speedups[streams] = showTimes(figure, await timeBlocks(servers, streams), target);
  }
  Object.values(servers).forEach((server) => server.end());
  fs.rmSync(folder, {recursive: true});
  return speedups;
}

// The geometric mean over all models that count, and the least of them.
function showSpeedups(precision, streams, speedups) {
  const name = `${streams === 1 ? '' : `${streams}cores_`}${precision}`;
  const mean = Math.exp(speedups.reduce((sum, each) => sum + Math.log(each), 0) / speedups.length);
  const target = precision === 'float32' ? {mean: '>=1.2', least: '>=1.0'} : {};
  show(`speedup_${name}`, mean.toFixed(3), 'times', target.mean);
  show(`least_speedup_${name}`, Math.min(...speedups).toFixed(3), 'times', target.least);
}

async function main(library, folder, ...words) {
  const all = {};
  for (const word of words.length > 0 ? words : Object.keys(MODELS)) {
    const [model, precision = 'float32'] = word.split(':');
    if (!(model in MODELS) || !(precision in PRECISIONS)) {
      throw new Error(`${word}: give models of ${Object.keys(MODELS).join(', ')}; behind a colon ` +
                      `one of ${Object.keys(PRECISIONS).join(', ')}`);
    }
    const name = precision === 'float32' ? model : `${model}_${precision}`;
    const speedups = await measure(library, folder, MODELS[model], name, precision);
    for (const [streams, speedup] of Object.entries(speedups)) {
      if (MODELS[model].counts) {
        ((all[precision] ??= {})[streams] ??= []).push(speedup);
      }
    }
  }
  for (const [precision, byStreams] of Object.entries(all)) {
    for (const [streams, speedups] of Object.entries(byStreams)) {
      showSpeedups(precision, Number(streams), speedups);
    }
  }
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(`peers: ${error.message}`);
  process.exitCode = 1;
});
