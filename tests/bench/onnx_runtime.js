// SPDX-License-Identifier: Apache-2.0
// Runs a case's model in ONNX Runtime and in ours, in turn, and prints figures as
// tests/bench/run.sh takes them:
//
//   node onnx_runtime.js NAME CASE PROGRAM SCRATCH
//
// ONNX Runtime runs in this process. PROGRAM (model_server.c) is started once, gets a number of
// runs by line, and answers with the microseconds of one. While one works, the other waits.
'use strict';
const {spawn} = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const ort = require('onnxruntime-node');

const BLOCKS = 21;
const BLOCK_MS = 250;
const ARRAYS = {float32: Float32Array, int64: BigInt64Array};

// The elements of a file of a case, or of what ours has written.
function readElements(file, type) {
  const bytes = fs.readFileSync(file);
  return new ARRAYS[type](new Uint8Array(bytes).buffer);
}

// The inputs that case.txt describes.
function readInputs(folder) {
  const feeds = {};
  for (const line of fs.readFileSync(path.join(folder, 'case.txt'), 'utf8').split('\n')) {
    const [role, type, dims, file, name] = line.split(' ');
    if (role === 'input') {
      feeds[name] = new ort.Tensor(type, readElements(path.join(folder, file), type),
                                   dims.split(',').map(Number));
    }
  }
  return feeds;
}

// Ours, with a call that gives it an order and resolves to its answer.
function startOurs(program, folder, scratch) {
  const child = spawn(program, [folder, scratch], {stdio: ['pipe', 'pipe', 'inherit']});
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
  return {answer, order, end: () => child.stdin.end()};
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
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

function largestDifference(session, outputs, scratch) {
  const differences = session.outputNames.map((name, index) => {
    const ours = readElements(path.join(scratch, `output_${index}.bin`), outputs[name].type);
    return difference(ours, outputs[name].data);
  });
  return differences.some(Number.isNaN) ? Infinity : Math.max(...differences);
}

async function timeOrt(session, feeds, runs) {
  await session.run(feeds);  // warms the caches, as ours does
  const begin = process.hrtime.bigint();
  for (let i = 0; i < runs; i += 1) {
    await session.run(feeds);
  }
  return Number(process.hrtime.bigint() - begin) / 1000 / runs;
}

async function main(name, folder, program, scratch) {
  const ours = startOurs(program, folder, scratch);
  await ours.answer();
  const session = await ort.InferenceSession.create(path.join(folder, 'model.onnx'), {
    intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential',
    graphOptimizationLevel: 'all'});
  const feeds = readInputs(folder);
  const outputs = await session.run(feeds);
  await ours.order('write');
  const runs = Math.max(1, Math.round(BLOCK_MS * 1000 / await timeOrt(session, feeds, 3)));
  const times = {ours: [], ort: []};
  for (let block = 0; block < BLOCKS; block += 1) {
    times.ort.push(await timeOrt(session, feeds, runs));
    times.ours.push(Number(await ours.order(`run ${runs}`)));
  }
  ours.end();
  const ratios = times.ours.map((time, block) => time / times.ort[block]);
  console.log(`onnx_runtime_${name}_ours ${(median(times.ours) / 1000).toFixed(3)} ms -`);
  console.log(`onnx_runtime_${name}_ort ${(median(times.ort) / 1000).toFixed(3)} ms -`);
  console.log(`onnx_runtime_${name}_ours_over_ort ${median(ratios).toFixed(3)} ratio -`);
  const distance = Math.min(largestDifference(session, outputs, scratch), 1e9);
  console.log(`onnx_runtime_${name}_difference ${distance.toExponential(2)} rel-l2 <=0.0001`);
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(`onnx_runtime: ${error.message}`);
  process.exitCode = 1;
});
