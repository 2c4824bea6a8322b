// The names that releases of TensorFlow.js export, and the members of its tensors and models.
//
//     node tools/tfjs_names.js FOLDER > deplint/data/tfjs_names.json
//
// FOLDER holds `dist/tf.min.js` of releases of @tensorflow/tfjs as tf-4.22.0.js, tf-4.0.0.js, ...

const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const parts = (version) => version.split('.').map(Number);
const order = (a, b) => parts(a).reduce((found, part, at) => found || part - parts(b)[at], 0);
const folder = path.resolve(process.argv[2]);
const releases = fs.readdirSync(folder).map((name) => /^tf-([\d.]+)\.js$/.exec(name)).filter(Boolean).map((found) => found[1]).sort(order);

function members(value) {
  const found = new Set();
  for (let at = value; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    Object.getOwnPropertyNames(at).filter((name) => name !== 'constructor').forEach((name) => found.add(name));
  }
  return found;
}

function exported(tf) {
  const found = new Set();
  for (const [name, value] of Object.entries(tf)) {
    found.add(name);
    const own = value && typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value));
    if (own && !['ENV', 'version'].includes(name)) Object.keys(value).forEach((inner) => found.add(`${name}.${inner}`));
    if (!own && value && /^[a-z]/.test(name) && ['object', 'function'].includes(typeof value)) {
      // Namespaces that are classes, or objects of them.
      for (const holder of [value, value.constructor].filter((at) => ![Object, Function, Array].includes(at))) {
        Object.getOwnPropertyNames(holder).filter((inner) => inner !== 'prototype' && typeof holder[inner] === 'function')
          .forEach((inner) => found.add(`${name}.${inner}`));
      }
    }
  }
  return found;
}

const KINDS = ['names', 'Tensor', 'LayersModel', 'GraphModel'];

function seen(file) {
  const tf = require(file);
  const graph = tf.GraphModel || tf.FrozenModel;
  const models = [tf.tensor1d([1]), tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] }), Object.create(graph ? graph.prototype : null)];
  return [exported(tf), ...models.map(members)].map((names) => [...names]);
}

if (process.argv[3]) {
  // One process a release: they share their registry.
  const write = process.stdout.write.bind(process.stdout);
  console.log = console.warn = () => {};
  write(JSON.stringify(seen(path.join(folder, process.argv[3]))));
} else {
  const spans = KINDS.map(() => ({}));
  releases.forEach((release, at) => {
    const found = JSON.parse(execFileSync(process.execPath, [__filename, folder, `tf-${release}.js`], { stdio: ['ignore', 'pipe', 'ignore'] }));
    found.forEach((names, kind) => names.forEach((name) => { (spans[kind][name] ??= [at, at])[1] = at; }));
  });
  const rows = {};
  KINDS.forEach((kind, index) => {
    const listed = rows[kind] = {};
    for (const name of Object.keys(spans[index]).sort()) (listed[spans[index][name].map((at) => releases[at]).join(' ')] ??= []).push(name);
    for (const span of Object.keys(listed)) listed[span] = listed[span].join(' ');
  });
  const meta = { source: '@tensorflow/tfjs, dist/tf.min.js of each release, read by tools/tfjs_names.js', releases };
  process.stdout.write(JSON.stringify({ meta, rows }, null, 1) + '\n');
}
