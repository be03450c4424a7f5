'use strict';
// Does what life.py asks with one client library: node serve.js LIBRARY MERCHANT. A call is a line of JSON on standard input,
// what came of it a line on standard output.
const readline = require('node:readline');

const [, , library, merchant] = process.argv;
const client = require(`./${library}`)(JSON.parse(merchant));

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { call, ...how } = JSON.parse(line);
    let said;
    try {
      said = await client[call](how);
    } catch (problem) {
      said = { failed: String(problem.stack) };
    }
    process.stdout.write(`${JSON.stringify(said)}\n`);
  }
}

main();
